"""How dates, depths and places read."""

from datetime import date
from types import SimpleNamespace

import pytest

from species.pages import words


@pytest.mark.parametrize(
    ("start", "end", "precision", "text"),
    [
        (None, None, "", "No valid date"),
        (date(2021, 6, 15), date(2021, 6, 15), "day", "15 June 2021"),
        (date(2021, 6, 1), date(2021, 6, 30), "month", "June 2021"),
        (date(1971, 1, 1), date(1971, 12, 31), "year", "1971"),
        (date(2019, 9, 24), date(2020, 3, 3), "range", "24 September 2019 to 3 March 2020"),
        (date(1753, 5, 1), date(1753, 5, 1), "day", "1 May 1753"),
    ],
)
def test_dates_say_what_they_can_mean(start, end, precision, text):
    assert (
        words.dates(SimpleNamespace(date_start=start, date_end=end, date_precision=precision))
        == text
    )


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (None, None, ""),
        (0, 0, "0 m (surface or not recorded)"),
        (12.5, 12.5, "12.5 m"),
        (0, 1500, "0 m to 1,500 m"),
        (10, None, "10 m (minimum depth only)"),
        (None, 0, "0 m (maximum depth only)"),
        (-1.45, -1.45, "1.45 m above the surface"),
        (30, 10, "30 m to 10 m (minimum and maximum as given)"),
    ],
)
def test_depths_say_what_was_given(low, high, text):
    row = SimpleNamespace(minimum_depth_in_meters=low, maximum_depth_in_meters=high)
    assert words.depth(row) == text


def test_places_name_their_hemispheres():
    assert words.coordinates(-179.95, 0.0).replace("\N{NO-BREAK SPACE}", " ") == "0° N, 179.95° W"
    assert (
        words.coordinates(10, -85.1234567).replace("\N{NO-BREAK SPACE}", " ")
        == "85.123457° S, 10° E"
    )


def test_a_reason_without_a_sentence_is_still_readable():
    assert words.reason("something_new") == "Something new."
    assert words.reason("gone_from_source") == "The record is no longer in the dataset at OBIS."
    assert words.reason("no_taxon").startswith("The record has no usable AphiaID")
