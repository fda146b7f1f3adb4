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
    const labels = [...this.inView(seas, "sea-name"), ...this.inView(cities, "city-name")];
    this.pane.replaceChildren(...labels.map(({ label }) => label));
    // All are measured before one is moved or taken away: the browser then lays them out once.
    const boxes = labels.map(boxOf);
    const taken = [];
    labels.forEach(({ label, point }, at) => {
      const isFree = !taken.some((other) => touch(boxes[at], other));
      if (!isFree) label.remove();
      else {
        taken.push(boxes[at]);
        L.DomUtil.setPosition(label, point);
      }
    });
  }

  /** [name, lon, lat] -> {label, point}, of those that the map shows. */
  inView(names, className) {
    const [middle, bounds] = [this._map.getCenter().lng, this._map.getBounds().pad(0.05)];
    return names.flatMap(([name, lon, lat]) => {
      const place = [lat, lon + 360 * Math.round((middle - lon) / 360)];
      if (!bounds.contains(place)) return [];
      const label = Object.assign(L.DomUtil.create("span", className), { textContent: name });
      return [{ label, point: this._map.latLngToLayerPoint(place) }];
    });
  }
}

function boxOf({ label, point }) {
  const { offsetWidth: width, offsetHeight: height } = label;
  return {
    left: point.x - width / 2 - MARGIN,
    right: point.x + width / 2 + MARGIN,
    top: point.y - height,
    bottom: point.y + height,
  };
}

const touch = (one, other) =>
  one.left <= other.right &&
  one.right >= other.left &&
  one.top <= other.bottom &&
  one.bottom >= other.top;
