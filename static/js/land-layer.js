/**
 * The basemap: Natural Earth's land and a graticule on canvas tiles. Far out one file of coarse land serves; near by,
 * tiles of two levels (1:50 million cut at zoom 2, 1:10 million at zoom 5), each fetched when it is first seen. Tiles
 * wrap by themselves, so a map dragged past 180 degrees shows land there too.
 */
import Pbf from "../vendor/pbf-4.0.1/index.js";
import { VectorTile } from "../vendor/vector-tile-2.0.4/index.js";
import { colours, onSchemeChange } from "./theme.js";

const L = window.L;
const TILE = 512;
const LEVELS = [2, 5]; // zooms of the tiles that the files are cut at
const ALL_LAND = "1";
const HAS_FILE = "2";
const KEPT_FILES = 200;
const LATITUDE_LIMIT = 85.0511;
/** Degrees between the lines of the graticule at map zooms 0, 1, 2, ... */
const GRATICULE = [30, 30, 30, 15, 10, 5, 2, 1, 1];

/** Degrees to Web Mercator with the world as the unit square, y downwards. */
function mercator(lon, lat) {
  const sin = Math.sin((Math.max(-85.3, Math.min(85.3, lat)) * Math.PI) / 180);
  return [lon / 360 + 0.5, 0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)];
}

/** Flat rings of degrees -> a path in the unit square. */
function pathOfRings(rings) {
  const path = new Path2D();
  for (const ring of rings) {
    for (let i = 0; i < ring.length; i += 2)
      path[i ? "lineTo" : "moveTo"](...mercator(ring[i], ring[i + 1]));
    path.closePath();
  }
  return path;
}

/** Bytes of a land tile -> a path in which the tile is the unit square. */
function pathOfTile(bytes) {
  const path = new Path2D();
  const { land } = new VectorTile(new Pbf(bytes)).layers;
  for (let i = 0; i < (land?.length ?? 0); i += 1) {
    for (const ring of land.feature(i).loadGeometry()) {
      ring.forEach(({ x, y }, at) =>
        path[at ? "lineTo" : "moveTo"](x / land.extent, y / land.extent),
      );
      path.closePath();
    }
  }
  return path;
}

async function fetched(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response;
}

export class LandLayer extends L.GridLayer {
  /** url: the address of the basemap's folder, with a slash at its end. */
  constructor({ url, pane = "tilePane" }) {
    super({
      tileSize: TILE,
      pane,
      zIndex: 1,
      keepBuffer: 1,
      minNativeZoom: 1,
      updateWhenZooming: false,
    });
    this.url = url;
    this.files = new Map();
  }

  onAdd(map) {
    super.onAdd(map);
    this.stopFollowing = onSchemeChange(() => this.redraw());
    this.begin();
    return this;
  }

  onRemove(map) {
    this.stopFollowing();
    super.onRemove(map);
  }

  /** Fetch the coarse land, once. Land is decoration: without it the map of observations still works. */
  begin() {
    this.coarse ??= fetched(`${this.url}land.json`)
      .then((response) => response.json())
      .then(({ rings, levels }) => ({ path: pathOfRings(rings), levels }))
      .catch(() => ({ path: new Path2D(), levels: {} }));
    return this.coarse;
  }

  createTile(coords, done) {
    const canvas = document.createElement("canvas");
    const dense = Math.min(2, window.devicePixelRatio || 1);
    canvas.width = canvas.height = TILE * dense;
    this.paint(canvas.getContext("2d"), coords, dense).finally(() => done(null, canvas));
    return canvas;
  }

  /** A tile of 512 pixels at the map's zoom z is the tile z - 1 of the usual pyramid. */
  async paint(context, { x, y, z: mapZoom }, dense) {
    const z = mapZoom - 1;
    const column = ((x % 2 ** z) + 2 ** z) % 2 ** z;
    const { land, graticule } = colours("land", "graticule");
    const { path, levels } = await this.begin();
    const level = LEVELS.findLast((one) => one <= z && levels[one]);
    context.fillStyle = land;
    if (level === undefined) fill(context, path, { scale: 2 ** z, left: column, top: y }, dense);
    else {
      const scale = 2 ** (z - level);
      const [fileX, fileY] = [Math.floor(column / scale), Math.floor(y / scale)];
      const place = { scale, left: column - fileX * scale, top: y - fileY * scale };
      const digit = levels[level][fileY * 2 ** level + fileX];
      if (digit === ALL_LAND) context.fillRect(0, 0, TILE * dense, TILE * dense);
      if (digit === HAS_FILE) fill(context, await this.file(level, fileX, fileY), place, dense);
    }
    drawGraticule(context, { x: column, y, z }, dense, graticule);
  }

  /** The path of one file, fetched once; of one that cannot be had, nothing. */
  file(level, x, y) {
    const name = `${level}/${x}/${y}.mvt`;
    const kept = this.files.get(name);
    if (kept) return kept;
    if (this.files.size >= KEPT_FILES) this.files.delete(this.files.keys().next().value);
    const path = fetched(`${this.url}${name}`)
      .then((response) => response.arrayBuffer())
      .then(pathOfTile)
      .catch(() => {
        this.files.delete(name);
        return new Path2D();
      });
    this.files.set(name, path);
    return path;
  }
}

/** Fill a path that lies in a unit square; the canvas shows the part at left, top of that square drawn `scale` times. */
function fill(context, path, { scale, left, top }, dense) {
  const side = TILE * dense;
  context.setTransform(side * scale, 0, 0, side * scale, -left * side, -top * side);
  context.fill(path, "evenodd");
  context.setTransform(1, 0, 0, 1, 0, 0);
}

function drawGraticule(context, { x, y, z }, dense, colour) {
  const step = GRATICULE[Math.min(z + 1, GRATICULE.length - 1)];
  const side = TILE * dense;
  const tiles = 2 ** z;
  context.fillStyle = colour;
  const west = (x / tiles) * 360 - 180;
  for (let lon = Math.ceil(west / step) * step; lon < west + 360 / tiles; lon += step) {
    context.fillRect(Math.round(((lon + 180) / 360) * tiles * side - x * side), 0, 1, side);
  }
  for (let lat = -90 + step; lat < 90; lat += step) {
    const at = Math.round((mercator(0, lat)[1] * tiles - y) * side);
    if (Math.abs(lat) < LATITUDE_LIMIT && at >= 0 && at < side) context.fillRect(0, at, side, 1);
  }
}
