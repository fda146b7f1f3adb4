/**
 * <observation-map>: the map of all published observations.
 *
 * data-tiles       address of the vector tiles, with {z} {x} {y}
 * data-version     of the data and of the portal; it makes the tiles' addresses lasting ones
 * data-max-zoom    the last zoom level that has tiles
 * data-card        address of a record's card, with {key}
 * data-list        address of the list; the filter and `bbox` are added
 * data-names       names of seas, as JSON
 * data-extent      west,south,east,north of the records, where they lie in one part of the world
 * data-land        address of the basemap's folder (or data-basemap-tiles, see base-map.js)
 *
 * The filter is the page's query string; it is read again whenever htmx changes the address. `view-changed` tells the
 * document what the map shows, as `view` does; `go-to-bounds` and `selection-preview` from anywhere move it, or show
 * another filter.
 */
import { AreaDrawing } from "./area-drawing.js";
import { createMap } from "./base-map.js";
import { inSteps } from "./breath.js";
import { CellsLayer } from "./cells-layer.js";
import { addressWith, compared, drawnQueries, MOST, wordsOf } from "./comparison.js";
import { cellSize } from "./density-scale.js";
import {
  bboxOf,
  boundsOf,
  filterQuery,
  readFragment,
  readView,
  replaceAddress,
} from "./map-address.js";
import { buildFrame, showLegend } from "./map-frame.js";
import { MapPanel } from "./map-panel.js";
import { areasOf, extentOf, squareOf } from "./map-shapes.js";
import { change } from "./selection.js";
import { gettext, interpolate, records } from "./words.js";

const L = window.L;
const WORLD = { lat: 20, lon: 0 };
const REACH = 14;
const ADDRESS_EVENTS = ["htmx:pushedIntoHistory", "htmx:replacedInHistory", "htmx:historyRestore"];

/** Links that change the filter keep the map where it is, and what it is compared with. */
function keepView(event) {
  const link = event.target.closest?.("a[data-keeps-view]");
  if (!link) return;
  const [here, url] = [new URLSearchParams(location.search), new URL(link.href)];
  if (here.has("map")) url.searchParams.set("map", here.get("map"));
  url.searchParams.delete("compare");
  here.getAll("compare").forEach((query) => url.searchParams.append("compare", query));
  link.href = url.href;
}

class ObservationMap extends HTMLElement {
  connectedCallback() {
    this.gone = new AbortController();
    this.compared = compared();
    this.query = filterQuery();
    const steps = [
      () => {
        this.parts = buildFrame(this);
      },
      () => {
        this.map = createMap(this.parts.inner, this);
      },
      () => this.openingView(),
      () => this.begin(),
      () => this.showSelections(),
      () => this.openFromAddress(),
    ];
    inSteps(steps, this.gone.signal);
  }

  disconnectedCallback() {
    this.gone.abort();
    this.map?.remove();
  }

  begin() {
    this.query = filterQuery(); // the address may have changed meanwhile
    this.cells = new CellsLayer({
      url: this.dataset.tiles,
      queries: drawnQueries(this.query, this.compared),
      version: this.dataset.version,
      maxZoom: Number(this.dataset.maxZoom || 16),
    });
    this.panel = new MapPanel(this.parts.canvas, () => this.panelClosed());
    const { tools, draw } = this.parts;
    this.drawing = new AreaDrawing(this.map, tools, draw, (polygon) =>
      change({ polygon, bbox: "", near: "" }),
    );
    draw.addEventListener("click", () => this.panel.close());
    this.listen();
    this.cells.addTo(this.map);
    this.showFilteredArea();
    this.moved();
  }

  /** The address's view, else the filtered area, else where the records lie, else the world. */
  openingView() {
    const view = readView();
    const [area] = areasOf(this.query);
    const extent = boundsOf(this.dataset.extent);
    if (!view && area) this.frame(area);
    else if (!view && extent) this.map.fitBounds(extent, { maxZoom: 12 });
    else {
      const { zoom, lat, lon } = view ?? { ...WORLD, zoom: this.map.getSize().x > 700 ? 2 : 0 };
      this.map.setView([lat, lon], zoom);
    }
    // As asked for, not as rounded to pixels: or the address would creep with every change of size.
    this.centre = view ? L.latLng(view.lat, view.lon) : this.map.getCenter();
  }

  /** What was in the middle stays there, unless the map is on its way elsewhere. */
  resized() {
    const before = this.map.getSize();
    this.isResizing = true;
    this.map.invalidateSize({ animate: false, pan: false });
    if (!this.isMoving && !before.equals(this.map.getSize()))
      this.map.setView(this.centre, this.map.getZoom(), { animate: false });
    this.isResizing = false;
  }

