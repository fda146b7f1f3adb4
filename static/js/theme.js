/** Colours for canvases, read from the style sheet, so that a map follows the page's light or dark scheme. */

/** The values of the custom properties `names` (without the dashes), as {name: colour}. */
export function colours(...names) {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(
    names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]),
  );
}

/** Call `redraw` when the scheme changes; returns a function that stops it. */
export function onSchemeChange(redraw) {
  const query = matchMedia("(prefers-color-scheme: dark)");
  query.addEventListener("change", redraw);
  return () => query.removeEventListener("change", redraw);
}

export const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
