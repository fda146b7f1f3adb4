"""The last and the next time of a cron expression with five fields, in UTC."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

LIMITS = (
    (0, 59),
    (0, 23),
    (1, 31),
    (1, 12),
    (0, 7),
)  # minute, hour, day of month, month, day of week (0 and 7: Sunday)
FARTHEST = timedelta(days=366 * 8)  # 29 February comes at least every eight years


@dataclass(frozen=True, slots=True)
class CronTime:
    """The five fields as sets of numbers."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]  # 0: Sunday
    # both kinds of days are restricted: then cron takes a day that fits one of them
    either_day: bool

    @classmethod
    def from_text(cls, text: str) -> "CronTime":
        """Return the times of an expression. Raises ValueError for one that cron does not accept."""
        fields = text.split()
        if len(fields) != len(LIMITS):
            raise ValueError(f"{text!r} has {len(fields)} fields instead of five.")
        minutes, hours, days, months, weekdays = (
            numbers(field, *limits) for field, limits in zip(fields, LIMITS, strict=True)
        )
        either_day = not fields[2].startswith("*") and not fields[4].startswith("*")
        return cls(minutes, hours, days, months, frozenset(day % 7 for day in weekdays), either_day)

    def last(self, now: datetime) -> datetime | None:
        """Return the latest time at or before `now`; None if there is none within eight years."""
        days = (now.date() - timedelta(days=n) for n in range(FARTHEST.days))
        return next(
            (moment for moment in self._moments(days, latest_first=True) if moment <= now), None
        )

    def next(self, now: datetime) -> datetime | None:
        """Return the first time after `now`; None if there is none within eight years."""
        days = (now.date() + timedelta(days=n) for n in range(FARTHEST.days))
        return next(
            (moment for moment in self._moments(days, latest_first=False) if moment > now), None
        )

    def _moments(self, days: Iterator[date], latest_first: bool) -> Iterator[datetime]:
        for day in days:
            if self._has(day):
                for hour in sorted(self.hours, reverse=latest_first):
                    for minute in sorted(self.minutes, reverse=latest_first):
                        yield datetime.combine(day, time(hour, minute), UTC)

    def _has(self, day: date) -> bool:
        of_month, of_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return day.month in self.months and (
            of_month or of_week if self.either_day else of_month and of_week
        )


def numbers(field: str, low: int, high: int) -> frozenset[int]:
    """Return the numbers of one field. Raises ValueError."""
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        if first == "*":
            start, end = low, high
        else:
            start = int(first)
            end = int(last) if last else (high if step else start)
        stride = int(step) if step else 1
        if not (low <= start <= end <= high and stride >= 1):
            raise ValueError(f"{field!r} is outside {low}-{high}.")
        found.update(range(start, end + 1, stride))
    return frozenset(found)
