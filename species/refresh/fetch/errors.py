"""The words for what can be wrong with an upstream's answer, and JSON that is read in spite of
small damage.
"""

import re
from typing import Any

import orjson

FEW_RETRIES = 3  # for answers that are more likely meant than not
QUOTED_CHARACTERS = 200
MOST_VALUES = 3_000_000  # in one answer; 10,000 records of OBIS have a third of that

_LONE_SURROGATE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)


class UpstreamError(Exception):
    """The upstream cannot be used: retries are used up, or it is not the service at all. The
    message is for people.
    """


class BadAnswer(UpstreamError):
    """The upstream answers, but this one answer cannot be used: others can be asked for."""


class DatasetFault(BadAnswer):
    """What is wrong with one dataset alone: the others can be read."""


class UnusableAnswer(Exception):
    """One answer that cannot be used; asking again may help. `retries` and `pause` override the
    client's own.

    `is_whole`: it came to its end, so that it is its content that cannot be used.
    """

    def __init__(
        self,
        reason: str,
        *,
        retries: int | None = None,
        pause: float | None = None,
        is_whole: bool = False,
    ):
        super().__init__(reason)
        self.retries = retries
        self.pause = pause
        self.is_whole = is_whole


class NotFound(UpstreamError):
    """Status 404: the address exists for no one."""


def printable(text: str, limit: int = QUOTED_CHARACTERS) -> str:
    """Upstream text for a message: one line, no control or invisible characters, at most `limit`
    characters.
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def check_values(body: bytes | bytearray) -> None:
    """Refuse a body of far more values than any answer has, before they become objects. Raises
    UnusableAnswer.
    """
    if body.count(b",") > MOST_VALUES:
        reason = f"more than {MOST_VALUES:,} values in {len(body):,} bytes"
        raise UnusableAnswer(reason, retries=FEW_RETRIES, is_whole=True)


def parse_json(body: bytes | bytearray) -> Any:
    """Parse JSON. Raises UnusableAnswer.

    One stray byte or half a surrogate pair in a provider's text would make a whole answer
    unreadable for ever, so such a body is mended (U+FFFD stands where the damage was) and read
    again.
    """
    check_values(body)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        return orjson.loads(mend_json(body).removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise unreadable(body) from error


def unreadable(body: bytes | bytearray) -> UnusableAnswer:
    """Return what is wrong with a body that is no JSON; one that was not cut off will hardly be any
    the next time.
    """
    start = bytes(body[:QUOTED_CHARACTERS]).decode("utf-8", "replace")
    if start.lstrip("\ufeff \t\r\n").startswith("<"):
        return UnusableAnswer(f"HTML instead of JSON: {printable(start)}")
    is_whole = body[-100:].rstrip().endswith(b"]" if body[:100].lstrip().startswith(b"[") else b"}")
    reason = f"no complete JSON in {len(body):,} bytes: {printable(start, 80)}"
    return UnusableAnswer(reason, retries=FEW_RETRIES if is_whole else None, is_whole=is_whole)


def mend_json(body: bytes | bytearray) -> bytes:
    """The body with invalid UTF-8 and lone surrogate escapes replaced by U+FFFD."""
    return _LONE_SURROGATE.sub(rb"\\ufffd", bytes(body).decode("utf-8", "replace").encode())
