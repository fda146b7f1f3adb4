"""Split a damaged list of results into its elements, so that a bad one does not spoil the others.

The scan is linear: possessive patterns skip strings and brackets, and the work of finding the next
record after damage is bounded by the size of the body.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from species.refresh.fetch.errors import mend_json
from species.refresh.fetch.repeated_keys import names_keys_once, repeats_keys
from species.refresh.hashes import digest

Text = bytearray | bytes

LONGEST_RECORD = 4 << 20  # bytes of JSON; the longest of 54,000 real records has 9 kB
LONGEST_RAW_FORM = 64 << 10  # bytes that are kept of an element that is no record
LONGEST_TAIL = 64 << 10  # bytes of an envelope behind its list
WORK_PER_BYTE = 8

# Up to and including the next bracket outside of strings, or to where a string or the body breaks
# off; possessive, and with a match from everywhere, so that no text can make it go back or try
# again from each of its bytes.
NEXT_BRACKET = re.compile(
    rb'(?>[^"{}\[\]]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+([{}\[\]"]|\Z)', re.DOTALL
)
SEPARATOR = re.compile(rb"[\s,]*+")
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_SCALAR = re.compile(rb'[^\s,\[\]{}"]++')
_COMMA = re.compile(rb"\s*+,")
_BRACKET = re.compile(rb"\s*+\]")
_RECORD_START = re.compile(rb'\s*+,\s*+(?=\{\s*+")')


@dataclass(frozen=True, slots=True)
class BadElement:
    """An element of a list of results that is no record.

    `reason` is the code of a rule, `text` the start of the element as received, `size` its length
    in bytes, `known` the identifiers found in it, and `digest` a hash of the whole text.
    """

    reason: str
    text: bytes
    size: int
    digest: UUID
    known: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_text(cls, reason: str, text: Text) -> "BadElement":
        known = parse_leniently(text) if len(text) <= LONGEST_RECORD else None
        ids = (
            {key: known.get(key) for key in ("id", "dataset_id", "occurrenceID")}
            if isinstance(known, dict)
            else {}
        )
        return cls(
            reason, bytes(text[:LONGEST_RAW_FORM]), len(text), digest(b"element", bytes(text)), ids
        )

    def get(self, key: str) -> Any:
        return self.known.get(key)

    def as_received(self) -> dict[str, Any]:
        """Return the raw form in the shape of a packed record."""
        return {"received": self.text.decode("utf-8", "replace"), "receivedBytes": self.size}


Element = dict[str, Any] | BadElement


def read_element(text: Text) -> Element:
    """Return the record in a text, with broken UTF-8 mended, or the bad element."""
    if len(text) > LONGEST_RECORD:
        return BadElement.from_text("record_too_large", text)
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        try:
            value = orjson.loads(mend_json(text))
        except orjson.JSONDecodeError:
            return BadElement.from_text("unreadable", text)
    if not isinstance(value, dict):
        return BadElement.from_text("not_an_object", text)
    if not names_keys_once(text, value) and repeats_keys(text):
        return BadElement.from_text("repeated_keys", text)
    return value


def not_an_object(value: Any) -> BadElement:
    """Return the bad element for a parsed value that is no record."""
    try:
        text = orjson.dumps(value)
    except TypeError:  # nested more deeply than orjson writes
        text = repr(value)[:LONGEST_RAW_FORM].encode("utf-8", "replace")
    return BadElement.from_text("not_an_object", text)


def parse_leniently(text: Text) -> Any:
    """Return the value of JSON with NaN or control characters, numbers as text; None if broken."""
    try:
        return json.loads(
            mend_json(text), strict=False, parse_int=str, parse_float=str, parse_constant=str
        )
    except (ValueError, RecursionError):
        return None


def spans_of(
    body: Text, start: int, is_end: Callable[[int], bool]
) -> Iterator[tuple[int, int, Element | None]]:
    """Yield (start, end, element) of each element; the element is None for a sound record.

    The list opens before `start`; the last tuple is its end. `is_end(n)` returns whether the rest
    of the body from n can end the envelope. Raises ValueError if the list does not end.
    """
    scan = _Scan(body, is_end)
    here = start
    while True:
        here = scan.skip(here)
        if body[here : here + 1] == b"]" and is_end(here):
            yield here, here, None
            return
        end = scan.end_of_value(here)
        if end is not None and scan.is_boundary(end):
            element = read_element(body[here:end])
            if isinstance(element, dict):
                yield here, end, None if _parses(body[here:end]) else element
                here = end
                continue
        last, after = scan.recover(here, end, is_sound=end is not None and _parses(body[here:end]))
        yield here, last, read_element(body[here:last])
        here = after


class _Scan:
    """A scan of one body with bounded work. Its methods raise ValueError."""

    def __init__(self, body: Text, is_end: Callable[[int], bool]) -> None:
        self.body, self.is_end = body, is_end
        self.work_left = WORK_PER_BYTE * len(body) + (1 << 20)

    def spend(self, work: int) -> None:
        self.work_left -= work
        if self.work_left < 0:
            raise ValueError("too much damage to find the records")

    def skip(self, here: int) -> int:
        match = SEPARATOR.match(self.body, here)
        here = match.end() if match else here
        if here >= len(self.body):
            raise ValueError("the list does not end")
        return here

    def end_of_value(self, here: int) -> int | None:
        """Return the end of the value that begins here; None if it has none."""
        first = self.body[here : here + 1]
        if first in (b"{", b"["):
            return self.end_of_brackets(here)
        if first == b'"':
            match = _STRING.match(self.body, here)
            return match.end() if match else None
        match = _SCALAR.match(self.body, here)
        return match.end() if match else here + 1

    def end_of_brackets(self, here: int) -> int | None:
        closing, at = bytearray(), here
        for match in NEXT_BRACKET.finditer(self.body, here):
            self.spend(match.end() - at)
            at = match.end()
            if match[1] in (b"", b'"'):
                return None
            if match[1] in b"{[":
                closing += b"}" if match[1] == b"{" else b"]"
            elif not closing or closing.pop() != match[1][0]:
                return None
            if not closing:
                return at
        return None

    def is_boundary(self, end: int, following: re.Pattern[bytes] = _COMMA) -> bool:
        """Return whether another element or the end of the list follows."""
        if following.match(self.body, end):
            return True
        bracket = _BRACKET.match(self.body, end)
        return bracket is not None and self.is_end(bracket.end() - 1)

    def recover(self, here: int, end: int | None, *, is_sound: bool) -> tuple[int, int]:
        """Return the end of the bad element that begins here, and where the next one begins.

        `is_sound`: the element is valid JSON.
        """
        # What looks like the end of a damaged record may lie in it, unless another record follows.
        is_bounded = end is not None and self.is_boundary(
            end, _COMMA if is_sound else _RECORD_START
        )
        for match in _RECORD_START.finditer(
            self.body, here + 1, end if is_bounded and end else len(self.body)
        ):
            if self.begins_record(match.end()):
                return match.start(), match.end()
        if is_bounded and end:
            return end, end
        return self.last_element(here)

    def begins_record(self, here: int) -> bool:
        end = self.end_of_brackets(here)
        if end is None or end - here > LONGEST_RECORD or b'"dataset_id"' not in self.body[here:end]:
            return False
        self.spend(end - here)
        value = parse_leniently(self.body[here:end])
        return isinstance(value, dict) and "id" in value and "dataset_id" in value

    def last_element(self, here: int) -> tuple[int, int]:
        """Return the end of the list after a damaged last element."""
        if self.breaks_off(here):
            raise ValueError("the list does not end")
        at = len(self.body)
        for _ in range(20):
            at = self.body.rfind(b"]", here, at)
            if at <= here:
                break
            if self.is_end(at):
                return at, at
        raise ValueError("the list does not end")

    def breaks_off(self, here: int) -> bool:
        """Return whether the rest is sound as far as it goes, so that the body was cut off.

        False if it ends in an open string, which may also be damage.
        """
        closing = bytearray()
        for match in NEXT_BRACKET.finditer(self.body, here):
            if match[1] in (b"", b'"'):
                return match[1] == b""
            if match[1] in b"{[":
                closing += b"}" if match[1] == b"{" else b"]"
            elif not closing or closing.pop() != match[1][0]:
                return False
        return True


def _parses(text: Text) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True
