/**
 * The basemap: Natural Earth's land, filled on canvas tiles. Tiles wrap by themselves, so a map dragged past 180 degrees
 * shows land there too; rings are cut at the antimeridian, so none draws a band across the map.
 */
import { colours, onSchemeChange } from "./theme.js";

const L = window.L;
const TILE = 512;
const FINE_FROM_ZOOM = 4;

/** Degrees to Web Mercator with the world as the unit square, y downwards. */
function mercator(lon, lat) {
  const sin = Math.sin((Math.max(-85.3, Math.min(85.3, lat)) * Math.PI) / 180);
  return [lon / 360 + 0.5, 0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)];
}

/** One flat ring of degrees -> {points: Float64Array in the unit square, box: [west, north, east, south]}. */
function project(ring) {
  const points = new Float64Array(ring.length);
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < ring.length; i += 2) {
    const [x, y] = mercator(ring[i], ring[i + 1]);
    points[i] = x;
    points[i + 1] = y;
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  }
  return { points, box };
}

async function loadRings(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return (await response.json()).rings.map(project);
}

export class LandLayer extends L.GridLayer {
  /** coarseUrl, fineUrl: the two basemap files; the fine one is fetched when the map first comes near. */
  constructor({ coarseUrl, fineUrl }) {
    super({ tileSize: TILE, pane: "tilePane", zIndex: 1, keepBuffer: 1 });
    this.urls = { coarse: coarseUrl, fine: fineUrl };
    this.rings = {};
  }

  onAdd(map) {
    super.onAdd(map);
    this.stopFollowing = onSchemeChange(() => this.redraw());
    this.need("coarse");
    map.on("zoomend", this.needFine, this);
    this.needFine();
    return this;
  }

  onRemove(map) {
    this.stopFollowing();
    map.off("zoomend", this.needFine, this);
    super.onRemove(map);
  }

  needFine() {
    if (this._map.getZoom() >= FINE_FROM_ZOOM) this.need("fine");
  }

  /** Fetch a set of rings once. Land is decoration: without it the map of observations still works. */
  async need(kind) {
    if (this.rings[kind] || !this.urls[kind]) return;
    this.rings[kind] = [];
    try {
      this.rings[kind] = await loadRings(this.urls[kind]);
    } catch {
      this.rings[kind] = null;
    }
    if (this._map) this.redraw();
  }

  createTile(coords) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = TILE;
    const near = coords.z >= FINE_FROM_ZOOM && this.rings.fine?.length;
    this.paint(canvas.getContext("2d"), coords, (near ? this.rings.fine : this.rings.coarse) ?? []);
    return canvas;
  }

  paint(context, coords, rings) {
    const scale = 256 * 2 ** coords.z;
    const [left, top] = [coords.x * TILE, coords.y * TILE];
    const margin = 2 / scale;
    context.beginPath();
    for (const { points, box } of rings) {
      const outside =
        box[0] - margin > (left + TILE) / scale || box[2] + margin < left / scale ||
        box[1] - margin > (top + TILE) / scale || box[3] + margin < top / scale;
      if (!outside) trace(context, points, scale, left, top);
    }
    context.fillStyle = colours("land").land;
    context.fill("evenodd");
  }
}

/** One ring as a subpath in tile pixels, without the points that are less than half a pixel apart. */
function trace(context, points, scale, left, top) {
  let [lastX, lastY] = [points[0] * scale - left, points[1] * scale - top];
  context.moveTo(lastX, lastY);
  for (let i = 2; i < points.length; i += 2) {
    const x = points[i] * scale - left;
    const y = points[i + 1] * scale - top;
    if (Math.abs(x - lastX) + Math.abs(y - lastY) < 0.5) continue;
    context.lineTo(x, y);
    [lastX, lastY] = [x, y];
  }
  context.closePath();
}
