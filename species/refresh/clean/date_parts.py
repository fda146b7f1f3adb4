"""Compare the year, month and day beside an event date with the event date itself."""

from collections.abc import Mapping
from datetime import date

from species.refresh.clean.dates import EventDate
from species.refresh.text import clean_text, read_number, says_nothing
from species.terms import DatePrecision, Finding

CALENDAR_PARTS = ("year", "month", "day")
DATE_PARTS = (*CALENDAR_PARTS, "startDayOfYear", "endDayOfYear")


def parts_disagree(event_date: EventDate, parts: Mapping[str, object]) -> bool:
    """Return whether a part names another day than the first one of the event date.

    Parts finer than the event date ("1971" with a month) agree. Source: TDWG test EVENT_CONSISTENT.
    """
    if (
        event_date.start is None
        or event_date.end is None
        or event_date.findings & Finding.DATE_REVERSED
    ):
        return False
    stated = _stated_parts(event_date.start, event_date.end, event_date.precision)
    given = {name: _whole_number(parts.get(name)) for name in stated}
    return any(given[name] not in (None, value) for name, value in stated.items())


def has_calendar_parts(parts: Mapping[str, object]) -> bool:
    """Return whether a year, a month or a day is given."""
    return any(not says_nothing(clean_text(parts.get(name))) for name in CALENDAR_PARTS)


def _stated_parts(start: date, end: date, precision: DatePrecision) -> dict[str, int]:
    stated = {"year": start.year}
    if precision != DatePrecision.YEAR:
        stated["month"] = start.month
    if precision not in (DatePrecision.YEAR, DatePrecision.MONTH):
        stated |= {
            "day": start.day,
            "startDayOfYear": _day_of_year(start),
            "endDayOfYear": _day_of_year(end),
        }
    return stated


def _day_of_year(day: date) -> int:
    return day.timetuple().tm_yday


def _whole_number(value: object) -> int | None:
    number = read_number(value)
    return int(number) if number is not None and number.is_integer() else None