  /** A circle knows its bounds on a map that has a view only. */
  frame(area) {
    if (area instanceof L.Circle)
      this.map.fitBounds(area.getLatLng().toBounds(2 * area.options.radius), { maxZoom: 12 });
    else this.map.fitBounds(area.getBounds(), { padding: [24, 24], maxZoom: 12 });
  }

  listen() {
    this.gone = new AbortController();
    const { signal } = this.gone;
    this.map.on("movestart", () => {
      this.isMoving = !this.isResizing;
    });
    this.map.on("moveend", () => this.moved());
    this.map.on("click", ({ latlng }) =>
      this.drawing.isOn ? this.drawing.add(latlng) : this.openAt(latlng),
    );
    this.map.getContainer().addEventListener("keydown", (event) => {
      if (event.target !== this.map.getContainer()) return;
      if (this.drawing.isOn) this.drawing.pressed(event);
      else if (event.key === "Enter") this.openAt(this.map.getCenter());
    });
    this.cells.on("loading", () => {
      this.parts.busy.hidden = false;
      this.describe();
    });
    this.cells.on("load", () => this.arrived());
    this.cells.on("progress", ({ failed }) => this.tilesChanged(failed));
    this.parts.again.addEventListener("click", () => this.cells.retry());
    this.parts.listHere.addEventListener("click", (event) => {
      this.mark(null);
      this.openArea(
        this.cells.roundedOut(this.map.getBounds()),
        gettext("In this view"),
        event.currentTarget,
      );
    });
    document.addEventListener("click", keepView, { signal });
    document.addEventListener("selection-preview", ({ detail }) => this.draw(detail.query), {
      signal,
    });
    document.addEventListener("go-to-bounds", ({ detail }) => this.goTo(detail), { signal });
    const onAddress = () => this.filterChanged();
    ADDRESS_EVENTS.forEach((name) => document.addEventListener(name, onAddress, { signal }));
    document.addEventListener("htmx:afterSettle", () => this.showSelections(), { signal });
    window.addEventListener("popstate", onAddress, { signal });
    new ResizeObserver(() => this.resized()).observe(this.map.getContainer());
  }

  goTo(bounds) {
    this.map.fitBounds(bounds, { maxZoom: 12 });
    this.map.getContainer().focus({ preventScroll: true });
    this.scrollIntoView({ block: "nearest" });
  }

  moved() {
    if (!this.isResizing) {
      this.isMoving = false;
      this.centre = this.map.getCenter();
    }
    this.writeView();
    this.describe();
    this.tellView();
  }

  arrived() {
    this.parts.busy.hidden = true;
    this.describe();
    this.tellView();
  }

  /** Tell the document what the map shows, in whole squares, once for each change. */
  tellView() {
    const bounds = this.cells.roundedOut(this.map.getBounds());
    const bbox = bboxOf(bounds);
    if (bbox === this.told) return;
    this.told = bbox;
    this.view = { bounds, query: this.query };
    this.dispatchEvent(new CustomEvent("view-changed", { bubbles: true, detail: this.view }));
  }

  writeView() {
    const { lat, lng } = this.centre;
    replaceAddress({ view: { zoom: this.map.getZoom(), lat, lon: lng }, compared: this.compared });
  }

  filterChanged() {
    const query = filterQuery();
    if (query !== this.query) {
      this.panel.close();
      this.drawing.stop();
      const before = areasOf(this.query).length;
      this.query = query;
      this.showFilteredArea();
      if (!before && this.area) this.frame(this.area.getLayers()[0]);
      this.told = null;
      this.tellView();
    }
    this.draw(query);
    this.writeView();
  }

  /** Show this filter beside those it is compared with, whatever the address says. */
  draw(query) {
    this.cells.setQueries(drawnQueries(query, this.compared));
    this.describe();
  }

  showFilteredArea() {
    this.area?.remove();
    const shapes = areasOf(this.query);
    this.area = shapes.length ? L.featureGroup(shapes).addTo(this.map) : null;
  }

  /** What is asked for, legend, link for comparing; the server's words for each selection are somewhere on the page. */
  showSelections() {
    const words = wordsOf();
    this.parts.words.textContent = words[this.query] ?? "";
    const layers = drawnQueries(this.query, this.compared).map((query) => ({
      words: words[query] ?? gettext("This search"),
      without:
        this.compared.includes(query) &&
        addressWith(this.compared.filter((other) => other !== query)),
    }));
    showLegend(this.parts, layers);
    this.describe();
    const isKept = this.compared.includes(this.query);
    this.parts.compare.hidden = isKept || this.compared.length >= MOST;
    this.parts.compare.href = addressWith([...this.compared, this.query]);
  }

