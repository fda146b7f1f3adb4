/** The panel over the map: shows a fragment of the server's HTML, takes the focus, and gives it back when it closes. */
import { gettext } from "./words.js";

const MESSAGES = {
  404: gettext("Record not found."),
  410: gettext("This record has been withdrawn."),
};

export class MapPanel {
  /** host: the element that the panel is added to; onClose: called after closing, with the focus still in the panel. */
  constructor(host, onClose) {
    this.onClose = onClose;
    this.element = document.createElement("section");
    this.element.className = "map-panel";
    this.element.hidden = true;
    this.element.setAttribute("aria-labelledby", "map-panel-title");
    this.element.innerHTML = `
      <div class="map-panel-head">
        <h2 id="map-panel-title" tabindex="-1"></h2>
        <button type="button" class="map-panel-close" aria-label="Close"><span aria-hidden="true">×</span></button>
      </div>
      <div class="map-panel-body" aria-live="polite"></div>`;
    host.append(this.element);
    this.title = this.element.querySelector("h2");
    this.body = this.element.querySelector(".map-panel-body");
    this.element.querySelector("button").addEventListener("click", () => this.close());
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
  }

  /** Open with a title and the fragment at `url`; `link` = {href, text} is offered below it, and when it fails. */
  async show({ title, url, link, opener }) {
    this.request?.abort();
    this.request = new AbortController();
    this.opener = opener ?? document.activeElement;
    this.title.textContent = title;
    this.say("Loading …");
    this.element.hidden = false;
    this.title.focus({ preventScroll: true });
    try {
      const headers = { "HX-Request": "true", "HX-Target": "map-panel" };
      const response = await fetch(url, { headers, signal: this.request.signal });
      if (!response.ok) return this.fail(MESSAGES[response.status], link);
      this.body.innerHTML = await response.text();
      this.takeTitle();
      if (link) this.offer(link);
      window.htmx?.process(this.body);
    } catch (error) {
      if (error.name !== "AbortError") this.fail(undefined, link);
    }
    return undefined;
  }

  /** A fragment that brings its own heading names the panel. */
  takeTitle() {
    const heading = this.body.querySelector("[data-panel-title]");
    if (!heading) return;
    this.title.replaceChildren(...heading.childNodes);
    heading.remove();
  }

  say(text) {
    const paragraph = document.createElement("p");
    paragraph.textContent = text;
    this.body.replaceChildren(paragraph);
  }

  fail(
    message = gettext("Couldn't load this. Check your connection and try again."),
    link = undefined,
  ) {
    this.say(message);
    if (link) this.offer(link);
  }

  offer({ href, text }) {
    const anchor = Object.assign(document.createElement("a"), {
      href,
      textContent: text,
      className: "button quiet",
    });
    const paragraph = document.createElement("p");
    paragraph.append(anchor);
    this.body.append(paragraph);
  }

  close() {
    if (this.element.hidden) return;
    this.request?.abort();
    const hadFocus = this.element.contains(document.activeElement);
    this.element.hidden = true;
    this.body.replaceChildren();
    if (hadFocus) this.opener?.focus({ preventScroll: true });
    this.onClose();
  }
}
