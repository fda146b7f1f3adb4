/** The interface's texts in the visitor's language: Django's catalogue where the page loads it, else as written. */

const catalogue = window.django ?? {};

export const gettext = catalogue.gettext ?? ((text) => text);
export const ngettext = catalogue.ngettext ?? ((one, many, n) => (n === 1 ? one : many));

/** "%s of %s", [3, 5] -> "3 of 5"; "%(n)s records", {n: 3} -> "3 records". */
export function interpolate(text, values) {
  if (Array.isArray(values)) return values.reduce((told, value) => told.replace("%s", value), text);
  return text.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
}

const language = document.documentElement.lang || "en";
/** Whether the person reads lengths in feet and miles. */
export const inFeet = document.documentElement.dataset.units === "imperial";

const numbers = new Intl.NumberFormat(language);
export const formatCount = (count) => numbers.format(count);
export const records = (n) => interpolate(ngettext("%s record", "%s records", n), [formatCount(n)]);
