"""Read a page of upstream records in slices, so that memory stays bounded.

10,000 records are 45 MB of JSON and five times that as Python objects. A small page is parsed at
once. Of a large one the text is kept, brackets are counted to find the ends of records, and one
slice at a time becomes objects.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import orjson

from species.refresh.fetch.elements import (
    LONGEST_RECORD,
    LONGEST_TAIL,
    NEXT_BRACKET,
    SEPARATOR,
    Element,
    Text,
    not_an_object,
    spans_of,
)
from species.refresh.fetch.errors import (
    FEW_RETRIES,
    UnusableAnswer,
    check_values,
    parse_json,
    unreadable,
)
from species.refresh.fetch.repeated_keys import names_keys_once

SLICE_RECORDS = 2_000
SLICE_BYTES = 16 << 20
WHOLE_BYTES = 16 << 20  # a body up to this size is parsed in one go
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_RESULTS = re.compile(rb'"results"\s*:\s*\[')

Piece = list[Element] | tuple[int, int]


@dataclass(frozen=True, slots=True)
class Page:
    """A page: announced total, bytes of JSON, number of elements, and the last id to continue from."""

    total: int
    bytes: int
    count: int
    last_id: str | None
    _pieces: tuple[Piece, ...] = field(repr=False)
    _body: Text = field(default=b"", repr=False)

    def __len__(self) -> int:
        return self.count

    @property
    def records(self) -> list[Element]:
        """Return all elements at once; only for pages that are known to be small."""
        return [record for piece in self.slices() for record in piece]

    def slices(self) -> Iterator[list[Element]]:
        """Yield at most SLICE_RECORDS elements at a time, in order."""
        for piece in self._pieces:
            yield piece if isinstance(piece, list) else _parsed(self._body, piece)


def read_envelope(
    body: Text, check: Callable[[list[Element]], None]
) -> tuple[dict[str, Any], tuple[Piece, ...], Text]:
    """Return the envelope without its list, the pieces of the list, and the text they refer to.

    A piece is a list of elements, or the (start, end) of sound records in the text. `check` gets
    the elements of each piece once, in order. Raises UnusableAnswer if the body is not an object
    with a list `results`, and what `check` raises.
    """
    if body[:3] == BYTE_ORDER_MARK:
        body = body[3:]
    check_values(body)
    if len(body) > WHOLE_BYTES:
        return _in_slices(body, check)
    try:
        envelope = orjson.loads(body)
    except orjson.JSONDecodeError:
        return _in_elements(body, check)
    if isinstance(envelope, dict) and envelope.get("error"):
        envelope.setdefault("results", [])
    if not isinstance(envelope, dict) or not isinstance(envelope.get("results"), list):
        raise _not_a_list()
    if not names_keys_once(body, envelope):
        return _in_elements(body, check)
    records = [
        record if isinstance(record, dict) else not_an_object(record)
        for record in envelope.pop("results")
    ]
    pieces = tuple(records[n : n + SLICE_RECORDS] for n in range(0, len(records), SLICE_RECORDS))
    for piece in pieces:
        check(piece)
    return envelope, pieces, b""


def _in_slices(
    body: Text, check: Callable[[list[Element]], None]
) -> tuple[dict[str, Any], tuple[Piece, ...], Text]:
    """Read a large body slice by slice, and from the first damage on element by element."""
    head = _head(body)
    try:
        spans, end = _spans(body, head)
    except ValueError:
        return _in_elements(body, check)
    envelope = _around(body, head, end)
    if envelope is None:
        return _in_elements(body, check)
    for n, (start, stop) in enumerate(spans):
        try:
            records = _parsed(body, (start, stop))
        except orjson.JSONDecodeError:
            return _in_elements(body, check, spans[:n], start)
        if not all(isinstance(record, dict) for record in records) or not names_keys_once(
            body[start:stop], records
        ):
            return _in_elements(body, check, spans[:n], start)
        check(records)
    return envelope, tuple(spans), body


def _in_elements(
    body: Text,
    check: Callable[[list[Element]], None],
    done: Sequence[Piece] = (),
    start: int | None = None,
) -> tuple[dict[str, Any], tuple[Piece, ...], Text]:
    """Read a damaged body element by element. Raises UnusableAnswer.

    `done` are the pieces before `start`, which were checked.
    """
    head = _head(body)
    pieces: list[Piece] = list(done)
    sound: tuple[int, int, int] | None = None  # start, end and number of the sound records in a row

    def take(begin: int, end: int) -> None:
        pieces.append((begin, end))
        check(_parsed(body, (begin, end)))

    end = head
    try:
        for begin, end, element in spans_of(body, start or head, partial(_can_end, body, head)):
            follows = (
                sound is not None
                and body[sound[1] : begin].strip() == b","
                and sound[2] < SLICE_RECORDS
            )
            if sound and (element is not None or begin == end or not follows):
                take(*sound[:2])
                sound = None
            if element is not None:
                pieces.append([element])
                check([element])
            elif begin < end:
                sound = (sound[0], end, sound[2] + 1) if sound else (begin, end, 1)
    except ValueError as error:
        raise unreadable(body) from error
    envelope = _around(body, head, end)
    if envelope is None:
        raise unreadable(body)
    return envelope, tuple(pieces), body


def _head(body: Text) -> int:
    """Return where the list of results begins. Raises UnusableAnswer."""
    if head := _RESULTS.search(body):
        return head.end()
    parse_json(body)  # says so, if it is no JSON at all
    raise _not_a_list()


def _around(body: Text, start: int, end: int) -> dict[str, Any] | None:
    """Return the envelope around the list from `start` to `end`; None if it is no envelope."""
    if start > LONGEST_TAIL or len(body) - end > LONGEST_TAIL:
        return None
    try:
        envelope = orjson.loads(bytes(body[:start]) + bytes(body[end:]))
    except orjson.JSONDecodeError:
        return None
    is_empty = isinstance(envelope, dict) and envelope.pop("results", None) == []
    return envelope if is_empty else None


def _can_end(body: Text, start: int, end: int) -> bool:
    return _around(body, start, end) is not None


def _spans(body: Text, start: int) -> tuple[list[tuple[int, int]], int]:
    """Return the (start, end) of each slice, and the position of the closing bracket."""
    spans, depth, count, first, began = [], 0, 0, start, start
    for match in NEXT_BRACKET.finditer(body, start):
        if match[1] in (b"", b'"'):
            break
        if match[1] in b"{[":
            began = match.end() if depth == 0 else began
            depth += 1
            continue
        depth -= 1
        if depth < 0:
            if body[first : match.end() - 1].strip():
                spans.append((first, match.end() - 1))
            return spans, match.end() - 1
        if depth == 0:
            if match.end() - began > LONGEST_RECORD:
                break
            count += 1
            if count >= SLICE_RECORDS or match.end() - first > SLICE_BYTES:
                spans.append((first, match.end()))
                separator = SEPARATOR.match(body, match.end())
                count, first = 0, separator.end() if separator else match.end()
    raise ValueError("the list does not end")


def _parsed(body: Text, span: tuple[int, int]) -> list[Element]:
    return orjson.loads(b"[" + body[span[0] : span[1]] + b"]")


def _not_a_list() -> UnusableAnswer:
    return UnusableAnswer(
        "JSON, but not with a list of results as OBIS gives it", retries=FEW_RETRIES
    )
