/**
 * The observations: vector tiles of counts in squares and of single records, drawn on canvas; one selection or several
 * at once. A tile that fails is asked again by itself, with growing pauses, and by retry().
 */
import { onSchemeChange } from "./theme.js";
import { paint } from "./tile-painter.js";
import { NOTHING, readTile } from "./tile-reader.js";
import { gettext } from "./words.js";

const L = window.L;
const TILE = 512;
const PAUSES = [1500, 4000, 10000];

/** Events: `progress` when a tile arrives or fails, with `failed`, the number of tiles that are missing now. */
export class CellsLayer extends L.GridLayer {
  /** url: the tiles' address with {z} {x} {y}; query, or queries: the filters; version: of the data; maxZoom: of tiles. */
  constructor({ url, query, queries = [query], version, maxZoom }) {
    super({
      tileSize: TILE,
      zIndex: 2,
      keepBuffer: 1,
      minNativeZoom: 1,
      maxNativeZoom: maxZoom + 1,
      updateWhenZooming: false,
    });
    this.url = url;
    this.queries = queries;
    this.version = version;
    this.refusal = "";
    this.on("tileunload", ({ tile }) => this.forget(tile));
  }

  onAdd(map) {
    super.onAdd(map);
    this.again = () => this.retry();
    window.addEventListener("online", this.again);
    this.stopFollowing = onSchemeChange(() => this.tiles().forEach((tile) => this.draw(tile)));
    return this;
  }

  onRemove(map) {
    this.stopFollowing();
    window.removeEventListener("online", this.again);
    super.onRemove(map);
  }

  /** Other filters on the same tiles: each keeps what it shows until its new counts arrive. */
  setQueries(queries) {
    if (queries.join("\n") === this.queries.join("\n")) return;
    this.queries = queries;
    this.refusal = "";
    this.tiles().forEach((tile) => {
      this.forget(tile);
      tile.attempts = 0;
    });
    Promise.all(this.tiles().map((tile) => this.load(tile))).then(() => this.fire("load"));
  }

  tiles() {
    return Object.values(this._tiles ?? {}).map(({ el }) => el);
  }

  failed() {
    return this.tiles().filter((tile) => tile.failed).length;
  }

  isWaiting() {
    return this.isLoading() || this.tiles().some((tile) => tile.waits);
  }

  createTile(coords, done) {
    const tile = document.createElement("canvas");
    const dense = Math.min(2, window.devicePixelRatio || 1);
    tile.width = tile.height = TILE * dense;
    Object.assign(tile, { dense, coords, attempts: 0, data: [NOTHING] });
    this.load(tile).finally(() => done(null, tile));
    return tile;
  }

  /** A tile of 512 pixels at zoom z is the 256-pixel tile of z - 1 at twice its size. */
  addressOf({ x, y, z }, filter) {
    const path = this.url
      .replace("{z}", z - 1)
      .replace("{x}", x)
      .replace("{y}", y);
    const query = new URLSearchParams(filter);
    if (this.version) query.set("v", this.version);
    return `${path}?${query}`;
  }

  /** Fetch, read and draw one tile; never rejects. */
  async load(tile) {
    const request = new AbortController();
    Object.assign(tile, { request, waits: true });
    try {
      const data = await Promise.all(
        this.queries.map((query) => this.read(tile.coords, query, request.signal)),
      );
      Object.assign(tile, { data, failed: false, attempts: 0, waits: false });
      this.draw(tile);
    } catch {
      if (request.signal.aborted) return;
      request.abort();
      // Counts of another filter are not those of this one.
      Object.assign(tile, { data: [NOTHING], failed: true, waits: false });
      this.draw(tile);
      this.tryLater(tile);
    }
    this.fire("progress", { failed: this.failed() });
  }

