/** The interface's texts in the visitor's language: Django's catalogue where the page loads it, else as written. */

const catalogue = window.django ?? {};

export const gettext = catalogue.gettext ?? ((text) => text);
export const ngettext = catalogue.ngettext ?? ((one, many, n) => (n === 1 ? one : many));

/** "%s of %s", [3, 5] -> "3 of 5"; "%(n)s records", {n: 3} -> "3 records". */
export function interpolate(text, values) {
  if (Array.isArray(values)) return values.reduce((told, value) => told.replace("%s", value), text);
  return text.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
}

/** Whether the person reads lengths in feet and miles. */
export const inFeet = document.documentElement.dataset.units === "imperial";

const separator = (name, english) => catalogue.get_format?.(name) ?? english;
const [THOUSANDS, DECIMAL] = [
  separator("THOUSAND_SEPARATOR", ","),
  separator("DECIMAL_SEPARATOR", "."),
];

/** 12345.5 -> "12,345.5", with Django's separators: to make an Intl.NumberFormat takes a phone longer than all else here. */
export function formatCount(count) {
  const [whole, part] = String(count).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, THOUSANDS);
  return part ? `${grouped}${DECIMAL}${part}` : grouped;
}

export const records = (n) => interpolate(ngettext("%s record", "%s records", n), [formatCount(n)]);
