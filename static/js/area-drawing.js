/**
 * Drawing an area on the map corner by corner: by click or tap, or with Enter at the cross in the middle of the map.
 * Backspace takes the last corner back, Escape ends it all. The first corner, or the button, closes the outline.
 */
import { gettext } from "./words.js";

const L = window.L;
const LINE = { className: "map-drawn", weight: 2, fill: false, interactive: false };
const CLOSING = { ...LINE, dashArray: "4 6" };
const CORNER = {
  className: "map-corner",
  radius: 6,
  weight: 2,
  fillOpacity: 1,
  interactive: false,
};
const FEWEST = 3; // corners
const REACH = 14; // pixels from the first corner that mean it
const HALF_WORLD = 180; // degrees
const DECIMALS = 5; // of a degree: a metre

export class AreaDrawing {
  /** host: what the tools are put into; button: begins; onDone: is given the outline as WKT, and ends with `stop`. */
  constructor(map, host, button, onDone) {
    Object.assign(this, { map, button, onDone, corners: [], shapes: L.layerGroup(), isOn: false });
    this.tools = buildTools(host);
    button.addEventListener("click", () => this.start());
    this.tools.undo.addEventListener("click", () => this.undo());
    this.tools.cancel.addEventListener("click", () => this.stop());
    this.tools.done.addEventListener("click", () => this.finish());
    this.tools.bar.addEventListener("keydown", ({ key }) => key === "Escape" && this.stop());
  }

  start() {
    if (!this.isOn) this.corners = [];
    this.isOn = true;
    this.map.doubleClickZoom.disable();
    this.shapes.addTo(this.map);
    this.changed();
    this.tools.bar.hidden = false;
    this.map.getContainer().focus({ preventScroll: true });
    this.map.getContainer().scrollIntoView({ block: "nearest" });
  }

  stop() {
    if (!this.isOn) return;
    this.isOn = false;
    this.map.doubleClickZoom.enable();
    this.shapes.remove();
    this.tools.bar.hidden = true;
    this.button.focus({ preventScroll: true });
  }

  /** The map's keys while it is on. */
  pressed(event) {
    if (event.key === "Enter") this.add(this.map.getCenter());
    else if (event.key === "Backspace") this.undo();
    else if (event.key === "Escape") this.stop();
    else return;
    event.preventDefault();
  }

  add(latlng) {
    if (this.corners.length >= FEWEST && this.isFirst(latlng)) {
      this.finish();
      return;
    }
    this.corners.push(latlng);
    this.changed();
  }

  isFirst(latlng) {
    const [first, here] = [this.corners[0], latlng].map((at) =>
      this.map.latLngToContainerPoint(at),
    );
    return first.distanceTo(here) <= REACH;
  }

  undo() {
    this.corners.pop();
    this.changed();
  }

  changed() {
    const { corners, shapes, tools } = this;
    shapes.clearLayers();
    shapes.addLayer(L.polyline(corners, LINE));
    if (corners.length >= FEWEST)
      shapes.addLayer(L.polyline([corners.at(-1), corners[0]], CLOSING));
    corners.forEach((corner) => shapes.addLayer(L.circleMarker(corner, CORNER)));
    const fault = faultOf(corners);
    tools.status.textContent = fault || hint(corners.length);
    tools.undo.disabled = !corners.length;
    tools.done.disabled = corners.length < FEWEST || Boolean(fault);
  }

  finish() {
    if (!this.tools.done.disabled) this.onDone(wktOf(this.corners));
  }
}

function buildTools(host) {
  const bar = document.createElement("div");
  bar.className = "map-drawing";
  bar.hidden = true;
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", gettext("Draw an area"));
  const status = document.createElement("p");
  status.setAttribute("role", "status");
  const [done, undo, cancel] = [
    gettext("Search this area"),
    gettext("Undo"),
    gettext("Cancel"),
  ].map((text, i) =>
    Object.assign(document.createElement("button"), {
      type: "button",
      textContent: text,
      className: i ? "button quiet small" : "button small",
    }),
  );
  bar.append(status, done, undo, cancel);
  host.prepend(bar);
  return { bar, status, done, undo, cancel };
}

function hint(corners) {
  if (!corners)
    return gettext("Tap the map to outline an area, or press Enter to add the centre.");
  if (corners < FEWEST) return gettext("Add at least three points.");
  return gettext("Add more points, or search this area.");
}

/** Why the corners are no outline, or "". */
function faultOf(corners) {
  if (corners.length < FEWEST) return "";
  const edges = corners.map((corner, i) => [corner, corners[(i + 1) % corners.length]]);
  if (edges.some(([from, to]) => Math.abs(from.lng - to.lng) > HALF_WORLD))
    return gettext("A side spans more than half the world. Add a point in between.");
  const crosses = edges.some((edge, i) =>
    edges.slice(i + 2).some((other) => other[1] !== edge[0] && cross(edge, other)),
  );
  return crosses ? gettext("The outline crosses itself. Undo the last point.") : "";
}

/** On which side of the line from a to b the third lies: -1, 0 or 1. */
const side = (a, b, c) =>
  Math.sign((b.lng - a.lng) * (c.lat - a.lat) - (b.lat - a.lat) * (c.lng - a.lng));
const cross = ([a, b], [c, d]) =>
  side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b);

/** The outline in degrees, turned round the world until it begins within -180 to 180. */
function wktOf(corners) {
  const turned = corners[0].lng - corners[0].wrap().lng;
  const points = [...corners, corners[0]].map(
    ({ lat, lng }) =>
      `${Number((lng - turned).toFixed(DECIMALS))} ${Number(lat.toFixed(DECIMALS))}`,
  );
  return `POLYGON((${points.join(",")}))`;
}
