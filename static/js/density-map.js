/**
 * <density-map>: the map of one question, on a page that is about something else.
 *
 * data-tiles, data-version, data-max-zoom   as of <observation-map>
 * data-query   the question, a query string
 * data-label   what the map shows, in words
 * data-extent  what it opens on, west,south,east,north; else the world
 * data-land    address of the basemap's folder
 */
import { createMap } from "./base-map.js";
import { inSteps } from "./breath.js";
import { CellsLayer } from "./cells-layer.js";
import { boundsOf } from "./map-address.js";
import { gettext } from "./words.js";

const WORLD = "-180,-60,180,75";

class DensityMap extends HTMLElement {
  connectedCallback() {
    const frame = Object.assign(document.createElement("div"), { className: "map-canvas" });
    frame.setAttribute("role", "application");
    frame.setAttribute("aria-label", this.dataset.label);
    const problem = Object.assign(document.createElement("p"), {
      className: "notice error map-problem",
      hidden: true,
    });
    problem.setAttribute("role", "alert");
    this.replaceChildren(frame, problem);
    this.gone = new AbortController();
    const steps = [
      () => {
        this.map = createMap(frame, this, { scrollWheelZoom: false, zoomSnap: 0.25 });
      },
      () => this.frame(this.dataset.extent || WORLD),
      () => this.begin(problem),
    ];
    inSteps(steps, this.gone.signal);
  }

  begin(problem) {
    const { tiles: url, query, version, maxZoom } = this.dataset;
    const cells = new CellsLayer({ url, query, version, maxZoom: Number(maxZoom) });
    cells.on("progress", ({ failed }) => {
      problem.textContent = gettext("Couldn't load part of the map.");
      problem.hidden = failed === 0;
    });
    cells.addTo(this.map);
  }

  frame(extent) {
    this.map.fitBounds(boundsOf(extent), { animate: false, maxZoom: 7 });
  }

  disconnectedCallback() {
    this.gone.abort();
    this.map?.remove();
  }
}

customElements.define("density-map", DensityMap);
