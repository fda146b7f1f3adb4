/**
 * The map's part of the page's address. Filters, `map=zoom/lat/lon` and `compare=` (see comparison.js) stand in the
 * query; what the panel shows stands in the fragment (`#record=<key>` or `#here=west,south,east,north`). The server
 * never reads `map` or the fragment.
 */
import "./clean-address.js";

/** Parameters of the page that say nothing about which records are meant. */
export const NOT_FILTERS = ["map", "compare", "view", "after", "cursor", "before", "page"];

/** The filter in a query string, canonical: without the map's view and the list's page, empty values left out. */
export function filterQuery(search = location.search) {
  const filters = new URLSearchParams();
  for (const [name, value] of new URLSearchParams(search)) {
    if (!NOT_FILTERS.includes(name) && value.trim() !== "") filters.append(name, value);
  }
  filters.sort();
  return filters.toString();
}

/** `map=4/54.2/7.9` -> {zoom, lat, lon}, or null when it is missing or makes no sense. */
export function readView(search = location.search) {
  const parts = (new URLSearchParams(search).get("map") ?? "").split("/").map(Number);
  if (parts.length !== 3 || !parts.every(Number.isFinite)) return null;
  const [zoom, lat, lon] = parts;
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 100000 && zoom >= 0 && zoom <= 30
    ? { zoom, lat, lon: wrap(lon) }
    : null;
}

/** Longitudes into -180..180; 180 itself stays. */
export function wrap(lon) {
  return lon >= -180 && lon <= 180 ? lon : ((((lon + 180) % 360) + 360) % 360) - 180;
}

/** Leaflet bounds -> "west,south,east,north" as the server reads it: west > east where it crosses the antimeridian. */
export function bboxOf(bounds) {
  const round = (value) => Number(value.toFixed(6));
  const [south, north] = [Math.max(-90, bounds.getSouth()), Math.min(90, bounds.getNorth())];
  const whole = bounds.getEast() - bounds.getWest() >= 360 - 1e-6; // or rounding would leave a box without width
  const [west, east] = whole ? [-180, 180] : [wrap(bounds.getWest()), wrap(bounds.getEast())];
  return [west, south, east, north].map(round).join(",");
}

/** "west,south,east,north" -> Leaflet bounds that run eastwards, or null. */
export function boundsOf(bbox) {
  const parts = (bbox ?? "").split(",").map(Number);
  if (parts.length !== 4 || !parts.every(Number.isFinite)) return null;
  const [west, south, east, north] = parts;
  return window.L.latLngBounds([south, west], [north, east < west ? east + 360 : east]);
}

/** Write view, compared selections and fragment into the address, without a new step in the history; htmx's own state
 * is kept. What is not given stays. */
export function replaceAddress({ view, compared, fragment }) {
  const url = new URL(location.href);
  if (compared) {
    url.searchParams.delete("compare");
    compared.forEach((query) => url.searchParams.append("compare", query));
  }
  if (view)
    url.searchParams.set("map", `${view.zoom}/${view.lat.toFixed(4)}/${wrap(view.lon).toFixed(4)}`);
  if (fragment !== undefined) url.hash = fragment;
  const text = url.href.replaceAll("%2C", ",").replaceAll("%2F", "/").replace(/#$/, "");
  history.replaceState(history.state, "", text);
}

/** `#record=...` or `#here=...` -> {kind, value}, or null. */
export function readFragment(hash = location.hash) {
  const match = /^#(record|here)=([\w.,-]+)$/.exec(decodeURIComponent(hash));
  return match && { kind: match[1], value: match[2] };
}
