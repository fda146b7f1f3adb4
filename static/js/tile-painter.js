/** Draws what tiles hold: one selection in the colours of the density scale, several in a colour of their own each. */
import { STEPS, step } from "./density-scale.js";
import { colours } from "./theme.js";

const LAYERS = ["layer-1", "layer-2", "layer-3"];
const FAINTEST = 0.6; // of a compared layer; its fullest step is opaque
const DOT = 4; // pixels of a single record's radius

/** Paint `data`, one reading of the tile for each selection, on a canvas of `size` pixels. */
export function paint(context, data, size) {
  context.clearRect(0, 0, size, size);
  if (data.length > 1) return paintCompared(context, data, size);
  const ramp = colours(...STEPS);
  const [{ side, cells, points }] = data;
  const width = size / side;
  const singles = points.map(({ x, y }) => ({ x: x * size, y: y * size, radius: DOT }));
  for (const { column, row, n } of cells) {
    if (n === 1)
      singles.push({
        x: (column + 0.5) * width,
        y: (row + 0.5) * width,
        radius: Math.min(DOT, width / 2),
      });
    else
      square(context, ramp[STEPS[step(n)]], {
        x: column * width,
        y: row * width,
        width,
        height: width,
      });
  }
  dots(context, ramp[STEPS[0]], singles);
  return undefined;
}

/** A square with records of several selections is divided among them, side by side in the order of the legend. */
function paintCompared(context, data, size) {
  const inks = colours(...LAYERS);
  const shared = new Map();
  data.forEach(({ side, cells }, layer) => {
    for (const { column, row, n } of cells) {
      const name = `${side}/${column}/${row}`;
      if (!shared.has(name)) shared.set(name, { side, column, row, parts: [] });
      shared.get(name).parts.push({ layer, n });
    }
  });
  for (const { side, column, row, parts } of shared.values()) {
    const width = size / side;
    const share = width / parts.length;
    parts.forEach(({ layer, n }, at) => {
      context.globalAlpha = FAINTEST + (1 - FAINTEST) * (step(n) / (STEPS.length - 1));
      square(context, inks[LAYERS[layer]], {
        x: column * width + at * share,
        y: row * width,
        width: share,
        height: width,
      });
    });
  }
  context.globalAlpha = 1;
  data.forEach(({ points }, layer) => {
    dots(
      context,
      inks[LAYERS[layer]],
      points.map(({ x, y }) => ({ x: x * size, y: y * size, radius: DOT })),
    );
  });
}

function square(context, colour, { x, y, width, height }) {
  context.fillStyle = colour;
  context.fillRect(x + 0.25, y + 0.25, width - 0.5, height - 0.5);
}

/** Single records, all in one path: thousands of small ones would hold a phone up. */
function dots(context, colour, places) {
  context.fillStyle = colour;
  context.beginPath();
  for (const { x, y, radius } of places) {
    context.moveTo(x + radius - 0.5, y);
    context.arc(x, y, radius - 0.5, 0, 2 * Math.PI);
  }
  context.fill();
}
