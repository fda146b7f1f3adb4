"""A page of upstream records as it came over the wire, given out in slices so that memory stays bounded.

10,000 records are 45 MB of JSON and five times that as Python objects. A small page is parsed at once; of a large one
the text is kept, the ends of its records are found by counting brackets, and each slice becomes objects in its turn.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from species.refresh.faults import FEW_RETRIES, Unusable, loads, mend, unreadable

Text = bytearray | bytes

SLICE_RECORDS = 2_000
WHOLE_BYTES = 16 << 20  # a body up to this size is parsed in one go

_RESULTS = re.compile(rb'"results"\s*:\s*\[')
# Up to and including the next bracket outside of strings, or to where a string or the body breaks off; possessive, and
# with a match from everywhere, so that no text can make it go back or try again from each of its bytes.
_NEXT_BRACKET = re.compile(rb'(?>[^"{}\[\]]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+([{}\[\]"]|\Z)', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Page:
    """One page: `total` as announced for the whole walk, `bytes` of JSON, `count` of records, `last_id` of the last."""

    total: int
    bytes: int
    count: int
    last_id: str | None
    _pieces: tuple[list[dict] | tuple[int, int], ...] = field(repr=False)
    _body: Text = field(default=b"", repr=False)

    def __len__(self) -> int:
        return self.count

    @property
    def records(self) -> list[dict]:
        """All records at once: only for pages that are known to be small."""
        return [record for piece in self.slices() for record in piece]

    def slices(self) -> Iterator[list[dict]]:
        """The records in order, at most SLICE_RECORDS at a time; a large page keeps no slice once it was given out."""
        for piece in self._pieces:
            yield piece if isinstance(piece, list) else _parsed(self._body, piece)


def read_envelope(body: Text, check: Callable[[list[dict]], None]) -> tuple[dict[str, Any], tuple, Text]:
    """The envelope without its records, the pieces the records stand in, and the text that the pieces point into.

    A piece is a list of records or, in a large body, the (start, end) of a slice that was parsed once as proof.
    `check` sees each piece's records once, in order. Raises Unusable when the body is not one object with a list
    `results` of objects, and what `check` raises.
    """
    if len(body) > WHOLE_BYTES:
        try:
            return _in_slices(body, check)
        except (ValueError, orjson.JSONDecodeError):
            try:
                return _in_slices(mend(body), check)
            except (ValueError, orjson.JSONDecodeError) as error:
                raise unreadable(body, f"no complete list of records in {len(body):,} bytes") from error
    envelope = loads(body)
    if isinstance(envelope, dict) and envelope.get("error"):
        envelope.setdefault("results", [])
    if not isinstance(envelope, dict) or not isinstance(envelope.get("results"), list):
        raise _not_a_list()
    records = envelope.pop("results")
    _objects(records)
    pieces = tuple(records[n : n + SLICE_RECORDS] for n in range(0, len(records), SLICE_RECORDS))
    for piece in pieces:
        check(piece)
    return envelope, pieces, b""


def _in_slices(body: Text, check) -> tuple[dict[str, Any], tuple, Text]:
    head = _RESULTS.search(body)
    if not head:
        raise _not_a_list()
    spans, end = _spans(body, head.end())
    envelope = orjson.loads(bytes(body[: head.end()]) + bytes(body[end:]))
    if not isinstance(envelope, dict) or envelope.pop("results", None) != []:
        raise _not_a_list()
    for span in spans:
        _objects(records := _parsed(body, span))
        check(records)
    return envelope, tuple(spans), body


def _spans(body: Text, start: int) -> tuple[list[tuple[int, int]], int]:
    """The (start, end) of each slice in the list that opens before `start`, and where the list's closing bracket is."""
    spans, depth, count, first, last = [], 0, 0, start, start
    for match in _NEXT_BRACKET.finditer(body, start):
        if match[1] in (b"", b'"'):
            break
        if match[1] in b"{[":
            depth += 1
            continue
        depth -= 1
        if depth < 0:
            if count:
                spans.append((first, last))
            return spans, match.end() - 1
        if depth == 0:
            count, last = count + 1, match.end()
            if count == SLICE_RECORDS:
                spans.append((first, last))
                count, first = 0, body.find(b"{", last)
    raise ValueError("the list does not end")


def _parsed(body: Text, span: tuple[int, int]) -> list[dict]:
    return orjson.loads(b"[" + body[span[0] : span[1]] + b"]")


def _objects(records: list) -> None:
    if not all(isinstance(record, dict) for record in records):
        raise Unusable("a list of results that are no records", retries=FEW_RETRIES)


def _not_a_list() -> Unusable:
    return Unusable("JSON, but not with a list of results as OBIS gives it", retries=FEW_RETRIES)
