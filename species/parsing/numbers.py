"""Numbers, lengths and angles, as in addresses or as our pages print them."""

import math
import re
from collections.abc import Iterable
from typing import TypeVar

from django.utils.translation import gettext as _

from species.parsing.printed import normalize_text, read_degrees, read_lengths

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
Reading = TypeVar("Reading")


def parse_number(text: str) -> float:
    """Return a finite number; Python's underscores and infinities are refused."""
    text = normalize_text(text)
    value = float(text) if NUMBER.fullmatch(text) else math.nan
    if not math.isfinite(value):
        raise ValueError(_("“%(text)s” is not a number.") % {"text": text[:40]})
    return value + 0.0  # -0.0 becomes 0.0


def parse_angle(text: str, sides: str, language: str = "") -> float:
    """Return degrees as in addresses or as printed; `sides` is "NS" or "EW"."""
    try:
        return parse_number(text)
    except ValueError:
        return only_reading(read_degrees(text, sides, language), text)


def parse_length(text: str, language: str = "", *, of: str = "m") -> float:
    """Return a length in the unit `of`, as in addresses or as printed."""
    try:
        if not language:
            return parse_number(text)
    except ValueError:
        pass
    return only_reading(read_lengths(text, language, of, of=of), text)


def only_reading(readings: Iterable[Reading], text: str) -> Reading:
    """Return the one value that a printed text can have.

    Raises ValueError if there is none, or several.
    """
    found = set(readings)
    if len(found) > 1:
        reason = _("“%(text)s” is ambiguous. Write 1500 or 1.5, without thousands separators.")
        raise ValueError(reason % {"text": text[:40]})
    if not found:
        raise ValueError(_("“%(text)s” is not a number.") % {"text": text[:40]})
    return found.pop()


def format_number(value: float | None) -> str:
    """Return the shortest text from which all bits of a number can be read; "" for None."""
    return "" if value is None else repr(value).removesuffix(".0")
