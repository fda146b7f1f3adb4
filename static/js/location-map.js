/**
 * <location-map>: where one record lies.
 *
 * data-lat, data-lon       degrees
 * data-uncertainty         metres; drawn as a circle; empty when the provider did not say
 * data-label               text of the marker
 * data-land-coarse, data-land-fine   the basemap's files
 */
import { createMap } from "./base-map.js";
import { colours, onSchemeChange } from "./theme.js";

const L = window.L;

class LocationMap extends HTMLElement {
  connectedCallback() {
    const { lat, lon, uncertainty, label } = this.dataset;
    const place = [Number(lat), Number(lon)];
    const frame = document.createElement("div");
    frame.className = "map-canvas";
    frame.setAttribute("role", "application");
    frame.setAttribute("aria-label", label || "Map of the place");
    this.replaceChildren(frame);
    this.map = createMap(frame, this, { scrollWheelZoom: false });
    this.drawn = [L.circleMarker(place, { radius: 7, weight: 2, fillOpacity: 1, interactive: false })];
    const metres = Number(uncertainty);
    if (metres > 0) this.drawn.push(L.circle(place, { radius: metres, weight: 1.5, fillOpacity: 0.15, interactive: false }));
    this.map.setView(place, 5);
    this.drawn.forEach((shape) => shape.addTo(this.map));
    if (metres > 20000) this.map.fitBounds(this.drawn[1].getBounds(), { maxZoom: 9 });
    this.paint();
    this.stopFollowing = onSchemeChange(() => this.paint());
  }

  paint() {
    const { accent, surface } = colours("accent", "surface");
    this.drawn.forEach((shape, i) => shape.setStyle({ color: i ? accent : surface, fillColor: accent }));
  }

  disconnectedCallback() {
    this.stopFollowing?.();
    this.map?.remove();
  }
}

customElements.define("location-map", LocationMap);
