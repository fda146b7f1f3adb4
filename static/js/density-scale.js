/** The density scale: which colour a count gets, and the legend's words. Steps are powers of ten. */

import { formatCount, inFeet } from "./words.js";

const [THOUSAND, BELOW, MOST] = [1000, 9999, 10000].map(formatCount);
export const LABELS = ["1", "2–9", "10–99", "100–999", `${THOUSAND}–${BELOW}`, `${MOST} +`];
export const STEPS = LABELS.map((_, step) => `density-${step}`);

/** Step 0 to 5 of a count of records. */
export function step(count) {
  return count <= 1 ? 0 : Math.min(STEPS.length - 1, Math.floor(Math.log10(count) + 1e-9) + 1);
}

const [SMALL, LARGE] = inFeet
  ? [
      [0.3048, "ft"],
      [1609.344, "mi"],
    ]
  : [
      [1, "m"],
      [1000, "km"],
    ];

/** The side of a square of `pixels` at this latitude and zoom, in words: "156 km", "850 m", "97 mi". */
export function cellSize(latitude, zoom, pixels) {
  const metres = (40075016.7 * Math.cos((latitude * Math.PI) / 180) * pixels) / (256 * 2 ** zoom);
  const [size, unit] = metres >= LARGE[0] ? LARGE : SMALL;
  return `${formatCount(Number((metres / size).toPrecision(2)))} ${unit}`;
}
