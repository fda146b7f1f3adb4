/**
 * <observation-map>: the map of all published observations.
 *
 * data-tiles       address of the vector tiles, with {z} {x} {y}
 * data-version     the data version; it makes the tiles' addresses lasting ones
 * data-max-zoom    the last zoom level that has tiles
 * data-card        address of a record's card, with {key}
 * data-list        address of the list; the filter and `bbox` are added
 * data-land        address of the basemap's folder (or data-basemap-tiles, see base-map.js)
 *
 * The filter is the page's query string; it is read again whenever htmx changes the address.
 */
import { createMap } from "./base-map.js";
import { CellsLayer, CELL_PIXELS } from "./cells-layer.js";
import { cellSize, LABELS, records } from "./density-scale.js";
import { bboxOf, boundsOf, filterQuery, readFragment, readView, replaceAddress } from "./map-address.js";
import { MapPanel } from "./map-panel.js";

const L = window.L;
const WORLD = { zoom: 1, lat: 20, lon: 0 };
const REACH = 14;
const ADDRESS_EVENTS = ["htmx:pushedIntoHistory", "htmx:replacedInHistory", "htmx:historyRestore"];

/** Links that change the filter keep the map where it is. */
function keepView(event) {
  const link = event.target.closest?.("a[data-keeps-view]");
  const view = new URLSearchParams(location.search).get("map");
  if (!link || !view) return;
  const url = new URL(link.href);
  url.searchParams.set("map", view);
  link.href = url.href;
}

class ObservationMap extends HTMLElement {
  connectedCallback() {
    this.buildFrame();
    this.map = createMap(this.querySelector(".map-canvas-inner"), this);
    this.cells = new CellsLayer({
      url: this.dataset.tiles,
      query: filterQuery(),
      version: this.dataset.version,
      maxZoom: Number(this.dataset.maxZoom || 16),
    });
    this.panel = new MapPanel(this.querySelector(".map-canvas"), () => this.panelClosed());
    this.openingView();
    this.listen();
    this.cells.addTo(this.map);
    this.showFilteredArea();
    this.describe();
    this.openFromAddress();
  }

  disconnectedCallback() {
    ADDRESS_EVENTS.forEach((name) => document.removeEventListener(name, this.onAddress));
    window.removeEventListener("popstate", this.onAddress);
    document.removeEventListener("click", keepView);
    this.map.remove();
  }

  buildFrame() {
    const legend = LABELS.map((label, i) => `<li><span class="swatch swatch-${i}"></span>${label}</li>`).join("");
    this.innerHTML = `
      <div class="map-canvas">
        <div class="map-busy" hidden></div>
        <div class="notice error map-problem" role="alert" hidden>
          <p></p><button type="button" class="button quiet small">Try again</button>
        </div>
        <div class="map-canvas-inner" role="application" aria-label="Map of observations" aria-describedby="map-help"></div>
        <div class="map-crosshair"></div>
      </div>
      <div class="map-tools">
        <div>
          <p class="map-summary" role="status"></p>
          <figure class="legend">
            <figcaption>Records per square. <span class="map-cell-size"></span></figcaption>
            <ul>${legend}</ul>
          </figure>
        </div>
        <div class="map-actions">
          <button type="button" class="button quiet map-list-here">List what is here</button>
        </div>
        <p id="map-help" class="visually-hidden">Arrow keys move the map, plus and minus zoom, Enter opens what lies
          under the cross in the middle. The list beside the map holds the same records.</p>
      </div>`;
  }

  piece(name) {
    return this.querySelector(`.map-${name}`);
  }

  /** The address's view, else the filtered area, else the world. */
  openingView() {
    const view = readView();
    const area = boundsOf(new URLSearchParams(location.search).get("bbox"));
    if (!view && area?.isValid()) this.map.fitBounds(area, { padding: [24, 24], maxZoom: 12 });
    else {
      const { zoom, lat, lon } = view ?? { ...WORLD, zoom: this.map.getSize().x > 700 ? 2 : 1 };
      this.map.setView([lat, lon], Math.max(1, Math.min(17, zoom)));
    }
  }

