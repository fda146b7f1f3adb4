/**
 * <live-call>: a link to the API with a button beside it that asks there and shows the answer on the page, as text.
 *
 * Without JavaScript it is the link alone.
 */
import { gettext, interpolate } from "./words.js";

const SHOWN = 4000; // characters of an answer
const TOLD = ["Content-Type", "ETag", "RateLimit"]; // headers

class LiveCall extends HTMLElement {
  connectedCallback() {
    this.link = this.querySelector("a");
    this.button = Object.assign(document.createElement("button"), {
      type: "button",
      className: "button quiet small",
    });
    this.button.textContent = gettext("Run");
    this.button.setAttribute(
      "aria-label",
      interpolate(gettext("Run %s"), [this.link.textContent]),
    );
    this.status = Object.assign(document.createElement("p"), { className: "small" });
    this.status.setAttribute("role", "status");
    this.append(this.button, this.status);
    this.button.addEventListener("click", () => this.ask());
  }

  async ask() {
    this.status.textContent = gettext("Running …");
    try {
      const answer = await fetch(this.link.href, { credentials: "omit" });
      const text = await answer.text();
      this.status.textContent = `${answer.status} ${answer.statusText}`;
      const headers = TOLD.filter((name) => answer.headers.has(name)).map(
        (name) => `${name}: ${answer.headers.get(name)}`,
      );
      this.show(
        `${headers.join("\n")}\n\n${pretty(text, answer.headers.get("Content-Type") ?? "")}`,
      );
    } catch {
      this.status.textContent = gettext(
        "Couldn't load this. Check your connection and try again.",
      );
    }
  }

  show(text) {
    this.answer ??= this.appendChild(document.createElement("pre"));
    Object.assign(this.answer, { className: "sample", tabIndex: 0 });
    this.answer.setAttribute("role", "region");
    this.answer.setAttribute(
      "aria-label",
      interpolate(gettext("Response from %s"), [this.link.textContent]),
    );
    this.answer.textContent = text.length > SHOWN ? `${text.slice(0, SHOWN)} …` : text;
  }
}

/** JSON with indents; anything else as it is. */
function pretty(text, type) {
  if (!type.includes("json")) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

customElements.define("live-call", LiveCall);
