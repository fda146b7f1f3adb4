"""Read text, numbers and booleans from any JSON value, without raising."""

import json
import math
import re
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

T = TypeVar("T")

# C0 and C1 controls except tab and line breaks, and lone surrogates: PostgreSQL stores neither NUL
# nor surrogates.
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

LONGEST_NAME = 500  # characters of a taxon's name; the database's index of names takes 2,704 bytes
LONGEST_REMEMBERED = 500  # characters of a provider's text that a cache may keep
MOST_RECORDS = 10**12  # all of OBIS is not two hundred million

# How providers write "nothing": compared after `fold`.
# fmt: off
_NOTHING = frozenset([
    "", "null", "na", "n/a", "n.a.", "nan", "nd", "n.d.", "none", "nil", "-", "--", "?", "unknown", "unk",
    "undefined", "unassigned", "missing", "not available", "not recorded", "not specified", "not stated",
    "not determined", "not reported", "no data", "desconocido", "inconnu", "indet", "indet.",
])
# fmt: on


def raw_text(value: object) -> str:
    """Return a JSON value as text: "" for null, JSON for lists and objects."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    try:
        return json.dumps(value, ensure_ascii=False)
    except (
        ValueError,
        TypeError,
        RecursionError,
    ):  # an integer of thousands of digits, or nested beyond sense
        return ""


def clean_text(value: object) -> str:
    """Return a JSON value as text that PostgreSQL can store; markup stays."""
    text = value if isinstance(value, str) else raw_text(value)
    return text if text.isprintable() else _UNSTORABLE.sub("", text)


def clean_name(value: object) -> str:
    """Return a scientific name or author with single, trimmed spaces."""
    return " ".join(clean_text(value).split())


def fold_text(text: str) -> str:
    """Return text for comparison: trimmed, case-folded, with single spaces."""
    return " ".join(text.casefold().split())


def says_nothing(text: str) -> bool:
    """Return whether a text means that nothing is stated, as "NA" does."""
    return fold_text(text) in _NOTHING


def cache_short(read: Callable[[str], T]) -> Callable[[str], T]:
    """Cache the results of a pure function for the last 1,024 short texts.

    Long texts are not cached, so that the memory does not depend on the provider.
    """
    remembered = lru_cache(maxsize=1024)(read)

    @wraps(read)
    def reader(text: str) -> T:
        return remembered(text) if len(text) <= LONGEST_REMEMBERED else read(text)

    return reader


def read_number(value: object) -> float | None:
    """Return a finite number, also from text; None for anything else, booleans included."""
    if isinstance(value, float):
        number = value
    elif isinstance(value, bool):
        return None
    elif isinstance(value, int):
        try:
            number = float(value)
        except OverflowError:
            return None
    elif isinstance(value, str) and len(value) < 400 and _NUMBER.fullmatch(value.strip()):
        number = float(value)
    else:
        return None
    return number + 0.0 if math.isfinite(number) else None  # + 0.0: minus zero is zero


def read_id(value: object) -> int | None:
    """Return an identifier such as an AphiaID (1 to 2,147,483,647), also from text, or None."""
    if type(value) is int:
        return value if 0 < value < 2**31 else None
    number = read_number(value)
    return (
        int(number) if number is not None and number.is_integer() and 0 < number < 2**31 else None
    )


def is_uuid(value: object) -> bool:
    """Return whether a value is a UUID as OBIS writes one."""
    return isinstance(value, str) and _UUID.fullmatch(value) is not None


def read_total(value: object) -> int | None:
    """Return a number of records as OBIS announces it; None if it is not plausible."""
    return value if type(value) is int and 0 <= value <= MOST_RECORDS else None


def read_bool(value: object) -> bool | None:
    """Return a boolean, also from text or 1 and 0; None if it is neither."""
    if value is None or isinstance(value, bool):
        return value
    return {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}.get(
        fold_text(raw_text(value))
    )
