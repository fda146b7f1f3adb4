/**
 * The filter that the page shows stands in its address. A widget changes it by asking for the page's results anew; the
 * server answers with the list, the form and the chips that go with it, and the map follows the address.
 */
import { NOT_FILTERS } from "./map-address.js";

/** What is asked for, as {parameter: value}; values of one parameter are joined with commas. */
export function asked(search = location.search) {
  const query = new URLSearchParams(search);
  const names = [...new Set(query.keys())].filter((name) => !NOT_FILTERS.includes(name));
  return Object.fromEntries(
    names.map((name) => [name, query.getAll(name).filter(Boolean).join(",")]),
  );
}

/** The query string of the filter with some conditions changed; "" takes one away. */
export function queryWith(conditions) {
  const entries = Object.entries({ ...asked(), ...conditions }).filter(([, value]) => value !== "");
  return new URLSearchParams(entries).toString().replaceAll("%2C", ",");
}

/** Ask anew with some conditions changed: {taxon: "137094", months: ""}. A page without a map goes to `elsewhere`. */
export function change(conditions, elsewhere = document.documentElement.dataset.home) {
  if (!document.querySelector("observation-map")) {
    location.assign(`${elsewhere}?${new URLSearchParams(conditions)}`);
    return undefined;
  }
  return go(`${location.pathname}?${queryWith(conditions)}`);
}

/** Ask for the page at this address in place: its results, with the map where it is. */
export function go(address) {
  return window.htmx.ajax("GET", address, { target: "#results", swap: "outerHTML", push: "true" });
}

/** Show other conditions on the map without asking for the list: while something is dragged or played. */
export function preview(conditions) {
  document.dispatchEvent(
    new CustomEvent("selection-preview", { detail: { query: queryWith(conditions) } }),
  );
}
