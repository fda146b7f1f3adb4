"""Errors of upstream services, and reading JSON in spite of small damage."""

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
    """The service cannot be used, also after retries; the message is for people."""


class BadAnswer(UpstreamError):
    """One answer of the service cannot be used; others may be fine."""


class DatasetFault(BadAnswer):
    """One dataset cannot be read; others may be fine."""


class UnusableAnswer(Exception):
    """An answer that another request may mend.

    `retries` and `pause` override those of the client. `is_whole`: the answer was complete, so its
    content is at fault.
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
    """Status 404."""


def printable(text: str, limit: int = QUOTED_CHARACTERS) -> str:
    """Return upstream text for a message: one line without invisible characters, shortened."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def check_values(body: bytes | bytearray) -> None:
    """Raise UnusableAnswer for a body with far more values than any answer has."""
    if body.count(b",") > MOST_VALUES:
        reason = f"more than {MOST_VALUES:,} values in {len(body):,} bytes"
        raise UnusableAnswer(reason, retries=FEW_RETRIES, is_whole=True)


def parse_json(body: bytes | bytearray) -> Any:
    """Return parsed JSON. Raises UnusableAnswer.

    A stray byte or half a surrogate pair would make an answer unreadable for ever, so such a body
    is mended (with U+FFFD) and parsed again.
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
    """Return the error for a body that is no JSON; a complete one gets few retries."""
    start = bytes(body[:QUOTED_CHARACTERS]).decode("utf-8", "replace")
    if start.lstrip("\ufeff \t\r\n").startswith("<"):
        return UnusableAnswer(f"HTML instead of JSON: {printable(start)}")
    is_whole = body[-100:].rstrip().endswith(b"]" if body[:100].lstrip().startswith(b"[") else b"}")
    reason = f"no complete JSON in {len(body):,} bytes: {printable(start, 80)}"
    return UnusableAnswer(reason, retries=FEW_RETRIES if is_whole else None, is_whole=is_whole)


def mend_json(body: bytes | bytearray) -> bytes:
    """Return the body with invalid UTF-8 and lone surrogate escapes replaced by U+FFFD."""
    return _LONE_SURROGATE.sub(rb"\\ufffd", bytes(body).decode("utf-8", "replace").encode())