  listen() {
    this.map.on("moveend", () => this.moved());
    this.map.on("click", ({ latlng }) => this.openAt(latlng));
    this.map.getContainer().addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === this.map.getContainer()) this.openAt(this.map.getCenter());
    });
    this.cells.on("loading", () => { this.piece("busy").hidden = false; });
    this.cells.on("load", () => { this.piece("busy").hidden = true; this.describe(); });
    this.cells.on("progress", ({ failed }) => this.tilesChanged(failed));
    this.piece("problem").querySelector("button").addEventListener("click", () => this.cells.retry());
    this.piece("list-here").addEventListener("click", (event) => {
      this.select(null);
      this.openArea(this.map.getBounds(), "In this view", event.currentTarget);
    });
    document.addEventListener("click", keepView);
    this.onAddress = () => this.filterChanged();
    ADDRESS_EVENTS.forEach((name) => document.addEventListener(name, this.onAddress));
    window.addEventListener("popstate", this.onAddress);
    new ResizeObserver(() => this.map.invalidateSize({ animate: false })).observe(this.map.getContainer());
  }

  moved() {
    this.writeView();
    this.describe();
  }

  writeView() {
    const { lat, lng } = this.map.getCenter();
    replaceAddress({ view: { zoom: this.map.getZoom(), lat, lon: lng } });
  }

  filterChanged() {
    if (filterQuery() !== this.cells.query) {
      this.panel.close();
      this.cells.setQuery(filterQuery());
      this.showFilteredArea();
    }
    if (new URLSearchParams(location.search).has("map")) return;
    this.writeView();
  }

  /** Draw the outline of the filter's area. */
  showFilteredArea() {
    this.area?.remove();
    const bounds = boundsOf(new URLSearchParams(this.cells.query).get("bbox"));
    if (!bounds) return;
    const style = { className: "map-area", fill: false, weight: 2, dashArray: "6 4", interactive: false };
    this.area = L.rectangle(bounds, style).addTo(this.map);
  }

  tilesChanged(failed) {
    const problem = this.piece("problem");
    const text = this.cells.refusal || "Part of the map could not be loaded.";
    if (failed && problem.hidden) problem.querySelector("p").textContent = text;
    problem.querySelector("button").hidden = Boolean(this.cells.refusal);
    problem.hidden = failed === 0;
    this.describe();
  }

  /** Say in words what the map shows, and what a square covers. */
  describe() {
    const text = this.summary();
    if (this.piece("summary").textContent !== text) this.piece("summary").textContent = text;
    const size = cellSize(this.map.getCenter().lat, this.map.getZoom(), CELL_PIXELS);
    const coast = this.map.getZoom() > 8 ? " Coastline generalised, 1:50 million." : "";
    this.piece("cell-size").textContent = `A square covers about ${size} by ${size} at the middle of this view.${coast}`;
  }

  summary() {
    const { count, partly } = this.cells.summary(this.map.getBounds());
    const failed = this.cells.failed();
    if (!count && failed) return "No records loaded; some of the map is missing";
    if (!count && this.cells.isLoading()) return "Loading records …";
    const notes = [partly && "only part of them drawn", failed && "some of the map is missing"].filter(Boolean);
    return [`${records(count)} in this view`, ...notes].join("; ");
  }

  openAt(latlng) {
    const cell = this.cells.nearest(latlng, REACH);
    if (!cell) return;
    this.select(cell.bounds);
    if (cell.n === 1 && cell.key) this.openRecord(cell.key);
    else this.openArea(cell.bounds, records(cell.n));
  }

  /** Outline the square whose records the panel shows; none takes the outline away. */
  select(bounds) {
    this.selected?.remove();
    const style = { className: "map-selected", fill: false, weight: 2, interactive: false };
    this.selected = bounds && L.rectangle(bounds, style).addTo(this.map);
  }

  panelClosed() {
    this.select(null);
    replaceAddress({ fragment: "" });
  }

  openRecord(key) {
    const url = this.dataset.card.replace("{key}", encodeURIComponent(key));
    replaceAddress({ fragment: `record=${key}` });
    return this.panel.show({ title: "Observation", url, opener: this.map.getContainer() });
  }

  openArea(bounds, title, opener = this.map.getContainer()) {
    const bbox = bboxOf(bounds);
    const query = new URLSearchParams(filterQuery());
    query.set("bbox", bbox);
    const href = `${this.dataset.list}?${query.toString().replaceAll("%2C", ",")}`;
    replaceAddress({ fragment: `here=${bbox}` });
    return this.panel.show({ title, url: href, link: { href, text: "Open as a page" }, opener });
  }

  openFromAddress() {
    const fragment = readFragment();
    if (fragment?.kind === "record") this.openRecord(fragment.value);
    else if (fragment && boundsOf(fragment.value)) this.openArea(boundsOf(fragment.value), "Records here");
  }
}

customElements.define("observation-map", ObservationMap);
