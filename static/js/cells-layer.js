/**
 * The observations: vector tiles of counts in 64 x 64 squares, drawn on canvas. A tile has a layer `cells` (properties
 * `n`, and `key` where the square holds one record) and a layer `meta` (`total`, `shown`). A tile that fails is asked
 * again by itself, with growing pauses, and by retry().
 */
import Pbf from "../vendor/pbf-4.0.1/index.js";
import { VectorTile } from "../vendor/vector-tile-2.0.4/index.js";
import { STEPS, step } from "./density-scale.js";
import { colours, onSchemeChange } from "./theme.js";

const L = window.L;
const TILE = 512;
const GRID = 64;
export const CELL_PIXELS = TILE / GRID;
const PAUSES = [1500, 4000, 10000];

/** Bytes of a tile -> {cells: [{column, row, n, key}], total, shown}; an empty answer is a tile without records. */
export function readTile(bytes) {
  const { layers } = new VectorTile(new Pbf(bytes));
  const cells = [];
  for (let i = 0; i < (layers.cells?.length ?? 0); i += 1) {
    const feature = layers.cells.feature(i);
    const [west, north, east, south] = feature.bbox();
    const size = feature.extent / GRID;
    const column = Math.floor((west + east) / 2 / size);
    const row = Math.floor((north + south) / 2 / size);
    const inside = column >= 0 && row >= 0 && column < GRID && row < GRID;
    if (inside) cells.push({ column, row, n: Number(feature.properties.n), key: feature.properties.key });
  }
  const meta = layers.meta?.length ? layers.meta.feature(0).properties : {};
  const drawn = cells.reduce((sum, cell) => sum + cell.n, 0);
  return { cells, total: Number(meta.total ?? drawn), shown: Number(meta.shown ?? drawn) };
}

/** Events: `progress` when a tile arrives or fails, with `failed`, the number of tiles that are missing now. */
export class CellsLayer extends L.GridLayer {
  /** url: the tiles' address with {z} {x} {y}; query: the filter; version: of the data; maxZoom: the tiles' last zoom. */
  constructor({ url, query, version, maxZoom }) {
    super({ tileSize: TILE, zIndex: 2, keepBuffer: 1, maxNativeZoom: maxZoom + 1, updateWhenZooming: false });
    this.url = url;
    this.query = query;
    this.version = version;
    this.refusal = "";
    this.on("tileunload", ({ tile }) => this.forget(tile));
  }

  onAdd(map) {
    super.onAdd(map);
    this.again = () => this.retry();
    window.addEventListener("online", this.again);
    this.stopFollowing = onSchemeChange(() => this.tiles().forEach((tile) => this.paint(tile)));
    return this;
  }

  onRemove(map) {
    this.stopFollowing();
    window.removeEventListener("online", this.again);
    super.onRemove(map);
  }

  setQuery(query) {
    if (query === this.query) return;
    this.query = query;
    this.refusal = "";
    this.redraw();
  }

  tiles() {
    return Object.values(this._tiles ?? {}).map(({ el }) => el);
  }

  failed() {
    return this.tiles().filter((tile) => tile.failed).length;
  }

  createTile(coords, done) {
    const tile = document.createElement("canvas");
    const dense = Math.min(2, window.devicePixelRatio || 1);
    tile.width = tile.height = TILE * dense;
    Object.assign(tile, { dense, coords, attempts: 0, data: { cells: [], total: 0, shown: 0 } });
    this.load(tile).finally(() => done(null, tile));
    return tile;
  }

  /** A tile of 512 pixels at zoom z is the 256-pixel tile of z - 1 at twice its size. */
  addressOf({ x, y, z }) {
    const path = this.url.replace("{z}", z - 1).replace("{x}", x).replace("{y}", y);
    const query = new URLSearchParams(this.query);
    if (this.version) query.set("v", this.version);
    return `${path}?${query}`;
  }

