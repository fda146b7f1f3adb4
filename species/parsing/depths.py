"""Ranges of depths, such as "0,50", "200," or "0 to 50 m"."""

import math
import re
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from species.parsing import printed
from species.parsing.numbers import format_number, only_reading, parse_number
from species.parsing.printed import match_message, read_lengths, split_list, unit_of
from species.parsing.texts import typed_text
from species.ranges import DepthRange

IN_ADDRESS = re.compile(r"[-+\d.eE]*\s*,\s*<?\s*[-+\d.eE]*", re.ASCII)


def parse_depths(values: Iterable[str], low: float, high: float) -> DepthRange | None:
    """Return the range, or None for no text. "<50" as the second end excludes 50.

    Raises ValueError for ends outside of low..high or in the wrong order.
    """
    text = typed_text(values)
    if not text:
        return None
    if IN_ADDRESS.fullmatch(text):
        first, last = (part.strip() for part in text.split(","))
        ends = DepthRange(
            parse_number(first) if first else None, parse_upper_end(last) if last else None
        )
    else:
        ends = only_reading(printed_ranges(text), text)
    check_ends(ends, low, high)
    return ends


def check_ends(ends: DepthRange, low: float, high: float) -> None:
    if ends == (None, None):
        raise ValueError(_("Enter two numbers separated by a comma, such as 0,50 or 200, or ,10."))
    if any(end is not None and not low <= end <= high for end in ends):
        reason = _("Enter numbers from %(low)s to %(high)s.")
        raise ValueError(reason % {"low": f"{low:,}", "high": f"{high:,}"})
    if ends.low is not None and ends.high is not None and ends.low > ends.high:
        raise ValueError(_("The first number can't be greater than the second."))


def printed_ranges(text: str) -> Iterator[DepthRange]:
    """Yield every reading of a range as our pages print it. Raises ValueError for none."""
    if printed.is_printed(printed.ABOVE, text):
        yield DepthRange(None, math.nextafter(0.0, -math.inf))
        return
    parts = list(printed.split_ends(text))
    for message in (printed.BAND, printed.DEEPER, printed.SHALLOWER):
        for language, found in match_message(message, text):
            low, high = (
                f"{found[end]} {found['unit']}" if end in found else "" for end in ("low", "high")
            )
            # Before a second end, the first may have a unit of its own or none.
            parts.append((language, found.get("low", "") if high else low, high))
    if not parts and (both := split_list(text, 2)) and not re.search(r"\d,\d", text):
        parts.append(("", both[0], both[1]))
    if not parts:
        raise ValueError(_("Enter two numbers separated by a comma, such as 0,50 or 200, or ,10."))
    for language, low, high in parts:
        unit = unit_of(high) or unit_of(low) or "m"
        lows: Iterable[float | None] = read_lengths(low, language, unit) if low else [None]
        highs: Iterable[float | None] = upper_ends(high, language, unit) if high else [None]
        yield from (DepthRange(first, last) for first in lows for last in highs)


def upper_ends(text: str, language: str, unit: str) -> set[float]:
    """Return every reading of an upper end, which may exclude its number."""
    less = [found["number"] for _language, found in match_message(printed.LESS_THAN, text)]
    less += [text[1:].strip()] if text.startswith("<") else []
    if less:
        return {math.nextafter(end, -math.inf) for end in read_lengths(less[0], language, unit)}
    return read_lengths(text, language, unit)


def parse_upper_end(text: str) -> float:
    if text.startswith("<"):
        return math.nextafter(parse_number(text[1:]), -math.inf)
    return parse_number(text)


def format_upper_end(value: float | None) -> str:
    """Return an upper end as short as possible: "50", or "<50" for what excludes 50."""
    if value is None:
        return ""
    next_one = format_number(math.nextafter(value, math.inf) + 0.0)
    is_shorter = len(next_one) < len(format_number(value)) - 1
    return f"<{next_one}" if is_shorter else format_number(value)
