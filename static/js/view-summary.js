/**
 * <view-summary>: what is in the map's view, in words, years, months by depths, species and datasets.
 *
 * data-url   address of the summary; the filter and the view are added
 *
 * It follows the map's `view-changed` and the page's address, after a pause, and says the new count aloud. While one of
 * its widgets is in use (`data-busy`), nothing is put in its place.
 */
import { bboxOf, boundsOf, filterQuery } from "./map-address.js";
import { go } from "./selection.js";
import { gettext } from "./words.js";

const PAUSE = 350; // ms without a move

class ViewSummary extends HTMLElement {
  connectedCallback() {
    this.body = this.querySelector(".summary-body");
    this.voice = this.querySelector("[role=status]");
    this.query = filterQuery();
    this.onView = ({ detail }) => this.follow(detail);
    this.onPreview = ({ detail }) => this.follow({ query: detail.query });
    const { view } = document.querySelector("observation-map") ?? {};
    if (view) this.follow(view); // the map was there first
    document.addEventListener("view-changed", this.onView);
    document.addEventListener("selection-preview", this.onPreview);
    this.addEventListener("click", (event) => this.clicked(event));
    this.addEventListener("widget-free", () => this.soon());
  }

  disconnectedCallback() {
    document.removeEventListener("view-changed", this.onView);
    document.removeEventListener("selection-preview", this.onPreview);
    clearTimeout(this.timer);
    this.request?.abort();
  }

  /** bounds: of the view, rounded out to squares; query: the filter. What is not given stays. */
  follow({ bounds, query }) {
    if (bounds) this.view = bboxOf(bounds);
    if (query !== undefined) this.query = query;
    this.soon();
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), PAUSE);
  }

  async load() {
    const query = new URLSearchParams(this.query);
    if (this.view) query.set("view", this.view);
    const address = `${this.dataset.url}?${query}`.replaceAll("%2C", ",");
    if (!this.view) return;
    this.request?.abort();
    if (address === this.shown) {
      this.body.removeAttribute("aria-busy");
      return;
    }
    this.request = new AbortController();
    this.body.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(address, {
        headers: { "HX-Request": "true" },
        signal: this.request.signal,
      });
      if (!response.ok && ![400, 503].includes(response.status))
        throw new Error(String(response.status));
      this.put(await response.text());
      this.shown = response.ok ? address : null;
    } catch (error) {
      if (error.name === "AbortError") return;
      this.say(gettext("Couldn't load the summary. Move the map to try again."));
    }
    this.body.removeAttribute("aria-busy");
  }

  put(html) {
    if (this.querySelector("[data-busy]")) {
      const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-told]");
      const told = this.querySelector("[data-told]");
      if (fresh && told) told.textContent = fresh.textContent;
      return;
    }
    const focused = this.body.contains(document.activeElement) ? document.activeElement.id : "";
    const open = this.body.querySelector("details")?.open;
    this.body.innerHTML = html;
    if (open) this.body.querySelector("details")?.setAttribute("open", "");
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    this.say(this.querySelector("[data-told]")?.textContent ?? "");
  }

  say(text) {
    if (this.voice.textContent !== text) this.voice.textContent = text;
  }

  /** A link that asks something changes the page in place; one to a place moves the map there. */
  clicked(event) {
    const link = event.target.closest("a[data-asks], a[data-box]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    if (link.dataset.box)
      this.dispatchEvent(
        new CustomEvent("go-to-bounds", { bubbles: true, detail: boundsOf(link.dataset.box) }),
      );
    else go(link.getAttribute("href"));
  }
}

customElements.define("view-summary", ViewSummary);
