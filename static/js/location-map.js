/**
 * <location-map>: where one record lies.
 *
 * data-lat, data-lon       degrees
 * data-uncertainty         metres; drawn as a circle; empty when the provider did not say
 * data-footprint          GeoJSON of the line or area that the provider gave; empty when none
 * data-label               text of the marker
 * data-land                address of the basemap's folder
 */
import { createMap } from "./base-map.js";
import { colours, onSchemeChange } from "./theme.js";
import { gettext } from "./words.js";

const L = window.L;

class LocationMap extends HTMLElement {
  connectedCallback() {
    const frame = document.createElement("div");
    frame.className = "map-canvas";
    frame.setAttribute("role", "application");
    frame.setAttribute("aria-label", this.dataset.label || gettext("Map of this location"));
    this.replaceChildren(frame);
    this.map = createMap(frame, this, { scrollWheelZoom: false });
    this.draw();
    this.stopFollowing = onSchemeChange(() => this.paint());
  }

  /** The point on top, below it the circle of its uncertainty and the footprint; the view holds them all. */
  draw() {
    const { lat, lon, uncertainty, footprint } = this.dataset;
    const place = [Number(lat), Number(lon)];
    const metres = Number(uncertainty);
    this.extents = [];
    if (footprint) this.extents.push(L.geoJSON(JSON.parse(footprint), { interactive: false }));
    if (metres > 0) this.extents.push(L.circle(place, { radius: metres, interactive: false }));
    this.point = L.circleMarker(place, { radius: 7, interactive: false });
    this.map.setView(place, 5);
    [...this.extents, this.point].forEach((shape) => shape.addTo(this.map));
    this.paint();
    const bounds = L.latLngBounds([place]);
    this.extents.forEach((shape) => bounds.extend(shape.getBounds()));
    if (this.map.getBoundsZoom(bounds) < 5) this.map.fitBounds(bounds, { padding: [16, 16] });
    else
      this.map.setZoom(Math.min(7, Math.max(5, this.map.getBoundsZoom(bounds.pad(1)))), {
        animate: false,
      });
  }

  paint() {
    const { accent, surface } = colours("accent", "surface");
    this.extents.forEach((shape) =>
      shape.setStyle({ color: accent, weight: 1.5, fillColor: accent, fillOpacity: 0.15 }),
    );
    this.point.setStyle({ color: surface, weight: 2, fillColor: accent, fillOpacity: 1 });
  }

  disconnectedCallback() {
    this.stopFollowing?.();
    this.map?.remove();
  }
}

customElements.define("location-map", LocationMap);
