/**
 * Reads the vector tiles of observations. Layer `cells`: squares with `n` records, and the `key` of a single one; layer
 * `points`: single records at their places, in its stead where records are few; layer `meta`: `total` and `shown`
 * records, whether `sampled`, and `side`, how many squares make the tile's side (64, or 32).
 */
import Pbf from "../vendor/pbf-4.0.1/index.js";
import { VectorTile } from "../vendor/vector-tile-2.0.4/index.js";

const SIDE = 64;

/** What a tile without records says, and one that has not arrived. */
export const NOTHING = { side: SIDE, cells: [], points: [], total: 0, shown: 0, sampled: false };

/** Bytes -> {side, cells: [{column, row, n, key}], points: [{x, y, key}] in 0..1, total, shown, sampled}. */
export function readTile(bytes) {
  if (!bytes.byteLength) return NOTHING;
  const { layers } = new VectorTile(new Pbf(bytes));
  const meta = layers.meta?.length ? layers.meta.feature(0).properties : {};
  const side = Number(meta.side ?? SIDE);
  const cells = [...features(layers.cells)].flatMap(({ x, y, properties }) => {
    const [column, row] = [Math.floor(x * side), Math.floor(y * side)];
    const isInside = column >= 0 && row >= 0 && column < side && row < side;
    return isInside ? [{ column, row, n: Number(properties.n), key: properties.key }] : [];
  });
  const points = [...features(layers.points)].map(({ x, y, properties }) => ({
    x,
    y,
    key: properties.key,
  }));
  const drawn = cells.reduce((sum, cell) => sum + cell.n, points.length);
  const { total = drawn, shown = drawn, sampled = 0 } = meta;
  return {
    side,
    cells,
    points,
    total: Number(total),
    shown: Number(shown),
    sampled: Boolean(Number(sampled)),
  };
}

/** The middle of each feature as a share of the tile's side, and its properties. */
function* features(layer) {
  for (let i = 0; i < (layer?.length ?? 0); i += 1) {
    const feature = layer.feature(i);
    const [west, north, east, south] = feature.bbox();
    yield {
      x: (west + east) / 2 / feature.extent,
      y: (north + south) / 2 / feature.extent,
      properties: feature.properties,
    };
  }
}
