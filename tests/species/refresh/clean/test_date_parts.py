"""The year, month and day beside an event date either agree with it or get a finding."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from species.refresh.clean.date_parts import parts_disagree
from species.refresh.clean.dates import read_event_date

TODAY = date(2026, 6, 15)


def disagrees(text: str, **parts: str | int) -> bool:
    return parts_disagree(read_event_date(text, TODAY), parts)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "2012-05-25",
            {
                "year": "2012",
                "month": "5",
                "day": "25",
                "startDayOfYear": 146,
                "endDayOfYear": "146",
            },
        ),
        ("2012-05-25", {"year": 2012.0, "month": "05"}),
        ("2012-05-25", {"month": "May", "day": "", "startDayOfYear": "2012-05-25T02"}),
        (
            "2012-05-25/2012-06-02",
            {"year": "2012", "month": "5", "day": "25", "endDayOfYear": "154"},
        ),
        ("2012-05", {"month": "5", "day": "17", "startDayOfYear": 140}),
        ("1971", {"year": "1971", "month": "6", "day": "17"}),
        ("2020-05-10/2020-05-01", {"day": "10"}),
        ("some day", {"year": "2012"}),
        ("", {"year": "2012"}),
    ],
)
def test_parts_that_refine_or_repeat_the_event_date_agree_with_it(text, parts):
    assert not disagrees(text, **parts)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("2012-05-25", {"year": "2011"}),
        ("2012-05-25", {"month": "6"}),
        ("2012-05-25", {"day": 24}),
        ("2012-05-25", {"month": "13"}),
        ("2012-05-25", {"year": "12"}),
        ("2012-05-25", {"startDayOfYear": "145"}),
        ("2012-05-25", {"endDayOfYear": "147"}),
        ("2012-05", {"month": "6"}),
        ("1971", {"year": "1972"}),
        ("2012-05-25/2012-06-02", {"day": "2"}),
    ],
)
def test_parts_of_another_day_disagree_with_the_event_date(text, parts):
    assert disagrees(text, **parts)


@given(st.dates(date(1600, 1, 1), date(2026, 1, 1)))
def test_the_parts_of_any_day_agree_with_it_and_those_of_the_next_do_not(day):
    assert not disagrees(day.isoformat(), year=day.year, month=day.month, day=day.day)
    after = day + timedelta(days=1)
    assert disagrees(day.isoformat(), year=after.year, month=after.month, day=after.day)
