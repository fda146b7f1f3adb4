"""An event date means the days that it can mean: no more, no fewer, and never an invented one."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from species.refresh.clean.dates import EventDate, interpret_event_date, read_event_date
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
    ("text", "day"),
    [
        ("2019-05-01T12/14", "2019-05-01"),
        ("2010-06-15 08/17", "2010-06-15"),
        ("2010-06-15T08Z/17Z", "2010-06-15"),
        ("2010-06-15T08+02/17+02", "2010-06-15"),
        ("2010-06-15T08:30/17", "2010-06-15"),
        ("2010-06-15T08/17:30", "2010-06-15"),
        ("2010-06-15T08/T17", "2010-06-15"),
        ("2010-06-15T08/24", "2010-06-15"),
        ("20100615T08/17", "2010-06-15"),
    ],
)
def test_a_second_hour_after_a_time_belongs_to_the_same_day(text, day):
    assert (days(text), read(text).findings) == ((day, day), 0)


def test_a_number_after_a_time_that_is_too_large_for_an_hour_is_a_day():
    assert days("2010-06-15T08/26") == ("2010-06-15", "2010-06-26")
    assert read("2010-06-15T08/26").findings == Finding.DATE_NOT_STANDARD


def test_four_digits_after_a_time_are_written_like_that_time():
    assert days("2010-06-15T0830/1730") == ("2010-06-15", "2010-06-15")
    assert days("2010-06-15T08:30/2011") == ("2010-06-15", "2011-12-31")


def test_a_second_pair_of_numbers_after_a_time_is_an_hour_only_in_the_same_offset():
    assert days("2010-06-15T08-05/11-05") == ("2010-06-15", "2010-06-15")
    assert days("2010-06-15T08:00/07-02") == ("2010-06-15", "2010-07-02")


def test_hours_that_end_before_they_begin_are_marked_and_keep_their_day():
    assert read("2010-06-15T22/02") == EventDate(
        date(2010, 6, 15), date(2010, 6, 15), DatePrecision.DAY, Finding.DATE_REVERSED
    )


@pytest.mark.parametrize(
    "text",
    [
        "2005-07-21T14:67", "2005-07-21T25:00", "2005-07-21 24:30", "2005-07-21T12:00:61", "2005-07-21T99",
        "2005-07-21T12:00+25:00", "2005-07-21T12:00-05:75", "20050721T1467", "2005-07-21T14:67/15:00",
        "2005-07-21T14:00/14:67", "2005-07-21T10:00/2005-07-21T26:00", "2005-07-21T2359",
    ],
)  # fmt: skip
def test_a_time_that_does_not_exist_is_marked_and_its_day_is_kept(text):
    expected = 0 if text.endswith("T2359") else Finding.DATE_NOT_STANDARD
    assert (days(text), read(text).findings) == (("2005-07-21", "2005-07-21"), expected)


@pytest.mark.parametrize(
    "text",
    [
        "2003-00-00", "1985-09-00", "1985-09-00/1985-10-00", "28/09/2006", "09.28.2006", "2006/09/28",
        "11-20/7/2009", "2012-5-25", "2012-05-3", "2021-10T17:05:00", "2012-05-25T8:30", "1980-7/8",
    ],
)  # fmt: skip
def test_a_date_that_is_read_though_it_is_not_iso_8601_is_marked(text):
    assert read(text).start is not None
    assert read(text).findings == Finding.DATE_NOT_STANDARD


@pytest.mark.parametrize(
    "text",
    [
        "1971", "2009-07", "2012-05-25", "20120525", "2009-W15-3", "2008-366", "1975-12/1976-03", "1980-07-15/20",
        "2012-05-25T23:59:60Z", "2012-05-25T24:00", "2012-05-25 08:30", "2012-05-25T08:30:00.5+14:00",
    ],
)  # fmt: skip
def test_a_date_in_iso_8601_is_not_marked(text):
    assert read(text).findings == 0


@pytest.mark.parametrize(
    "text",
    [
        "0000-00-00", "0000", "2021-02-30", "2021-13-01", "2003-00-15", "05/06/2006", "20-11/7/2009", "31/31/2000",
        "last summer", "12-2009", "199", "2009-400", "2009-365/2009-366", "2009-W60", "2020/", "/2020", "2020/..",
        "1980-07-15/99", "2010-06-15/08/17",
        "2009-01-01/2009-02-01/2009-03-01", "10000-01-01", "-500", "٢٠٠٩", "2009-01-01\x002009",
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
    found = interpret_event_date(
        "summer of 2010", milliseconds(date(2010, 6, 1)), milliseconds(date(2010, 8, 31)), TODAY
    )
    assert (found.start, found.end) == (date(2010, 6, 1), date(2010, 8, 31))
    assert found.findings == Finding.DATE_UNREADABLE


@pytest.mark.parametrize(
    ("day", "finding"),
    [(date(2999, 1, 1), Finding.DATE_IN_FUTURE), (date(1500, 1, 1), Finding.DATE_IMPLAUSIBLE)],
)
def test_days_of_obis_are_checked_like_days_of_the_provider(day, finding):
    found = interpret_event_date("some day", milliseconds(day), milliseconds(day), TODAY)
    assert (found.start, found.findings) == (day, Finding.DATE_UNREADABLE | finding)


def test_days_of_obis_in_reverse_order_are_passed_over():
    found = interpret_event_date(
        "some day", milliseconds(date(2010, 1, 2)), milliseconds(date(2010, 1, 1)), TODAY
    )
    assert found == read("some day")


@pytest.mark.parametrize(("shift", "disagrees"), [(0, False), (1, False), (2, True), (-2, True)])
def test_obis_may_be_a_day_off_but_not_two(shift, disagrees):
    obis = milliseconds(date(1753, 5, 10) + timedelta(days=shift))
    found = interpret_event_date("1753-05-10", obis, obis, TODAY)
    assert found.start == date(1753, 5, 10)
    assert bool(found.findings & Finding.DATE_DISAGREES) is disagrees


@pytest.mark.parametrize("absurd", [10**18, -(10**18), 10**400])
def test_milliseconds_beyond_any_calendar_are_passed_over(absurd):
    assert interpret_event_date("2009", absurd, absurd, TODAY) == read("2009")


@given(st.dates(), st.dates())
def test_any_two_days_written_as_a_span_are_read_back_in_order(one, other):
    found = read(f"{one.isoformat()}/{other.isoformat()}")
    assert (found.start, found.end) == (min(one, other), max(one, other))


@given(st.text(alphabet="0123456789-/T:WZ +.PYMDHS\u2212", max_size=30) | st.text())
def test_no_text_raises_and_days_come_in_order_or_not_at_all(text):
    found = read(text)
    assert (found.start is None) == (found.end is None) == (found.precision == DatePrecision.NONE)
    assert found.start is None or found.start <= found.end


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("2019-05-01T12:00:00Z/2019-05-01T11:00:00Z", Finding.DATE_REVERSED),
        ("2019-05-01 12:00/2019-05-01 11:30", Finding.DATE_REVERSED),
        ("20190501T1200/20190501T1130", Finding.DATE_REVERSED),
        ("2019-05-01T12:00+02:00/2019-05-01T11:30Z", 0),  # half an hour and an hour later
        ("2019-05-01T11:00Z/2019-05-01T12:00Z", 0),
        ("2019-05-01T11:00Z/2019-05-01", 0),
        ("2019-05-01T", Finding.DATE_NOT_STANDARD),
        ("2019-05-01T08:30/1730", Finding.DATE_NOT_STANDARD),
        ("2019-05-01T18:30/1730", Finding.DATE_NOT_STANDARD | Finding.DATE_REVERSED),
    ],
)
def test_one_day_written_with_its_times_is_that_day_however_they_are_ordered(text, finding):
    assert read(text) == EventDate(date(2019, 5, 1), date(2019, 5, 1), DatePrecision.DAY, finding)


@pytest.mark.parametrize(
    ("text", "start", "end", "precision"),
    [
        ("2019-05-01/P1D", "2019-05-01", "2019-05-01", "day"),
        ("2019-05-01/P2D", "2019-05-01", "2019-05-02", "range"),
        ("2019-05-01/P1W", "2019-05-01", "2019-05-07", "range"),
        ("2019-05-01/P1M", "2019-05-01", "2019-05-31", "month"),
        ("2019-01-01/P1Y", "2019-01-01", "2019-12-31", "year"),
        ("2019/P1Y", "2019-01-01", "2019-12-31", "year"),
        ("2019/P2Y", "2019-01-01", "2020-12-31", "range"),
        ("2019-05/P1M", "2019-05-01", "2019-05-31", "month"),
        ("2019-05/P1Y", "2019-05-01", "2020-04-30", "range"),
        ("2019-W18/P1W", "2019-04-29", "2019-05-05", "range"),
        ("2019-01-31/P1M", "2019-01-31", "2019-02-27", "range"),
        ("20190501/P1D", "2019-05-01", "2019-05-01", "day"),
        ("2019-05-01/PT36H", "2019-05-01", "2019-05-02", "range"),
        ("2019-05-01T12:00/PT2H", "2019-05-01", "2019-05-01", "day"),
        ("2019-05-01T12:00:00Z/PT2H30M", "2019-05-01", "2019-05-01", "day"),
        ("2019-05-01T12:00:00+02:00/pt0.5s", "2019-05-01", "2019-05-01", "day"),
        ("2019-05-01T23:00/PT2H", "2019-05-01", "2019-05-02", "range"),
        ("2019-05-01T22:00/PT2H", "2019-05-01", "2019-05-01", "day"),
        ("2019-05-01T00:00/P1D", "2019-05-01", "2019-05-01", "day"),
        ("2019-05-01T12:00/P1DT12H", "2019-05-01", "2019-05-02", "range"),
        ("2019-05-01 12:00 / PT2H", "2019-05-01", "2019-05-01", "day"),
        ("P1D/2019-05-02", "2019-05-02", "2019-05-02", "day"),
        ("P3D/2019-05-02", "2019-04-30", "2019-05-02", "range"),
        ("P1M/2019-05", "2019-05-01", "2019-05-31", "month"),
        ("P1Y/2019", "2019-01-01", "2019-12-31", "year"),
        ("PT2H/2019-05-01T12:00", "2019-05-01", "2019-05-01", "day"),
        ("PT13H/2019-05-01T12:00", "2019-04-30", "2019-05-01", "range"),
        ("P1Y2M3DT4H5M6S/2019-05-01T12:00", "2018-02-28", "2019-05-01", "range"),
        ("2019-05-01T10:00:00\u221205:00", "2019-05-01", "2019-05-01", "day"),
        (
            "2019-05-01T10:00\u22120500/2019-05-02T10:00\u22120500",
            "2019-05-01",
            "2019-05-02",
            "range",
        ),
        ("2019\u201005\u201101", "2019-05-01", "2019-05-01", "day"),
    ],
)
def test_durations_and_minus_signs_are_read_as_iso_8601_means_them(text, start, end, precision):
    assert (days(text), read(text).precision, read(text).findings) == ((start, end), precision, 0)


@pytest.mark.parametrize(
    "text",
    [
        "2019-05-01/P", "2019-05-01/PT", "2019-05-01/P1DT", "2019-05-01/P1X", "2019-05-01/P1H", "2019-05-01/P-1D",
        "2019-05-01/-P1D", "2019-05-01/P0D", "2019-05-01/1D", "2019-05-01/P1D/P1D", "P1D/P1D", "P1D", "P1D/",
        "/P1D", "2019-05-01/PT2D", "2019-05-01/P1D1M", "2019-05-01/P9999999D", "2019-05-01/P999999Y",
        "2019/P10D", "2019-05/PT2H", "2019/P1M", "2019-05/P1W", "P1D/2019", "P9999Y/2019-05-01", "R5/2019-05-01/P1D",
        "2019-02-30/P1D", "2019-05-01T26:00/PT2H", "2019-05T12:00/P1M", "2019-05-01/P\u0661D", "9999-12-31/P1Y",
        "2019-05-01T10:00\u201305:00",
    ],
)  # fmt: skip
def test_a_duration_that_makes_no_sense_gives_no_days(text):
    assert read(text) == EventDate(None, None, DatePrecision.NONE, Finding.DATE_UNREADABLE)


def test_what_is_wrong_with_the_date_is_marked_beside_a_duration_too():
    assert read("2019-5-1/P2D").findings == Finding.DATE_NOT_STANDARD
    assert read("2019-05-01T8:30/PT2H").findings == Finding.DATE_NOT_STANDARD
    assert read("2026-06-10/P1M").findings == Finding.DATE_IN_FUTURE
    assert (
        read("2026/P1Y").findings
        == read("2026-06/P1M").findings
        == read("2026-06-16/P1D").findings
        == 0
    )
    assert read("1500/P1Y").findings == Finding.DATE_IMPLAUSIBLE


@given(st.dates(date(2, 1, 1), date(9990, 1, 1)), st.integers(1, 2000))
def test_a_duration_of_days_means_the_same_as_its_first_and_last_day(first, number):
    last = first + timedelta(days=number - 1)
    written = read(f"{first.isoformat()}/{last.isoformat()}")
    assert (
        read(f"{first.isoformat()}/P{number}D") == read(f"P{number}D/{last.isoformat()}") == written
    )


@given(st.datetimes(datetime(2, 1, 2), datetime(9990, 1, 1)), st.integers(1, 999_999))
def test_a_duration_of_seconds_reaches_the_day_of_the_moment_before_its_end(begin, seconds):
    found = read(f"{begin.replace(microsecond=0).isoformat()}/PT{seconds}S")
    end = begin.replace(microsecond=0) + timedelta(seconds=seconds, microseconds=-1)
    assert (found.start, found.end) == (begin.date(), end.date())
