/**
 * Selections to compare with the page's own: `compare=<query string>` in the address, percent-encoded, at most twice.
 * They belong to the map, as its view does: the filter changes, they stay.
 */
import { filterQuery } from "./map-address.js";

export const MOST = 2; // beside the page's own

/** The query strings in the address, canonical. */
export function compared(search = location.search) {
  return new URLSearchParams(search)
    .getAll("compare")
    .slice(0, MOST)
    .map((query) => filterQuery(`?${query}`));
}

/** What the map draws: the page's own filter first, unless it is one of those it is compared with. */
export function drawnQueries(own, others) {
  return others.includes(own)
    ? [own, ...others.filter((query) => query !== own)]
    : [own, ...others];
}

/** The page's address with these selections to compare in place of its own. */
export function addressWith(others) {
  const url = new URL(location.href);
  url.searchParams.delete("compare");
  others.forEach((query) => url.searchParams.append("compare", query));
  return `${url.pathname}${url.search}`;
}

/** Words for a query string, as the server wrote them on the page: {query: words}. */
export function wordsOf() {
  const entries = [...document.querySelectorAll("[data-selection-words]")];
  return Object.fromEntries(
    entries.map(({ dataset }) => [filterQuery(`?${dataset.query}`), dataset.selectionWords]),
  );
}
