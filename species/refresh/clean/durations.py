"""Read ISO 8601 durations such as P1M, P2W or P1DT12H, and add them to days."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

_NUMBER = r"(\d{1,6})"
_DURATION = re.compile(
    rf"P(?=.)(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}W)?(?:{_NUMBER}D)?"
    rf"(?:T(?=.)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:(\d{{1,6}}(?:[.,]\d{{1,9}})?)S)?)?",
    re.ASCII | re.IGNORECASE,
)
_INSTANT = timedelta.resolution


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time; `finest` is its smallest unit: year, month, week, day or time."""

    months: int
    rest: timedelta
    finest: str

    def last_day(self, first: date, clock: timedelta) -> date:
        """Return the last day of a span that begins then. Raises ValueError, OverflowError."""
        begin = datetime.combine(_add_months(first, self.months), time()) + clock
        return max(first, (begin + self.rest - _INSTANT).date())

    def first_day(self, last: date, clock: timedelta) -> date:
        """Return the first day of a span that ends then. Raises ValueError, OverflowError."""
        end = datetime.combine(last, time()) + clock - self.rest
        return _add_months(end.date(), -self.months)


def is_duration(text: str) -> bool:
    """Return whether a text is meant as a duration: no date begins with P."""
    return text[:1] in ("P", "p")


def read_duration(text: str) -> Duration:
    """Return a duration. Raises ValueError for another form, and for no time at all."""
    found = _DURATION.fullmatch(text)
    if not found:
        raise ValueError(text)
    years, months, weeks, days, hours, minutes = (int(number or 0) for number in found.groups()[:6])
    seconds = float((found[7] or "0").replace(",", "."))
    rest = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    if not rest and not years and not months:
        raise ValueError(text)
    units = ("year", "month", "week", "day", "time", "time", "time")
    finest = [unit for unit, number in zip(units, found.groups(), strict=True) if number][-1]
    return Duration(12 * years + months, rest, finest)


def _add_months(day: date, number: int) -> date:
    """Return the day so many months later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + number, 12)
    if not 1 <= year <= 9999:
        raise ValueError(number)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
