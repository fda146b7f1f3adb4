"""Read WoRMS: records, classifications, vernacular names and the feed of changes, one request a second."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from species.refresh.http import FEW_RETRIES, JsonClient, Unusable, UpstreamError, loads

__all__ = ["BATCH", "UpstreamError", "Worms"]

BATCH = 50  # ids in one request, and records on one page of the feed
DEEPEST_CLASSIFICATION = 100


class Worms(JsonClient):
    """A client of the WoRMS REST service (`base_url` such as https://www.marinespecies.org/rest/).

    "None" (WoRMS answers 204) is told apart from "failed": every call raises UpstreamError when WoRMS cannot be used.
    """

    service = "WoRMS"

    def __init__(self, base_url: str, *, pace: float = 1.0, **options: Any):
        super().__init__(base_url, pace=pace, **options)

    def records(self, aphia_ids: Sequence[int]) -> dict[int, dict | None]:
        """The AphiaRecord of each id; None where WoRMS does not know it. One request per 50 ids."""
        found: dict[int, dict | None] = dict.fromkeys(aphia_ids)
        ids = iter(tuple(found))
        while batch := list(islice(ids, BATCH)):
            params = [("aphiaids[]", str(aphia_id)) for aphia_id in batch]
            rows = self._ask("AphiaRecordsByAphiaIDs", params, _aphia_records) or ()
            found.update((row["AphiaID"], row) for row in rows if row["AphiaID"] in found)
        return found

    def classification(self, aphia_id: int) -> list[tuple[str, str, int]] | None:
        """(rank, name, AphiaID) from the root ("Biota") down to the taxon itself; None when WoRMS does not know it."""
        return self._ask(f"AphiaClassificationByAphiaID/{int(aphia_id)}", [], _chain)

    def vernaculars(self, aphia_id: int) -> list[dict] | None:
        """[{vernacular, language_code (ISO 639-3), language}]; None when WoRMS has none."""
        return self._ask(f"AphiaVernacularsByAphiaID/{int(aphia_id)}", [], _vernaculars)

    def changed_since(self, start: datetime, end: datetime) -> Iterator[dict]:
        """Every AphiaRecord added or edited between two moments, 50 to a request."""
        window = [("startdate", _moment(start)), ("enddate", _moment(end))]
        seen: set[int] = set()
        offset = 1  # the 1-based number of the first record: 1, 51, 101 ...
        while rows := self._ask("AphiaRecordsByDate", [*window, ("offset", str(offset))], _aphia_records):
            fresh = [row for row in rows if row["AphiaID"] not in seen]
            if not fresh:
                raise UpstreamError("WoRMS: the feed of changes repeats itself.")
            yield from fresh
            seen.update(row["AphiaID"] for row in fresh)
            offset += BATCH

    def _ask(self, path: str, params: list[tuple[str, str]], read) -> Any:
        # Without marine_only=false WoRMS hides brackish, freshwater and terrestrial taxa.
        return self.get(path, [*params, ("marine_only", "false")], read)


def _rows(body: bytearray) -> list[dict]:
    """The objects of a list; null stands for an id that WoRMS does not know."""
    rows = loads(body)
    if not isinstance(rows, list) or not all(row is None or isinstance(row, dict) for row in rows):
        raise Unusable("JSON, but not a list as WoRMS gives it", retries=FEW_RETRIES)
    return [row for row in rows if row is not None]


def _aphia_records(body: bytearray) -> list[dict]:
    rows = _rows(body)
    if not all(_is_id(row.get("AphiaID")) and isinstance(row.get("scientificname"), str) for row in rows):
        raise Unusable("a record without AphiaID or name", retries=FEW_RETRIES)
    return rows


def _vernaculars(body: bytearray) -> list[dict]:
    rows = _rows(body)
    if not all(isinstance(row.get("vernacular"), str) for row in rows):
        raise Unusable("a vernacular name without a name", retries=FEW_RETRIES)
    return rows


def _chain(body: bytearray) -> list[tuple[str, str, int]]:
    """The nested objects of a classification, flattened."""
    chain: list[tuple[str, str, int]] = []
    node = loads(body)
    while node is not None:
        if not isinstance(node, dict) or not _is_id(node.get("AphiaID")) or len(chain) == DEEPEST_CLASSIFICATION:
            raise Unusable("JSON, but not a classification as WoRMS gives it", retries=FEW_RETRIES)
        chain.append((str(node.get("rank") or ""), str(node.get("scientificname") or ""), node["AphiaID"]))
        node = node.get("child")
    return chain


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _moment(when: datetime) -> str:
    """A moment as WoRMS reads it. Naive datetimes are refused: they would shift the window unseen."""
    if when.tzinfo is None:
        raise ValueError("A moment needs a time zone.")
    return when.astimezone(UTC).isoformat(timespec="seconds")