  /** Fetch, read and draw one tile; never rejects. */
  async load(tile) {
    tile.request = new AbortController();
    try {
      const response = await fetch(this.addressOf(tile.coords), { signal: tile.request.signal });
      if (response.status === 400) this.refusal = "The map cannot show this search; see the filter's message.";
      if (!response.ok) throw new Error(String(response.status));
      tile.data = readTile(await response.arrayBuffer());
      Object.assign(tile, { failed: false, attempts: 0 });
      this.paint(tile);
    } catch (error) {
      if (error.name === "AbortError") return;
      tile.failed = true;
      this.tryLater(tile);
    }
    this.fire("progress", { failed: this.failed() });
  }

  tryLater(tile) {
    if (this.refusal || tile.attempts >= PAUSES.length) return;
    tile.timer = setTimeout(() => this.load(tile), PAUSES[tile.attempts]);
    tile.attempts += 1;
  }

  /** Ask again for every tile that failed. */
  retry() {
    const failed = this.tiles().filter((tile) => tile.failed);
    failed.forEach((tile) => {
      clearTimeout(tile.timer);
      tile.attempts = 0;
    });
    return Promise.all(failed.map((tile) => this.load(tile)));
  }

  forget(tile) {
    clearTimeout(tile.timer);
    tile.request?.abort();
  }

  paint(tile) {
    const ramp = colours(...STEPS);
    const context = tile.getContext("2d");
    context.setTransform(tile.dense, 0, 0, tile.dense, 0, 0);
    context.clearRect(0, 0, TILE, TILE);
    for (const cell of tile.data.cells) {
      const [x, y] = [cell.column * CELL_PIXELS, cell.row * CELL_PIXELS];
      context.fillStyle = ramp[STEPS[step(cell.n)]];
      context.beginPath();
      if (cell.n === 1) context.arc(x + CELL_PIXELS / 2, y + CELL_PIXELS / 2, CELL_PIXELS / 2 - 0.5, 0, 2 * Math.PI);
      else context.rect(x + 0.25, y + 0.25, CELL_PIXELS - 0.5, CELL_PIXELS - 0.5);
      context.fill();
    }
  }

  /** Every cell now loaded at the map's zoom: {n, key, point: its centre, in the map's pixels at that zoom}. */
  *cells() {
    const zoom = this._tileZoom;
    for (const { el, coords, current } of Object.values(this._tiles ?? {})) {
      if (!current || coords.z !== zoom) continue;
      for (const cell of el.data.cells) {
        const point = L.point(coords.x * TILE, coords.y * TILE);
        yield { ...cell, point: point.add([(cell.column + 0.5) * CELL_PIXELS, (cell.row + 0.5) * CELL_PIXELS]) };
      }
    }
  }

  /** The cell nearest to a place, within `reach` pixels of its centre, or null. */
  nearest(latlng, reach) {
    const target = this._map.project(latlng, this._tileZoom);
    let best = null;
    for (const cell of this.cells()) {
      const distance = Math.max(Math.abs(cell.point.x - target.x), Math.abs(cell.point.y - target.y));
      if (distance <= reach && (!best || distance < best.distance)) best = { ...cell, distance };
    }
    return best && { ...best, bounds: this.boundsOf(best) };
  }

  boundsOf({ point }) {
    const half = CELL_PIXELS / 2;
    const corners = [point.subtract([half, half]), point.add([half, half])];
    return L.latLngBounds(corners.map((corner) => this._map.unproject(corner, this._tileZoom)));
  }

  /** What the tiles say of the records in these bounds: {count: in squares centred inside, partly: shown < total}. */
  summary(bounds) {
    let count = 0;
    for (const cell of this.cells()) if (bounds.contains(this._map.unproject(cell.point, this._tileZoom))) count += cell.n;
    const partly = this.tiles().some((tile) => tile.data.shown < tile.data.total);
    return { count, partly };
  }
}
