/** The density scale: which colour a count gets, and the legend's words. Steps are powers of ten. */

import { formatCount } from "./words.js";

export const LABELS = ["1", "2–9", "10–99", "100–999", "1,000–9,999", "10,000 +"];
export const STEPS = LABELS.map((_, step) => `density-${step}`);

/** Step 0 to 5 of a count of records. */
export function step(count) {
  return count <= 1 ? 0 : Math.min(STEPS.length - 1, Math.floor(Math.log10(count) + 1e-9) + 1);
}

/** The side of a square of `pixels` at this latitude and zoom, in words: "156 km", "850 m". */
export function cellSize(latitude, zoom, pixels) {
  const metres = (40075016.7 * Math.cos((latitude * Math.PI) / 180) * pixels) / (256 * 2 ** zoom);
  const [value, unit] = metres >= 1000 ? [metres / 1000, "km"] : [metres, "m"];
  return `${formatCount(Number(value.toPrecision(2)))} ${unit}`;
}
