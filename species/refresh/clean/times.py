"""Read the time of day of an event date, to find out whether it exists."""

import re
from typing import NamedTuple

_ZONE = r"(Z|[+-]\d{2}(?::?\d{2})?)"
_TIME = re.compile(rf"(\d{{1,2}})(?::?(\d{{2}})(?::?(\d{{2}})(?:[.,]\d+)?)?)?\s?{_ZONE}?", re.ASCII)
_COMPACT = re.compile(r"\d{4}(?:\d{2})?", re.ASCII)
_MONTH_AND_DAY = re.compile(r"\d{1,2}-\d{1,2}", re.ASCII)


class TimeOfDay(NamedTuple):
    """Hour, minute and second, the offset as written, and whether ISO 8601 allows the time."""

    clock: tuple[int, int, int]
    zone: str
    exists: bool


def read_time(text: str) -> TimeOfDay | None:
    """Return a time such as 14:30, 1430Z or 14:30:00.5+02:00; None for another form."""
    found = _TIME.fullmatch(text)
    if not found:
        return None
    hour, minute, second = (int(number or 0) for number in found.group(1, 2, 3))
    end_of_day = hour == 24 and minute == second == 0
    exists = (hour < 24 or end_of_day) and minute < 60 and second <= 60  # 60: a leap second
    is_written_in_full = len(found[1]) == 2
    return TimeOfDay(
        (hour, minute, second),
        found[4] or "",
        exists and is_written_in_full and _zone_exists(found[4]),
    )


def read_end_time(text: str, begin: str) -> TimeOfDay | None:
    """Return the time that ends a span within one day; None if the text is a date.

    `begin` is the time that the span begins with, or "". After a time a bare number is an hour;
    1730 is a time after 0830 but a year after 08:30; 11-05 is a time after 08-05 but 5 November
    otherwise.
    """
    text = text.upper()
    if text.startswith("T"):
        return read_time(text[1:].strip())
    end = read_time(text)
    if end is None or ":" in text:
        return end
    if _COMPACT.fullmatch(text):
        return end if _COMPACT.match(begin) else None
    if _MONTH_AND_DAY.fullmatch(text):
        return end if end.zone == _zone_of(begin) else None
    return end if begin and end.clock[0] <= 24 else None


def _zone_of(time: str) -> str:
    found = read_time(time)
    return found.zone if found else ""


def _zone_exists(zone: str | None) -> bool:
    if not zone or zone == "Z":
        return True
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return int(digits[:2]) <= 14 and int(digits[2:]) < 60
