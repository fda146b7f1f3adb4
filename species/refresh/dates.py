"""Reads an event date, as written, as the days that it can mean; never invents a day and never shifts one."""

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from species.refresh.text import says_nothing
from species.terms import DatePrecision, Finding

_UNREADABLE, _FUTURE = int(Finding.DATE_UNREADABLE), int(Finding.DATE_IN_FUTURE)
_IMPLAUSIBLE, _REVERSED = int(Finding.DATE_IMPLAUSIBLE), int(Finding.DATE_REVERSED)
_DISAGREES = int(Finding.DATE_DISAGREES)

_TIME = r"(?:[T ]\s?\d{1,2}(?::?\d{2}(?::?\d{2}(?:[.,]\d+)?)?)?\s?(?:Z|[+-]\d{2}(?::?\d{2})?)?)?"
_DAY = re.compile(rf"(\d{{4}})(?:-(\d{{1,2}})(?:-(\d{{1,2}}))?)?{_TIME}", re.ASCII | re.IGNORECASE)
_COMPACT_DAY = re.compile(rf"(\d{{4}})(\d{{2}})(\d{{2}}){_TIME}", re.ASCII | re.IGNORECASE)
_ORDINAL_DAY = re.compile(rf"(\d{{4}})-(\d{{3}}){_TIME}", re.ASCII | re.IGNORECASE)
_WEEK = re.compile(rf"(\d{{4}})-?W(\d{{2}})(?:-?([1-7]))?{_TIME}", re.ASCII | re.IGNORECASE)
_YEAR_FIRST = re.compile(r"(\d{4})([/.])(\d{1,2})\2(\d{1,2})", re.ASCII)
_YEAR_LAST = re.compile(r"(?:(\d{1,2})-)?(\d{1,2})([/.-])(\d{1,2})\3(\d{4})", re.ASCII)
_SHORT_END = re.compile(rf"(?:(\d{{1,2}})-)?(\d{{1,2}}){_TIME}", re.ASCII | re.IGNORECASE)
_TIME_ONLY = re.compile(r"T?\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s?(?:Z|[+-]\d{2}(?::?\d{2})?)?", re.ASCII)

_EPOCH = date(1970, 1, 1).toordinal()
_MILLISECONDS_A_DAY = 86_400_000
_FIRST_GREGORIAN_YEAR = 1582
_LINNAEUS = date(1758, 1, 1)  # the year of Systema Naturae: a description date rather than a sighting

LONGEST = 100  # characters; no event date that can be read is longer, and the cache stays small

_Span = tuple[date, date]


@dataclass(frozen=True, slots=True)
class EventDate:
    """The first and last day an event date can mean (both None or neither), its precision and Finding bits."""

    start: date | None
    end: date | None
    precision: DatePrecision
    findings: int = 0


def today() -> date:
    """The current day of the server's clock, which is UTC."""
    return datetime.now(UTC).date()


@lru_cache(maxsize=32768)
def understand(text: str, obis_start: int | None, obis_end: int | None, today: date) -> EventDate:
    """The event date as written, checked against OBIS's own days (milliseconds since 1970), which stand in for it
    where it cannot be read."""
    ours, obis = read_event_date(text, today), _obis_span(obis_start, obis_end)
    if obis is None:
        return ours
    if ours.start is None or ours.end is None:
        return replace(_as_event_date(obis, today), findings=ours.findings)
    apart = max(abs((ours.start - obis[0]).days), abs((ours.end - obis[1]).days))
    return replace(ours, findings=ours.findings | _DISAGREES) if apart > 1 else ours


def read_event_date(text: str, today: date) -> EventDate:
    """What a Darwin Core eventDate says. Unreadable text gives no days and a finding; a missing one gives neither."""
    text = text.strip()
    if says_nothing(text):
        return EventDate(None, None, DatePrecision.NONE)
    try:
        span, last_part_begins, findings = _read(text)
    except (ValueError, OverflowError):  # a 30 February, a month 13, a year 0, a shape not known
        return EventDate(None, None, DatePrecision.NONE, _UNREADABLE)
    return _as_event_date(span, today, last_part_begins, findings)


