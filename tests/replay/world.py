"""The state of the upstream services: datasets, records, taxa, and ways to change them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from threading import RLock
from uuid import NAMESPACE_URL, uuid5

from tests.replay import records as made
from tests.replay import taxa

MAX_SIZE = 10_000
CHANGES = (
    "withdraw",
    "reissue",
    "change",
    "empty",
    "give_back",
    "rename",
    "unlist",
    "add",
    "remove_dataset",
)


class Refused(Exception):
    """A request that the real service refuses with status 400."""


class World:
    """The data of OBIS and WoRMS; each change of a dataset also stamps its `updated`."""

    def __init__(self, bulk_records: int = 0, bulk_datasets: int = 1):
        """Create the world of `records.small_world`, or of generated `bulk_records`."""
        self.lock = RLock()
        self.bulk = (bulk_records, bulk_datasets)
        self.reset()

    def reset(self) -> None:
        """Restore the initial state."""
        with self.lock:
            self.by_dataset: dict[str, Sequence[dict]] = {}
            self.datasets: dict[str, dict] = {}
            count, parts = self.bulk
            if count:
                for n in range(parts):
                    key = made.made_up_id("bulk", n)
                    self.by_dataset[key] = made.BulkRecords(
                        key, count // parts + (n < count % parts)
                    )
                    self.datasets[key] = made.dataset(key, f"Generated dataset {n + 1}", made.BY)
            else:
                self.by_dataset.update(made.small_world())
                self.datasets = {
                    key: made.dataset(key, *about) for key, about in made.TITLES.items()
                }
            self.gone: dict[str, list[dict]] = defaultdict(list)
            self.unlisted: set[str] = set()
            self.spoiled: dict[str, str] = {}
            self.raw: dict[str, bytes] = {}
            # the answer of WoRMS in place of its record
            self.odd_records: dict[int, object] = {}
            self.odd_vernaculars: dict[int, object] = {}
            self.taxa = taxa.worms_taxa()
            self.vernaculars = {key: list(names) for key, names in taxa.VERNACULARS.items()}
            self._later: list[tuple[str, int, str, dict]] = []

    # What the tests do to the world.

    def withdraw(self, dataset: str, n: int = 5) -> None:
        """Remove the last `n` records."""
        rows = list(self.by_dataset[dataset])
        self.gone[dataset] += rows[len(rows) - n :]
        self._put(dataset, rows[: len(rows) - n])

    def empty(self, dataset: str) -> None:
        """Remove all records of the dataset."""
        self.withdraw(dataset, len(self.by_dataset[dataset]))

    def give_back(self, dataset: str) -> None:
        """Restore what `withdraw` or `empty` removed."""
        self._put(dataset, [*self.by_dataset[dataset], *self.gone.pop(dataset, [])])

    def reissue(self, dataset: str) -> None:
        """Give every record a new OBIS id, as when a dataset is harvested again."""
        self._put(
            dataset,
            [
                r | {"id": str(uuid5(NAMESPACE_URL, r["id"] + "again"))}
                for r in self.by_dataset[dataset]
            ],
        )

    def rename(self, dataset: str) -> None:
        """Rename every occurrenceID."""
        rows = self.by_dataset[dataset]
        self._put(
            dataset,
            [r | {"occurrenceID": "renamed:" + r.get("occurrenceID", r["id"])} for r in rows],
        )

    def change(self, dataset: str, n: int = 5, **fields) -> None:
        """Set values of the first `n` records; without any move them 0.01 degrees north."""
        rows = list(self.by_dataset[dataset])
        for i, row in enumerate(rows[:n]):
            rows[i] = row | (
                fields or {"decimalLatitude": round(float(row["decimalLatitude"]) + 0.01, 6)}
            )
        self._put(dataset, rows)

    def add(self, dataset: str, n: int = 5) -> None:
        """Add `n` copies of the first records, under new ids and occurrenceIDs."""
        rows = list(self.by_dataset[dataset])
        new = [r | {"id": made.made_up_id(r["id"], len(rows)), "occurrenceID": f"added:{len(rows) + i}"}
               for i, r in enumerate(rows[:n])]  # fmt: skip
        self._put(dataset, rows + new)

    def spoil(self, dataset: str, value: str = "NaN") -> None:
        """Announce a total that is no JSON on each page."""
        self.spoiled[dataset] = value

    def put_raw(self, dataset: str, n: int, text: bytes) -> dict:
        """Replace the dataset's n-th record by these bytes on every page; return that record."""
        record = self.by_dataset[dataset][n]
        self.raw[record["id"]] = text
        return record

    def unlist(self, dataset: str) -> None:
        """Remove the dataset from /dataset; its records stay."""
        self.unlisted.add(dataset)

    def remove_dataset(self, dataset: str) -> None:
        """Remove a dataset with its records for good (until `reset`)."""
        self.empty(dataset)
        self.unlist(dataset)
        self.datasets.pop(dataset)

    def in_mid_walk(self, dataset: str, pages: int, do: str, **details) -> None:
        """Call the method `do` once `pages` pages of the dataset were sent."""
        self._later.append((dataset, pages, _known(do), details))

    def synonym(self, aphia_id: int, of: int, status: str = "unaccepted") -> None:
        """Make a taxon a synonym of another."""
        self._edit_taxon(aphia_id, valid_id=of, status=status)

    def reject(self, aphia_id: int, status: str) -> None:
        """Reject a name without an accepted one in its place."""
        self._edit_taxon(aphia_id, valid_id=None, status=status)

    def accept(self, aphia_id: int) -> None:
        """Accept the name itself."""
        self._edit_taxon(aphia_id, valid_id=aphia_id, status="accepted")

    def move(self, aphia_id: int, under: int) -> None:
        """Move a taxon with its subtree under another parent."""
        self._edit_taxon(aphia_id, parent_id=under)

    def rename_taxon(self, aphia_id: int, name: str) -> None:
        """Correct the spelling of a name."""
        self._edit_taxon(aphia_id, name=name)

    def order(self, order: dict) -> dict:
        """Make one of the changes above: {"dataset": ID, "do": NAME, ...} or {"taxon": ID, ...}."""
        order = dict(order)
        do = str(order.pop("do"))
        with self.lock:
            if "taxon" in order:
                if do not in ("synonym", "move", "reject", "accept", "rename_taxon"):
                    raise Refused(f"unknown change: {do}")
                getattr(self, do)(int(order.pop("taxon")), **order)
                return {"done": do}
            dataset, pages = order.pop("dataset"), order.pop("after_pages", None)
            if pages is None:
                getattr(self, _known(do))(dataset, **order)
            else:
                self.in_mid_walk(dataset, int(pages), do, **order)
            return {"done": do, "records": len(self.by_dataset[dataset])}

    def page_served(self, datasets: Iterable[str]) -> None:
        """Count a page of these datasets, and make the changes planned after it."""
        for key in datasets:
            waiting, self._later = self._later, []
            for dataset, pages, do, details in waiting:
                left = pages - (dataset == key)
                if left > 0:
                    self._later.append((dataset, left, do, details))
                else:
                    getattr(self, do)(dataset, **details)

    def _put(self, dataset: str, rows: list[dict]) -> None:
        with self.lock:
            self.by_dataset[dataset] = sorted(rows, key=lambda r: r["id"])
            self.datasets[dataset]["updated"] = _now()

    def _edit_taxon(self, aphia_id: int, **changes) -> None:
        with self.lock:
            for name, value in (changes | {"modified": _now()}).items():
                setattr(self.taxa[aphia_id], name, value)

    # What OBIS answers.

    def select(self, query: dict[str, str]) -> Sequence[dict]:
        """Return the records that a query finds, in ascending id."""
        keys = query["datasetid"].split(",") if query.get("datasetid") else sorted(self.by_dataset)
        tests = list(_tests(query))
        lists = [self.by_dataset.get(key, []) for key in keys]
        if len(lists) == 1 and not tests:
            return lists[0]
        found = [r for rows in lists for r in rows if all(test(r) for test in tests)]
        return sorted(found, key=lambda r: r["id"])

    # What WoRMS answers.

    def lineage(self, aphia_id: int) -> list[taxa.WormsTaxon]:
        """Return the taxa from "Biota" down to the taxon itself."""
        taxon = self.taxa[aphia_id]
        return [*(self.lineage(taxon.parent_id) if taxon.parent_id else ()), taxon]


