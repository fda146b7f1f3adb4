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
  for (const { column, row, n } of cells) {
    context.fillStyle = ramp[STEPS[step(n)]];
    square(context, { x: column * width, y: row * width, width, height: width, isRound: n === 1 });
  }
  context.fillStyle = ramp[STEPS[0]];
  for (const { x, y } of points) dot(context, x * size, y * size);
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
      context.fillStyle = inks[LAYERS[layer]];
      context.globalAlpha = FAINTEST + (1 - FAINTEST) * (step(n) / (STEPS.length - 1));
      square(context, { x: column * width + at * share, y: row * width, width: share, height: width, isRound: false });
    });
  }
  context.globalAlpha = 1;
  data.forEach(({ points }, layer) => {
    context.fillStyle = inks[LAYERS[layer]];
    for (const { x, y } of points) dot(context, x * size, y * size);
  });
}

function square(context, { x, y, width, height, isRound }) {
  context.beginPath();
  if (isRound) context.arc(x + width / 2, y + height / 2, Math.min(DOT, width / 2) - 0.5, 0, 2 * Math.PI);
  else context.rect(x + 0.25, y + 0.25, width - 0.5, height - 0.5);
  context.fill();
}

function dot(context, x, y) {
  context.beginPath();
  context.arc(x, y, DOT - 0.5, 0, 2 * Math.PI);
  context.fill();
}