def _as_event_date(span: _Span, today: date, last_part_begins: date | None = None, findings: int = 0) -> EventDate:
    start, end = span
    # The current year is not in the future, though its last day is; tomorrow may be today elsewhere on Earth.
    if ((last_part_begins or start) - today).days > 1:
        findings |= _FUTURE
    if start.year < _FIRST_GREGORIAN_YEAR or (start == _LINNAEUS and end in (start, date(1758, 12, 31))):
        findings |= _IMPLAUSIBLE
    return EventDate(start, end, _precision(start, end), findings)


def _precision(start: date, end: date) -> DatePrecision:
    if start == end:
        return DatePrecision.DAY
    if start.day == 1 and end == _month(start.year, start.month)[1]:
        return DatePrecision.MONTH
    if start == date(start.year, 1, 1) and end == date(start.year, 12, 31):
        return DatePrecision.YEAR
    return DatePrecision.RANGE


def _read(text: str) -> tuple[_Span, date, int]:
    """(span, the first day that the last part of the text can mean, findings); ValueError when it is no date."""
    left, slash, right = text.partition("/")
    if not slash or "/" in right:
        span = _part(text)
        return span, span[0], 0
    first = _part(left.strip())
    last = _end(right.strip(), first[0], left.strip())
    if last[1] < first[0]:
        return (last[0], first[1]), first[0], _REVERSED
    return (first[0], max(first[1], last[1])), last[0], 0


def _part(text: str) -> _Span:
    if found := _DAY.fullmatch(text):
        year, month, day = (int(n) if n else 0 for n in found.groups())
        if day:
            return _day(year, month, day)
        return _month(year, month) if month else (date(year, 1, 1), date(year, 12, 31))
    if found := _COMPACT_DAY.fullmatch(text) or _YEAR_FIRST.fullmatch(text):
        numbers = [int(n) for n in found.groups() if n.isdigit()]
        return _day(*numbers)
    if found := _YEAR_LAST.fullmatch(text):
        return _year_last(*(int(n) if n else 0 for n in found.group(1, 2, 4, 5)))
    if found := _ORDINAL_DAY.fullmatch(text):
        only = date(int(found[1]), 1, 1) + timedelta(days=int(found[2]) - 1)
        if only.year != int(found[1]):
            raise ValueError(text)
        return only, only
    if found := _WEEK.fullmatch(text):
        first = date.fromisocalendar(int(found[1]), int(found[2]), int(found[3] or 1))
        return first, first if found[3] else first + timedelta(days=6)
    raise ValueError(text)


def _end(text: str, start: date, left: str) -> _Span:
    """The right half of a span, which may leave out what it shares with the left: 1980-07-15/20."""
    given = _DAY.fullmatch(left)
    if given and given[3]:
        if _TIME_ONLY.fullmatch(text):
            return start, start
        if found := _SHORT_END.fullmatch(text):
            return _day(start.year, int(found[1] or start.month), int(found[2]))
    elif given and given[2] and re.fullmatch(r"\d{1,2}", text, re.ASCII):
        return _month(start.year, int(text))
    return _part(text)


def _year_last(until: int, a: int, b: int, year: int) -> _Span:
    """28/09/2006, or until-wise 11-20/7/2009: only where day and month cannot be taken for one another."""
    if until:  # written first: the span's first day
        first, last = _day(year, b, until), _day(year, b, a)
        if first > last:
            raise ValueError("reversed days")
        return first[0], last[1]
    if a > 12 or a == b:
        return _day(year, b, a)
    if b > 12:
        return _day(year, a, b)
    raise ValueError("day and month cannot be told apart")


def _day(year: int, month: int, day: int) -> _Span:
    only = date(year, month, day)
    return only, only


def _month(year: int, month: int) -> _Span:
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _obis_span(start: int | None, end: int | None) -> _Span | None:
    if start is None or end is None or start > end:
        return None
    try:
        first, last = (date.fromordinal(_EPOCH + ms // _MILLISECONDS_A_DAY) for ms in (start, end))
    except (ValueError, OverflowError):
        return None
    return first, last