def _known(do: str) -> str:
    if do not in CHANGES:
        raise Refused(f"unknown change: {do}")
    return do


def _tests(query: dict[str, str]):
    """Return a predicate for each condition of the query. Raises Refused."""
    for switch in ("absence", "dropped"):
        wanted = query.get(switch)
        if wanted != "include":
            yield lambda r, switch=switch, wanted=wanted: bool(r.get(switch)) == (wanted == "true")
    if query.get("taxonid"):
        ids = {int(v) for v in query["taxonid"].split(",") if v.isdigit()}
        yield lambda r: bool(
            ids
            & {v for k, v in r.items() if (k == "aphiaID" or k.endswith("id")) and type(v) is int}
        )
    low, high = _millis(query.get("startdate")), _millis(query.get("enddate"))
    if low is not None:
        yield lambda r: r.get("date_mid") is not None and r["date_mid"] >= low
    if high is not None:
        yield lambda r: r.get("date_mid") is not None and r["date_mid"] <= high + 86_399_999
    if query.get("geometry"):
        ring = _ring(query["geometry"])
        yield lambda r: _inside(r.get("decimalLongitude"), r.get("decimalLatitude"), ring)


def _millis(day: str | None) -> int | None:
    try:
        return (
            int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000) if day else None
        )
    except ValueError as error:
        raise Refused(str(error)) from error


def _ring(wkt: str) -> list[tuple[float, float]]:
    """Return the outer ring of a POLYGON, the only geometry supported here."""
    if not wkt.upper().lstrip().startswith("POLYGON"):
        raise Refused("only POLYGON is understood")
    numbers = [float(v) for v in re.findall(r"-?\d+(?:\.\d+)?", wkt.split(")")[0])]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _inside(x, y, ring) -> bool:
    if not isinstance(x, int | float) or not isinstance(y, int | float):
        return False
    hit = False
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            hit = not hit
    return hit


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
