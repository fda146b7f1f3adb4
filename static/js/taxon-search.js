/**
 * <taxon-search>: suggestions under the search box, as an ARIA combobox with a list box. data-map is the address that a
 * choice goes to where the page has no filter. Without JavaScript the form inside leads to a page of results.
 */
import { change } from "./selection.js";
import { interpolate, ngettext } from "./words.js";

const PAUSE = 160; // ms of quiet before a look-up
const SHORTEST = 2;

class TaxonSearch extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.input = this.querySelector("input[type=search]");
    this.list = this.querySelector("[role=listbox]");
    this.status = this.querySelector("[role=status]");
    const roles = {
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-controls": this.list.id,
      "aria-expanded": "false",
    };
    Object.entries(roles).forEach(([name, value]) => this.input.setAttribute(name, value));
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.close());
    this.form.addEventListener("submit", (event) => this.submitted(event));
    // Before the input loses the focus, or the list would be closed under the finger.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", ({ target }) =>
      this.choose(target.closest("[data-taxon]")),
    );
  }

  disconnectedCallback() {
    this.forget();
  }

  options() {
    return [...this.list.querySelectorAll("[data-taxon]")];
  }

  forget() {
    clearTimeout(this.timer);
    this.request?.abort();
  }

  typed() {
    this.forget();
    if (this.input.value.trim().length < SHORTEST) this.close();
    else this.timer = setTimeout(() => this.look(), PAUSE);
  }

  async look() {
    this.request = new AbortController();
    const query = new URLSearchParams({ q: this.input.value });
    try {
      const headers = { "HX-Request": "true" };
      const response = await fetch(`${this.form.action}?${query}`, {
        headers,
        signal: this.request.signal,
      });
      if (!response.ok && response.status !== 400) throw new Error(String(response.status));
      this.list.innerHTML = await response.text();
      this.open();
    } catch (error) {
      if (error.name !== "AbortError") this.close(); // the form still leads to the page of results
    }
  }

  open() {
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.mark(null);
    const n = this.options().length;
    this.status.textContent = interpolate(ngettext("%s suggestion", "%s suggestions", n), [n]);
  }

  close() {
    this.forget();
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.mark(null);
    this.status.textContent = "";
  }

  mark(option) {
    this.marked?.setAttribute("aria-selected", "false");
    this.marked = option;
    if (!option) {
      this.input.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    this.input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    const options = this.options();
    const at = options.indexOf(this.marked);
    const steps = { ArrowDown: at + 1, ArrowUp: at < 0 ? options.length - 1 : at - 1 };
    if (event.key === "Escape" && !this.list.hidden) this.close();
    else if (event.key in steps && this.list.hidden) this.look();
    else if (event.key in steps && options.length) this.mark(options[steps[event.key]] ?? null);
    else if (event.key === "Enter" && this.marked) this.choose(this.marked);
    else return;
    event.preventDefault();
  }

  /** Enter takes the only match, or one of exactly this name; similar names must be chosen. */
  submitted(event) {
    const options = this.list.hidden
      ? []
      : this.options().filter(({ dataset }) => !("similar" in dataset));
    const name = this.input.value.trim().toLowerCase();
    const meant =
      options.length === 1
        ? options[0]
        : options.find(({ dataset }) => dataset.name.toLowerCase() === name);
    if (!meant) return;
    event.preventDefault();
    this.choose(meant);
  }

  choose(option) {
    if (!option) return;
    this.input.value = option.dataset.name;
    this.close();
    change({ taxon: option.dataset.taxon, q: "" }, this.dataset.map);
  }
}

customElements.define("taxon-search", TaxonSearch);
