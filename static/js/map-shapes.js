/** Shapes over the map: the area that the filter asks for, the square that is open, the extent of an open record. */
import { boundsOf } from "./map-address.js";

const L = window.L;
const AREA = {
  className: "map-area",
  fill: false,
  weight: 2,
  dashArray: "6 4",
  interactive: false,
};
const SELECTED = { className: "map-selected", fill: false, weight: 2, interactive: false };
const EXTENT = { className: "map-extent", weight: 1.5, interactive: false };
const METRES_PER_KILOMETRE = 1000;

/** "POLYGON((0 50, 8 50, ...))" -> Leaflet's rings of [lat, lng]; none of what is no such text. */
function ringsOf(wkt) {
  const rings = /^(MULTI)?POLYGON/i.test(wkt) ? (wkt.match(/\([^()]+\)/g) ?? []) : [];
  return rings.map((ring) =>
    ring
      .slice(1, -1)
      .split(",")
      .map((pair) => pair.trim().split(/\s+/).map(Number).reverse()),
  );
}

/** The filter's areas as Leaflet shapes: bbox, near and an outline that stands in the address. */
export function areasOf(query) {
  const asked = new URLSearchParams(query);
  const box = boundsOf(asked.get("bbox"));
  const near = (asked.get("near") ?? "").split(",").map(Number);
  const rings = ringsOf(asked.get("polygon") ?? "");
  return [
    box && L.rectangle(box, AREA),
    near.length === 3 &&
      near.every(Number.isFinite) &&
      L.circle(near.slice(0, 2), { ...AREA, radius: near[2] * METRES_PER_KILOMETRE }),
    rings.length > 0 &&
      L.polygon(
        rings.map((ring) => [ring]),
        AREA,
      ),
  ].filter(Boolean);
}

/** The square whose records are listed. */
export const squareOf = (bounds) => L.rectangle(bounds, SELECTED);

/** Where an open record may lie: its card's [data-place] says its uncertainty (metres) and footprint (GeoJSON). */
export function extentOf(card) {
  const place = card.querySelector("[data-place]")?.dataset;
  if (!place) return null;
  const shapes = [];
  if (Number(place.uncertainty) > 0)
    shapes.push(L.circle([place.lat, place.lon], { ...EXTENT, radius: Number(place.uncertainty) }));
  if (place.footprint)
    shapes.push(L.geoJSON(JSON.parse(place.footprint), { ...EXTENT, style: EXTENT }));
  shapes.push(L.circleMarker([place.lat, place.lon], { ...SELECTED, radius: 9 }));
  return L.featureGroup(shapes);
}
