"""Read WoRMS: records, classifications, vernacular names and the feed of changes."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple

from species.refresh.fetch.errors import (
    FEW_RETRIES,
    BadAnswer,
    UnusableAnswer,
    UpstreamError,
    parse_json,
)
from species.refresh.fetch.http import JsonClient
from species.refresh.text import LONGEST_NAME, clean_name

__all__ = ["BATCH", "UpstreamError", "Worms"]

BATCH = 50  # ids in one request, and records on one page of the feed
DEEPEST_CLASSIFICATION = 100
LONGEST_RANK = 40
MOST_CHANGES = 2_000_000  # in one window of the feed; WoRMS has some 1.5 million names


class Worms(JsonClient):
    """A client of the WoRMS REST service; one request a second.

    Every method raises UpstreamError if WoRMS cannot be used, which differs from "none" (status
    204). Source: marinespecies.org/rest.
    """

    service = "WoRMS"
    most_bytes = 16 << 20
    unusable_changes = 0  # elements of the feed that are no records

    def __init__(self, base_url: str, *, pace: float = 1.0, **options: Any):
        super().__init__(base_url, pace=pace, **options)

    def records(self, aphia_ids: Sequence[int]) -> dict[int, dict | None]:
        """Return the AphiaRecord of each id; None if WoRMS does not know it.

        A request has 50 ids. An id is left out if its answer cannot be used.
        """
        found: dict[int, dict | None] = {}
        ids = iter(dict.fromkeys(aphia_ids))
        while batch := list(islice(ids, BATCH)):
            found |= self._batch(batch)
        return found

    def _batch(self, batch: list[int]) -> dict[int, dict | None]:
        """Return the records of at most 50 ids; an unusable answer is requested again in halves."""
        params = [("aphiaids[]", str(aphia_id)) for aphia_id in batch]
        try:
            answer = self._ask("AphiaRecordsByAphiaIDs", params, _aphia_records) or Records([], 0)
        except BadAnswer:
            if len(batch) == 1:
                raise
            middle = len(batch) // 2
            halves: dict[int, dict | None] = {}
            for half in (batch[:middle], batch[middle:]):
                with suppress(BadAnswer):
                    halves |= self._batch(half)
            return halves
        found: dict[int, dict | None] = {
            row["AphiaID"]: row for row in answer.rows if row["AphiaID"] in batch
        }
        # It is unknown which ids the unusable elements belong to, so missing ids are left out.
        return found if answer.unusable else dict.fromkeys(batch) | found

    def classification(self, aphia_id: int) -> list[tuple[str, str, int]] | None:
        """Return (rank, name, AphiaID) from the root down to the taxon; None if unknown."""
        return self._ask(f"AphiaClassificationByAphiaID/{int(aphia_id)}", [], _chain)

    def vernaculars(self, aphia_id: int) -> list[dict | None] | None:
        """Return [{vernacular, language_code (ISO 639-3), language}]; None if there are none.

        A name that cannot be read is None in the list.
        """
        return self._ask(f"AphiaVernacularsByAphiaID/{int(aphia_id)}", [], _vernaculars)

    def changed_since(self, start: datetime, end: datetime) -> Iterator[dict]:
        """Yield every AphiaRecord added or edited between two moments."""
        window = [("startdate", _moment(start)), ("enddate", _moment(end))]
        seen: set[int] = set()
        before: Records | None = None
        offset = 1  # the 1-based number of the first record: 1, 51, 101 ...
        while page := self._ask(
            "AphiaRecordsByDate", [*window, ("offset", str(offset))], _aphia_records
        ):
            if not page.rows and not page.unusable:
                return
            fresh = [row for row in page.rows if row["AphiaID"] not in seen]
            if not fresh and (page.rows or page == before):
                raise UpstreamError("WoRMS: the feed of changes repeats itself.")
            yield from fresh
            seen.update(row["AphiaID"] for row in fresh)
            self.unusable_changes += page.unusable
            offset, before = offset + BATCH, page
            if offset > MOST_CHANGES:
                raise UpstreamError("WoRMS: the feed of changes does not end.")

    def _ask(self, path: str, params: list[tuple[str, str]], read) -> Any:
        # Without marine_only=false WoRMS hides brackish, freshwater and terrestrial taxa.
        return self.get(path, [*params, ("marine_only", "false")], read)


class Records(NamedTuple):
    """The AphiaRecords of an answer, and the number of its other elements."""

    rows: list[dict]
    unusable: int


def _elements(body: bytearray) -> list:
    """Return the elements of a list without null, which means an unknown id."""
    elements = parse_json(body)
    if not isinstance(elements, list):
        raise UnusableAnswer(
            "JSON, but not a list as WoRMS gives it", retries=FEW_RETRIES, is_whole=True
        )
    return [element for element in elements if element is not None]


def _aphia_records(body: bytearray) -> Records:
    """Return the records of an answer; names of deleted and quarantined taxa may be null."""
    elements = _elements(body)
    rows = [row for row in elements if isinstance(row, dict) and _is_id(row.get("AphiaID"))]
    return Records(rows, len(elements) - len(rows))


def _vernaculars(body: bytearray) -> list[dict | None]:
    rows = _elements(body)
    return [
        row if isinstance(row, dict) and isinstance(row.get("vernacular"), str) else None
        for row in rows
    ]


def _chain(body: bytearray) -> list[tuple[str, str, int]]:
    """Return the nested objects of a classification as a flat list."""
    chain: list[tuple[str, str, int]] = []
    node = parse_json(body)
    while node is not None:
        if (
            not isinstance(node, dict)
            or not _is_id(node.get("AphiaID"))
            or len(chain) == DEEPEST_CLASSIFICATION
        ):
            raise UnusableAnswer(
                "JSON, but not a classification as WoRMS gives it",
                retries=FEW_RETRIES,
                is_whole=True,
            )
        rank, name = (
            clean_name(node.get(key))[:limit]
            for key, limit in (("rank", 40), ("scientificname", LONGEST_NAME))
        )
        chain.append((rank, name, node["AphiaID"]))
        node = node.get("child")
    return chain


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31


def _moment(when: datetime) -> str:
    """Return a moment as WoRMS reads it. Raises ValueError without a time zone."""
    if when.tzinfo is None:
        raise ValueError("A moment needs a time zone.")
    return when.astimezone(UTC).isoformat(timespec="seconds")
