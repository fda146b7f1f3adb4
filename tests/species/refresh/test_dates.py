"""An event date means the days that it can mean: no more, no fewer, and never an invented one."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from species.refresh.dates import EventDate, read_event_date, understand
from species.terms import DatePrecision, Finding

TODAY = date(2026, 6, 15)


def read(text: str) -> EventDate:
    return read_event_date(text, TODAY)


def days(text: str) -> tuple[str, str] | None:
    found = read(text)
    return (found.start.isoformat(), found.end.isoformat()) if found.start and found.end else None


def milliseconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def test_a_year_is_not_its_first_of_january():
    assert read("1971") == EventDate(date(1971, 1, 1), date(1971, 12, 31), DatePrecision.YEAR)


@pytest.mark.parametrize(
    ("text", "start", "end", "precision"),
    [
        ("2012-05-25", "2012-05-25", "2012-05-25", "day"),
        ("2017-06-25T12:17:17", "2017-06-25", "2017-06-25", "day"),
        ("2019-10-23 15:51:43", "2019-10-23", "2019-10-23", "day"),
        ("2005-07-21T13:45:00Z", "2005-07-21", "2005-07-21", "day"),
        ("2023-05-06T11:16Z", "2023-05-06", "2023-05-06", "day"),
        ("2007-08-24T23:25:00-05:00", "2007-08-24", "2007-08-24", "day"),
        ("2007-08-24T00:25:00+0100", "2007-08-24", "2007-08-24", "day"),
        ("2007-08-24 00:25:00+01", "2007-08-24", "2007-08-24", "day"),
        ("2015-11-10T18:13:44.35+09:00", "2015-11-10", "2015-11-10", "day"),
        ("2009-07", "2009-07-01", "2009-07-31", "month"),
        ("2008-02", "2008-02-01", "2008-02-29", "month"),
        ("1985-09-00", "1985-09-01", "1985-09-30", "month"),
        ("2003-00-00", "2003-01-01", "2003-12-31", "year"),
        ("2019-09-24/2020-03-03", "2019-09-24", "2020-03-03", "range"),
        ("2012-05-25/2012-05-25", "2012-05-25", "2012-05-25", "day"),
        ("1985-01-01/1985-12-31", "1985-01-01", "1985-12-31", "year"),
        ("1975-12/1976-03", "1975-12-01", "1976-03-31", "range"),
        ("1975-10/12", "1975-10-01", "1975-12-31", "range"),
        ("1985/1986", "1985-01-01", "1986-12-31", "range"),
        ("1986-04-29T11:25/1986-04-29T11:55", "1986-04-29", "1986-04-29", "day"),
        ("1986-04-29T11+01/1986-04-30T11+01", "1986-04-29", "1986-04-30", "range"),
        ("1986-04-29T11:25/1986-04-29T11:55+01", "1986-04-29", "1986-04-29", "day"),
        ("2021-10T17:05:00+00:00/2021-10T09:40:00+00:00", "2021-10-01", "2021-10-31", "month"),
        ("1980-07-15/20", "1980-07-15", "1980-07-20", "range"),
        ("1980-07-15/08-02", "1980-07-15", "1980-08-02", "range"),
        ("1980-07-15T10:00/12:30", "1980-07-15", "1980-07-15", "day"),
        ("28/09/2006", "2006-09-28", "2006-09-28", "day"),
        ("09/28/2006", "2006-09-28", "2006-09-28", "day"),
        ("05/05/2006", "2006-05-05", "2006-05-05", "day"),
        ("2006/09/28", "2006-09-28", "2006-09-28", "day"),
        ("20060928", "2006-09-28", "2006-09-28", "day"),
        ("11-20/7/2009", "2009-07-11", "2009-07-20", "range"),
        ("2009-W15", "2009-04-06", "2009-04-12", "range"),
        ("2009-W15-3", "2009-04-08", "2009-04-08", "day"),
        ("2008-366", "2008-12-31", "2008-12-31", "day"),
        ("9999", "9999-01-01", "9999-12-31", "year"),
    ],
)
def test_each_way_of_writing_a_date_gives_the_days_it_can_mean(text, start, end, precision):
    assert (days(text), read(text).precision) == ((start, end), precision)


@pytest.mark.parametrize(
    "text",
    [
        "0000-00-00", "0000", "2021-02-30", "2021-13-01", "2003-00-15", "05/06/2006", "20-11/7/2009", "31/31/2000",
        "last summer", "12-2009", "199", "2009-400", "2009-365/2009-366", "2009-W60", "2020/", "/2020", "2020/..",
        "1980-07-15/99", "2009-01-01/2009-02-01/2009-03-01", "10000-01-01", "-500", "٢٠٠٩", "2009-01-01\x002009",
    ],
)  # fmt: skip
def test_what_cannot_be_read_for_certain_gives_no_days_and_says_so(text):
    assert read(text) == EventDate(None, None, DatePrecision.NONE, Finding.DATE_UNREADABLE)


@pytest.mark.parametrize("text", ["", "  ", "NULL", "NA", "unknown"])
def test_a_missing_date_is_no_fault_of_the_date(text):
    assert read(text) == EventDate(None, None, DatePrecision.NONE)


def test_a_span_that_ends_before_it_begins_is_put_in_order_and_marked():
    assert read("2020-05-10/2020-05-01") == EventDate(
        date(2020, 5, 1), date(2020, 5, 10), DatePrecision.RANGE, Finding.DATE_REVERSED
    )


@pytest.mark.parametrize(
    ("text", "future"),
    [
        ("2026-06-15", False),
        ("2026-06-16", False),  # already today on the other side of the date line
        ("2026-06-17", True),
        ("2026", False),  # this year, though its last day is to come
        ("2027", True),
        ("2020-01-01/2031-01-01", True),
    ],
)
def test_the_future_begins_after_tomorrow(text, future):
    assert bool(read(text).findings & Finding.DATE_IN_FUTURE) is future


@pytest.mark.parametrize(
    ("text", "implausible"),
    [
        ("1758", True),
        ("1758-01-01", True),
        ("1758-06-01", False),
        ("1753-05-01", False),
        ("1581-12-31", True),
        ("0001-01-01", True),
    ],
)
def test_ancient_and_description_years_are_kept_and_marked(text, implausible):
    found = read(text)
    assert found.start is not None
    assert bool(found.findings & Finding.DATE_IMPLAUSIBLE) is implausible


def test_days_of_obis_stand_in_for_a_text_that_we_cannot_read():
    found = understand("summer of 2010", milliseconds(date(2010, 6, 1)), milliseconds(date(2010, 8, 31)), TODAY)
    assert (found.start, found.end) == (date(2010, 6, 1), date(2010, 8, 31))
    assert found.findings == Finding.DATE_UNREADABLE


@pytest.mark.parametrize(("shift", "disagrees"), [(0, False), (1, False), (2, True), (-2, True)])
def test_obis_may_be_a_day_off_but_not_two(shift, disagrees):
    obis = milliseconds(date(1753, 5, 10) + timedelta(days=shift))
    found = understand("1753-05-10", obis, obis, TODAY)
    assert found.start == date(1753, 5, 10)
    assert bool(found.findings & Finding.DATE_DISAGREES) is disagrees


@pytest.mark.parametrize("absurd", [10**18, -(10**18), 10**400])
def test_milliseconds_beyond_any_calendar_are_passed_over(absurd):
    assert understand("2009", absurd, absurd, TODAY) == read("2009")


@given(st.dates(), st.dates())
def test_any_two_days_written_as_a_span_are_read_back_in_order(one, other):
    found = read(f"{one.isoformat()}/{other.isoformat()}")
    assert (found.start, found.end) == (min(one, other), max(one, other))


@given(st.text(alphabet="0123456789-/T:WZ +.", max_size=30) | st.text())
def test_no_text_raises_and_days_come_in_order_or_not_at_all(text):
    found = read(text)
    assert (found.start is None) == (found.end is None) == (found.precision == DatePrecision.NONE)
    assert found.start is None or found.start <= found.end
