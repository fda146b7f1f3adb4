"""Read an event date as the days that it can mean; never invent a day and never shift one."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from species.refresh.clean.days import CALENDAR_DATE, Span, month_of, read_calendar_date, read_days
from species.refresh.clean.durations import is_duration, read_duration
from species.refresh.clean.times import TimeOfDay, read_end_time, read_time
from species.refresh.text import says_nothing
from species.terms import DatePrecision, Finding

_UNREADABLE, _FUTURE = int(Finding.DATE_UNREADABLE), int(Finding.DATE_IN_FUTURE)
_IMPLAUSIBLE, _REVERSED = int(Finding.DATE_IMPLAUSIBLE), int(Finding.DATE_REVERSED)
_DISAGREES, _NOT_STANDARD = int(Finding.DATE_DISAGREES), int(Finding.DATE_NOT_STANDARD)

_SHORT_END = re.compile(r"(?:(\d{1,2})-)?(\d{1,2})", re.ASCII)

# ISO 8601 writes a negative offset with a minus sign where there is one; a dash may also mean "to",
# and is left alone.
_HYPHENS = str.maketrans(dict.fromkeys("\N{MINUS SIGN}\N{HYPHEN}\N{NON-BREAKING HYPHEN}", "-"))

_EPOCH = date(1970, 1, 1).toordinal()
_MILLISECONDS_A_DAY = 86_400_000
_FIRST_GREGORIAN_YEAR = 1582
# the year of Systema Naturae: a description date rather than a sighting
_LINNAEUS = date(1758, 1, 1)

LONGEST = 100  # characters; no event date that can be read is longer, and the cache stays small


@dataclass(frozen=True, slots=True)
class EventDate:
    """First and last day (or None for both), precision and Finding bits of an event date."""

    start: date | None
    end: date | None
    precision: DatePrecision
    findings: int = 0


def current_day() -> date:
    """Return the current day (UTC)."""
    return datetime.now(UTC).date()


@lru_cache(maxsize=32768)
def interpret_event_date(
    text: str, obis_start: int | None, obis_end: int | None, today: date
) -> EventDate:
    """Return the days of an event date, compared with the days that OBIS derived from it.

    `obis_start` and `obis_end` are milliseconds since 1970; they replace text that cannot be read.
    """
    ours, obis = read_event_date(text, today), _obis_span(obis_start, obis_end)
    if obis is None:
        return ours
    if ours.start is None or ours.end is None:
        return _as_event_date(obis._replace(findings=ours.findings), today)
    apart = max(abs((ours.start - obis.first).days), abs((ours.end - obis.last).days))
    return replace(ours, findings=ours.findings | _DISAGREES) if apart > 1 else ours


def read_event_date(text: str, today: date) -> EventDate:
    """Return the days that a Darwin Core eventDate can mean.

    Text that cannot be read gives no days and a finding, a missing date neither. Source: ISO
    8601-1:2019, TDWG eventDate.
    """
    text = text.strip().translate(_HYPHENS)
    if says_nothing(text):
        return EventDate(None, None, DatePrecision.NONE)
    try:
        span, last_part_begins = _read(text)
    except (ValueError, OverflowError):  # 30 February, month 13, year 0, an unknown form
        return EventDate(None, None, DatePrecision.NONE, _UNREADABLE)
    return _as_event_date(span, today, last_part_begins)


def _as_event_date(span: Span, today: date, last_part_begins: date | None = None) -> EventDate:
    start, end, findings = span
    # The current year is not in the future, though its last day is; tomorrow may be today elsewhere
    # on Earth.
    if ((last_part_begins or start) - today).days > 1:
        findings |= _FUTURE
    if start.year < _FIRST_GREGORIAN_YEAR or (
        start == _LINNAEUS and end in (start, date(1758, 12, 31))
    ):
        findings |= _IMPLAUSIBLE
    return EventDate(start, end, _precision(start, end), findings)


def _precision(start: date, end: date) -> DatePrecision:
    if start == end:
        return DatePrecision.DAY
    if start.day == 1 and end == month_of(start.year, start.month).last:
        return DatePrecision.MONTH
    if start == date(start.year, 1, 1) and end == date(start.year, 12, 31):
        return DatePrecision.YEAR
    return DatePrecision.RANGE


def _read(text: str) -> tuple[Span, date]:
    """Return the span, and the first day that its last part can mean. Raises ValueError."""
    left, slash, right = text.partition("/")
    if not slash or "/" in right:
        span = _read_part(text)
        return span, span.first
    left, right = left.strip(), right.strip()
    if is_duration(right):
        return _read_span_from(left, right)
    if is_duration(left):
        return _read_span_until(left, right)
    first = _read_part(left)
    last = _read_end(right, first, left)
    findings = first.findings | last.findings
    if last.last < first.first:
        return Span(last.first, first.last, findings | _REVERSED), first.first
    return Span(first.first, max(first.last, last.last), findings), last.first


def _read_span_from(begin: str, length: str) -> tuple[Span, date]:
    """Return as `_read` does a start and a duration, as in 2019-05-01T12:00/PT2H."""
    start, duration = _read_part(begin), read_duration(length)
    unit = _unit_of(start, begin)
    _check_units(unit, duration.finest)
    last = duration.last_day(start.first, _clock(begin) or timedelta())
    begins = {
        "year": last.replace(month=1, day=1),
        "month": last.replace(day=1),
        "week": last - timedelta(days=6),
    }
    return Span(start.first, last, start.findings), begins.get(unit, last)


def _read_span_until(length: str, end: str) -> tuple[Span, date]:
    """Return as `_read` does a duration and an end, as in P1M/2019-05; the last day is a full one."""
    last, duration = _read_part(end), read_duration(length)
    _check_units(_unit_of(last, end), duration.finest)
    clock = _clock(end)
    first = duration.first_day(last.last, timedelta(days=1) if clock is None else clock)
    return Span(first, last.last, last.findings), last.first


def _unit_of(span: Span, text: str) -> str:
    """Return the unit of a date: year, month, week or day."""
    if span.first != span.last and _split_time(text)[1]:
        raise ValueError("the time of an unknown day")
    if (span.last - span.first).days == 6:
        return "week"
    units = {DatePrecision.YEAR: "year", DatePrecision.MONTH: "month"}
    return units.get(_precision(span.first, span.last), "day")


def _check_units(unit: str, finest: str) -> None:
    """Raise ValueError if a duration is finer than its date: ten days of 2019 can be any."""
    if finest not in {"year": ("year",), "month": ("year", "month"), "week": ("week",)}.get(
        unit, (finest,)
    ):
        raise ValueError("the duration is finer than the date")


def _clock(text: str) -> timedelta | None:
    """Return the time since midnight; None for a date without a time. Raises ValueError."""
    found = read_time(_split_time(text)[1])
    if found is None:
        return None
    hour, minute, second = found.clock
    since_midnight = timedelta(hours=hour, minutes=minute, seconds=second)
    if since_midnight > timedelta(days=1):
        raise ValueError(text)
    return since_midnight


def _read_part(text: str) -> Span:
    """Return the days of one date, with or without a time of day."""
    days, time = _split_time(text)
    span = read_days(days)
    if not time:
        # a "T" without a time
        return span if len(days) == len(text) else span._replace(findings=_NOT_STANDARD)
    time_of_day = read_time(time)
    if time_of_day is None:
        raise ValueError(text)
    is_standard = time_of_day.exists and span.first == span.last
    return span if is_standard else span._replace(findings=_NOT_STANDARD)


def _split_time(text: str) -> tuple[str, str]:
    """Return the text before and after the first T or space; no spelling of a day has either."""
    days, _, time = text.upper().replace("T", " ", 1).partition(" ")
    return days, time.strip()


def _read_end(text: str, start: Span, left: str) -> Span:
    """Return the right half of a span, which may omit what it shares with the left: 1980-07-15/20."""
    left_days, left_time = _split_time(left)
    if start.first == start.last:
        if end := read_end_time(text, left_time):
            return _check_order(start, read_time(left_time), end)
        days, time = _split_time(text)
        if (
            left_time
            and is_earlier_year(days, start)
            and not time
            and (end := read_time(days))
            and end.exists
        ):
            return _check_order(start, read_time(left_time), end, _NOT_STANDARD)
        if found := _SHORT_END.fullmatch(days):
            end_days = f"{start.first.year}-{found[1] or f'{start.first.month:02}'}-{found[2]}"
            span = _read_part(f"{end_days}T{time}" if time else end_days)
            # After a time of day a bare number is an hour, unless it is too large for one.
            return (
                span._replace(findings=_NOT_STANDARD)
                if left_time and not time and not found[1]
                else span
            )
    elif (
        (found := CALENDAR_DATE.fullmatch(left_days))
        and found[2]
        and re.fullmatch(r"\d{1,2}", text, re.ASCII)
    ):
        return read_calendar_date(found[1], text, None)
    span, end = _read_part(text), read_time(_split_time(text)[1])
    if end and start.first == start.last == span.first == span.last:
        return _check_order(span, read_time(left_time), end, span.findings)
    return span


def is_earlier_year(digits: str, start: Span) -> bool:
    """Return whether four digits after a time can only be a time: 08:30/1730."""
    return re.fullmatch(r"\d{4}", digits, re.ASCII) is not None and int(digits) < start.first.year


def _check_order(day: Span, begin: TimeOfDay | None, end: TimeOfDay, findings: int = 0) -> Span:
    """Return the day of two times, with a finding if the second is impossible or earlier."""
    findings |= 0 if end.exists else _NOT_STANDARD
    if begin and begin.exists and end.exists and begin.zone == end.zone and end.clock < begin.clock:
        findings |= _REVERSED
    return Span(day.first, day.last, findings)


def _obis_span(start: int | None, end: int | None) -> Span | None:
    if start is None or end is None or start > end:
        return None
    try:
        first, last = (date.fromordinal(_EPOCH + ms // _MILLISECONDS_A_DAY) for ms in (start, end))
    except (ValueError, OverflowError):
        return None
    return Span(first, last)