  async read(coords, query, signal) {
    const response = await fetch(this.addressOf(coords, query), { signal });
    if (response.status === 400) this.refusal = gettext("One of your filters isn't valid. Correct it under Filters.");
    if (!response.ok) throw new Error(String(response.status));
    return readTile(await response.arrayBuffer());
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

  draw(tile) {
    const context = tile.getContext("2d");
    context.setTransform(tile.dense, 0, 0, tile.dense, 0, 0);
    paint(context, tile.data, TILE);
  }

  /** The whole zoom whose tiles are drawn; the map's own may lie a little below. */
  tileZoom() {
    return this._tileZoom;
  }

  /** Pixels of a square's side at that zoom. */
  cellPixels() {
    const sides = [...this.current()].flatMap(({ data }) =>
      data.filter(({ cells }) => cells.length).map(({ side }) => side),
    );
    return TILE / Math.min(...(sides.length ? sides : [NOTHING.side]));
  }

  /** The tiles at the map's zoom: {coords, data}; beyond 180 degrees the coords go on where addresses begin again. */
  *current() {
    for (const { el, coords, current } of Object.values(this._tiles ?? {})) {
      if (current && coords.z === this._tileZoom) yield { coords, data: el.data };
    }
  }

  /**
   * Every square and single record now loaded at the map's zoom: {n, key, layer: which selection, point: its middle in
   * the map's pixels, half: of its side; 0 of a single record}.
   */
  *marks() {
    for (const { coords, data } of this.current()) {
      const corner = L.point(coords.x * TILE, coords.y * TILE);
      for (const [layer, { side, cells, points }] of data.entries()) {
        const width = TILE / side;
        for (const { column, row, n, key } of cells) {
          yield {
            n,
            key,
            layer,
            half: width / 2,
            point: corner.add([(column + 0.5) * width, (row + 0.5) * width]),
          };
        }
        for (const { x, y, key } of points)
          yield { n: 1, key, layer, half: 0, point: corner.add([x * TILE, y * TILE]) };
      }
    }
  }

  /** The mark nearest to a place, within `reach` pixels of its middle, with its `bounds`, or null. */
  nearest(latlng, reach) {
    const target = this._map.project(latlng, this._tileZoom);
    let best = null;
    for (const mark of this.marks()) {
      const distance = Math.max(
        Math.abs(mark.point.x - target.x),
        Math.abs(mark.point.y - target.y),
      );
      if (distance <= Math.max(reach, mark.half) && (!best || distance < best.distance))
        best = { ...mark, distance };
    }
    return best && { ...best, bounds: this.boundsOf(best) };
  }

  boundsOf({ point, half }) {
    const corners = [point.subtract([half, half]), point.add([half, half])];
    return L.latLngBounds(corners.map((corner) => this._map.unproject(corner, this._tileZoom)));
  }

  /** The same bounds, rounded out to whole squares. */
  roundedOut(bounds) {
    return L.latLngBounds(
      this.pixelsOf(bounds).map((corner) => this._map.unproject(corner, this._tileZoom)),
    );
  }

  /** The north-western and south-eastern corner of the squares that these bounds touch, in the map's pixels. */
  pixelsOf(bounds) {
    const [width, zoom, map] = [this.cellPixels(), this._tileZoom, this._map];
    const corners = [
      map.project(bounds.getNorthWest(), zoom).divideBy(width).floor().multiplyBy(width),
      map.project(bounds.getSouthEast(), zoom).divideBy(width).ceil().multiplyBy(width),
    ];
    const onMap = (y) => Math.min(Math.max(y, 0), this.worldPixels()); // no square lies poleward of the map
    return corners.map(({ x, y }) => L.point(x, onMap(y)));
  }

  /** Pixels of the world's width and height at the zoom that is drawn. */
  worldPixels() {
    return L.CRS.EPSG3857.scale(this._tileZoom ?? this._map.getZoom()); // none while it is put on or taken off
  }

  /**
   * Of the first selection, in the squares that these bounds touch: {count, partly: shown < total, sampled}. A wide map
   * repeats the world; of a mark that is in view several times only the westernmost copy counts.
   */
  summary(bounds) {
    const area = L.bounds(this.pixelsOf(bounds));
    const turn = L.point(this.worldPixels(), 0);
    const counts = ({ layer, point }) =>
      layer === 0 && area.contains(point) && !area.contains(point.subtract(turn));
    let count = 0;
    for (const mark of this.marks()) if (counts(mark)) count += mark.n;
    const firsts = [...this.current()].map(({ data }) => data[0]);
    return {
      count,
      partly: firsts.some(({ shown, total }) => shown < total),
      sampled: firsts.some(({ sampled }) => sampled),
    };
  }
}
