"""Read a day, week, month or year in any usual spelling as a span of days."""

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

from species.terms import Finding

_NOT_STANDARD = int(Finding.DATE_NOT_STANDARD)


CALENDAR_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_ORDINAL_DAY = re.compile(r"(\d{4})-(\d{3})", re.ASCII)
_WEEK = re.compile(r"(\d{4})-?W(\d{2})(?:-?([1-7]))?", re.ASCII | re.IGNORECASE)
_YEAR_FIRST = re.compile(r"(\d{4})([/.])(\d{1,2})\2(\d{1,2})", re.ASCII)
_YEAR_LAST = re.compile(r"(?:(\d{1,2})-)?(\d{1,2})([/.-])(\d{1,2})\3(\d{4})", re.ASCII)


class Span(NamedTuple):
    """First and last day, with Finding bits for the way they are written."""

    first: date
    last: date
    findings: int = 0


def read_days(text: str) -> Span:
    if found := CALENDAR_DATE.fullmatch(text):
        return read_calendar_date(*found.groups())
    if found := _COMPACT_DAY.fullmatch(text):
        return _day(*map(int, found.groups()))
    if found := _YEAR_FIRST.fullmatch(text):
        return _day(*map(int, found.group(1, 3, 4)), findings=_NOT_STANDARD)
    if found := _YEAR_LAST.fullmatch(text):
        return _year_last(*(int(n) if n else 0 for n in found.group(1, 2, 4, 5)))
    if found := _ORDINAL_DAY.fullmatch(text):
        only = date(int(found[1]), 1, 1) + timedelta(days=int(found[2]) - 1)
        if only.year != int(found[1]):
            raise ValueError(text)
        return Span(only, only)
    if found := _WEEK.fullmatch(text):
        first = date.fromisocalendar(int(found[1]), int(found[2]), int(found[3] or 1))
        return Span(first, first if found[3] else first + timedelta(days=6))
    raise ValueError(text)


def read_calendar_date(year: str, month: str | None, day: str | None) -> Span:
    """Return the days of YYYY, YYYY-MM or YYYY-MM-DD; 00 is a month or day not stated."""
    given = [number for number in (month, day) if number is not None]
    findings = 0 if all(len(number) == 2 and int(number) for number in given) else _NOT_STANDARD
    if day and int(day):
        return _day(int(year), int(month or 0), int(day), findings=findings)
    if month and int(month):
        return month_of(int(year), int(month), findings)
    return Span(date(int(year), 1, 1), date(int(year), 12, 31), findings)


def _year_last(until: int, a: int, b: int, year: int) -> Span:
    """Return the days of 28/09/2006 or 11-20/7/2009. Raises ValueError if ambiguous."""
    if until:  # written first: the span's first day
        first, last = _day(year, b, until), _day(year, b, a)
        if first > last:
            raise ValueError("reversed days")
        return Span(first.first, last.last, _NOT_STANDARD)
    if a > 12 or a == b:
        return _day(year, b, a, findings=_NOT_STANDARD)
    if b > 12:
        return _day(year, a, b, findings=_NOT_STANDARD)
    raise ValueError("day and month cannot be told apart")


def _day(year: int, month: int, day: int, *, findings: int = 0) -> Span:
    only = date(year, month, day)
    return Span(only, only, findings)


def month_of(year: int, month: int, findings: int = 0) -> Span:
    return Span(date(year, month, 1), date(year, month, monthrange(year, month)[1]), findings)
