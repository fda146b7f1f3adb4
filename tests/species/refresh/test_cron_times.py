"""When cron would have started a job."""

from datetime import UTC, datetime

import pytest

from species.refresh.cron_times import CronTime


def at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("cron", "now", "last", "upcoming"),
    [
        ("0 3 1 * *", "2026-11-23 11:00", "2026-11-01 03:00", "2026-12-01 03:00"),
        ("0 3 1 * *", "2026-11-01 03:00", "2026-11-01 03:00", "2026-12-01 03:00"),
        ("0 3 1 * *", "2026-11-01 02:59", "2026-10-01 03:00", "2026-11-01 03:00"),
        ("0 4 1 1,7 *", "2026-06-30 23:59", "2026-01-01 04:00", "2026-07-01 04:00"),
        ("*/5 * * * *", "2026-03-01 00:02", "2026-03-01 00:00", "2026-03-01 00:05"),
        # a Sunday between
        ("30 6-8/2 * * 1-5", "2026-11-22 12:00", "2026-11-20 08:30", "2026-11-23 06:30"),
        ("0 0 * * 7", "2026-11-23 00:00", "2026-11-22 00:00", "2026-11-29 00:00"),
        # the 13th or a Friday
        ("0 0 13 * 5", "2026-11-12 00:00", "2026-11-06 00:00", "2026-11-13 00:00"),
        ("0 0 29 2 *", "2026-01-01 00:00", "2024-02-29 00:00", "2028-02-29 00:00"),
    ],
)
def test_the_last_and_the_next_time(cron, now, last, upcoming):
    time = CronTime.from_text(cron)
    assert (time.last(at(now)), time.next(at(now))) == (at(last), at(upcoming))


def test_a_day_that_never_comes_has_no_time():
    assert CronTime.from_text("0 0 31 2 *").last(at("2026-01-01 00:00")) is None


@pytest.mark.parametrize(
    "text", ["", "@daily", "0 3 1 *", "60 0 * * *", "0 0 0 * *", "a * * * *", "*/0 * * * *"]
)
def test_what_cron_would_not_read_is_refused(text):
    with pytest.raises(ValueError):  # int() says it in its own words
        CronTime.from_text(text)
