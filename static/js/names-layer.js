/**
 * Names on the basemap, as text above its tiles: oceans and seas from the page (translated), cities from
 * the basemap's own file, once the map comes near. Decoration: hidden from assistive technology, and never in the way.
 */
const L = window.L;
const CITIES_FROM_ZOOM = 5;
const MARGIN = 12; // pixels between two names

export class NamesLayer extends L.Layer {
  /** url: the basemap's folder; seas: [[name, lon, lat, first zoom, last zoom], ...]. */
  constructor({ url, seas }) {
    super({ pane: "names" });
    this.url = url;
    this.seas = seas;
    this.cities = [];
  }

  onAdd(map) {
    this.pane = map.getPane("names") ?? map.createPane("names");
    this.pane.setAttribute("aria-hidden", "true");
    map.on("moveend", this.show, this);
    map.whenReady(this.show, this);
  }

  onRemove(map) {
    map.off("moveend", this.show, this);
    this.pane.replaceChildren();
  }

  /** Cities are fetched once, when first needed; without them the map has fewer names. */
  async needCities() {
    if (this.asked) return;
    this.asked = true;
    try {
      const response = await fetch(`${this.url}places.json`);
      this.cities = response.ok ? await response.json() : [];
    } catch {
      this.cities = [];
    }
    if (this.cities.length && this._map) this.show();
  }

  /** Place the names of this view; of two that would touch, the first stays. */
  show() {
    const zoom = this._map.getZoom();
    if (zoom >= CITIES_FROM_ZOOM) this.needCities();
    const seas = this.seas.filter(([, , , first, last]) => zoom >= first && zoom <= last);
    const cities = zoom >= CITIES_FROM_ZOOM ? this.cities : [];
    const taken = [];
    this.pane.replaceChildren();
    for (const [name, lon, lat] of seas) this.place(name, lon, lat, "sea-name", taken);
    for (const [name, lon, lat] of cities) this.place(name, lon, lat, "city-name", taken);
  }

  place(name, lon, lat, className, taken) {
    const middle = this._map.getCenter().lng;
    const turned = lon + 360 * Math.round((middle - lon) / 360);
    if (!this._map.getBounds().pad(0.05).contains([lat, turned])) return;
    const label = L.DomUtil.create("span", className, this.pane);
    label.textContent = name;
    const point = this._map.latLngToLayerPoint([lat, turned]);
    const { offsetWidth: width, offsetHeight: height } = label;
    const box = { left: point.x - width / 2 - MARGIN, right: point.x + width / 2 + MARGIN, top: point.y - height, bottom: point.y + height };
    const isFree = taken.every((other) => box.left > other.right || box.right < other.left || box.top > other.bottom || box.bottom < other.top);
    if (!isFree) return label.remove();
    taken.push(box);
    return L.DomUtil.setPosition(label, point);
  }
}