  tilesChanged(failed) {
    const { problem, again } = this.parts;
    if (failed && problem.hidden) problem.querySelector("div").replaceChildren(...this.reasons());
    again.hidden = Boolean(this.cells.refusal);
    problem.hidden = failed === 0;
    this.describe();
  }

  /** Return why tiles are missing: the server's own words where the page has them, far below the map on a phone. */
  reasons() {
    const told = this.cells.refusal && document.querySelector("#results [data-refusal]");
    if (told) return told.cloneNode(true).children;
    const paragraph = document.createElement("p");
    paragraph.textContent = this.cells.refusal || gettext("Couldn't load part of the map.");
    return [paragraph];
  }

  /** Say in words what the map shows, and what a square covers; once for all that happens before the next picture. */
  describe() {
    this.toDescribe ??= requestAnimationFrame(() => {
      this.toDescribe = null;
      if (!this.gone.signal.aborted) this.tell();
    });
  }

  tell() {
    const text = this.summary();
    if (this.parts.summary.textContent !== text) this.parts.summary.textContent = text;
    this.parts.total.textContent = this.total();
    const size = cellSize(this.map.getCenter().lat, this.cells.tileZoom(), this.cells.cellPixels());
    this.parts.cellSize.textContent = interpolate(
      gettext("(about %s wide)"),
      [size],
    );
  }

  summary() {
    if (this.cells.refusal) return gettext("Check your filters");
    if (this.cells.isWaiting()) return gettext("Loading records …");
    const { count, partly, sampled } = this.cells.summary(this.map.getBounds());
    const failed = this.cells.failed();
    if (!count && failed) return gettext("Couldn't load records");
    const notes = [
      sampled && gettext("estimated"),
      partly && gettext("not all shown"),
      failed && gettext("part of the map is missing"),
    ];
    return [`${records(count)} ${gettext("in this view")}`, ...notes.filter(Boolean)].join("; ");
  }

  /** ", of 59,046": of how many, where the list beside the map holds more than the view. */
  total() {
    const { dataset } = document.getElementById("results") ?? { dataset: {} };
    const isOfThese = dataset.total && filterQuery(`?${dataset.query}`) === this.cells.queries[0];
    const { count } = this.cells.summary(this.map.getBounds());
    const isKnown = !this.cells.isWaiting() && !this.cells.failed();
    if (!isOfThese || !isKnown || count === Number(dataset.number)) return "";
    return interpolate(gettext(", of %s"), [dataset.total]);
  }

  openAt(latlng) {
    const found = this.cells.nearest(latlng, REACH);
    if (!found) return;
    const query = this.cells.queries[found.layer];
    this.mark(found.half ? squareOf(found.bounds) : null);
    if (found.n === 1 && found.key) this.openRecord(found.key);
    else this.openArea(found.bounds, records(found.n), this.map.getContainer(), query);
  }

  /** The shape that goes with what the panel shows; none takes it away. */
  mark(shape) {
    this.marked?.remove();
    this.marked = shape?.addTo(this.map);
  }

  panelClosed() {
    this.mark(null);
    replaceAddress({ fragment: "" });
  }

  async openRecord(key) {
    const url = this.dataset.card.replace("{key}", encodeURIComponent(key));
    replaceAddress({ fragment: `record=${key}` });
    await this.panel.show({ title: gettext("Record"), url, opener: this.map.getContainer() });
    const extent = extentOf(this.panel.body);
    if (extent) this.mark(extent);
  }

  openArea(bounds, title, opener = this.map.getContainer(), filter = this.query) {
    const bbox = bboxOf(bounds);
    const query = new URLSearchParams(filter);
    query.set("bbox", bbox);
    const href = `${this.dataset.list}?${query.toString().replaceAll("%2C", ",")}`;
    replaceAddress({ fragment: `here=${bbox}` });
    return this.panel.show({
      title,
      url: href,
      link: { href, text: gettext("Open full page") },
      opener,
    });
  }

  openFromAddress() {
    const fragment = readFragment();
    if (fragment?.kind === "record") this.openRecord(fragment.value);
    else if (fragment && boundsOf(fragment.value))
      this.openArea(boundsOf(fragment.value), gettext("Records here"));
  }
}

customElements.define("observation-map", ObservationMap);
