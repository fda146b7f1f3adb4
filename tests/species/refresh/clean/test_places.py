"""A record without a usable place is refused with the reason; a doubtful place is kept and marked."""

import pytest

from species.refresh.clean.places import (
    place_findings,
    read_coordinates,
    read_footprint,
    read_uncertainty,
)
from species.rules import Rejected
from species.terms import Finding


@pytest.mark.parametrize(
    ("longitude", "latitude"),
    [(4.0639, 43.39149), (-180, 90), (180, -90), (0, 51.5), (12, 0), ("4.5", " -3e0 ")],
)
def test_numbers_in_range_are_a_place_as_numbers_or_as_text(longitude, latitude):
    assert read_coordinates(longitude, latitude) == (float(longitude), float(latitude))


@pytest.mark.parametrize(
    ("longitude", "latitude", "reason"),
    [
        (None, None, "no_coordinates"),
        (4.5, None, "no_coordinates"),
        ("", 43.0, "no_coordinates"),
        ("NA", "NA", "no_coordinates"),
        ("4°30'E", 43.0, "unusable_coordinates"),
        (float("nan"), 43.0, "no_coordinates"),
        (float("inf"), 43.0, "unusable_coordinates"),
        (4.5, [43.0], "unusable_coordinates"),
        (5e-324, 43.0, "unusable_coordinates"),
        (4.5, -5e-324, "unusable_coordinates"),
        (True, False, "unusable_coordinates"),
        (180.0001, 43.0, "coordinates_out_of_range"),
        (500, 999, "coordinates_out_of_range"),
        (4.5, -90.5, "coordinates_out_of_range"),
        (0, 0, "zero_coordinates"),
        ("-0.0", 0.0, "zero_coordinates"),
    ],
)
def test_a_record_without_a_usable_place_is_refused_with_the_reason(longitude, latitude, reason):
    with pytest.raises(Rejected) as refusal:
        read_coordinates(longitude, latitude)
    assert refusal.value.reason == reason


@pytest.mark.parametrize(
    ("value", "meters", "finding"),
    [
        (None, None, 0),
        (1000, 1000.0, 0),
        ("1113.19", 1113.19, 0),
        ("unknown", None, 0),
        ("From the map", None, Finding.UNCERTAINTY_NOT_UNDERSTOOD),
        (0, None, Finding.UNCERTAINTY_NOT_UNDERSTOOD),
        (-5, None, Finding.UNCERTAINTY_NOT_UNDERSTOOD),
        (30_000_000, None, Finding.UNCERTAINTY_NOT_UNDERSTOOD),
    ],
)
def test_an_unknown_uncertainty_is_never_zero(value, meters, finding):
    assert read_uncertainty(value) == (meters, finding)


def findings(longitude=4.5, latitude=43.2, uncertainty=None, footprint="", **facts) -> int:
    facts = {"shore_distance": 100.0, "flagged_on_land": False, "generalised": False} | facts
    return place_findings(longitude, latitude, uncertainty, footprint, **facts)


@pytest.mark.parametrize("facts", [{"flagged_on_land": True}, {"shore_distance": -1.0}])
def test_land_is_known_by_the_flag_or_by_the_distance_to_the_shore(facts):
    assert findings(**facts) == Finding.ON_LAND


@pytest.mark.parametrize(
    ("facts", "vague"),
    [
        ({}, False),
        ({"uncertainty": 10_000.0}, False),
        ({"uncertainty": 10_001.0}, True),
        ({"longitude": 4.0, "latitude": 43.0}, True),
        ({"longitude": 4.0}, False),
        ({"footprint": "POINT(4.5 43.2)"}, False),
        ({"footprint": "LINESTRING (4.5 43.2, 4.51 43.21)"}, False),
        ({"footprint": "POLYGON ((4 43, 5 43, 5 44, 4 44, 4 43))"}, True),
        ({"footprint": "LINESTRING (179.99 -17, -179.99 -17)"}, False),
        ({"footprint": "LINESTRING (500 999, 600 999)"}, False),
        ({"footprint": "somewhere in the bay"}, False),
    ],
)
def test_a_place_is_vague_when_it_may_be_off_by_more_than_ten_kilometres(facts, vague):
    assert findings(**facts) == (Finding.PLACE_VAGUE if vague else 0)


def test_a_generalised_place_says_so():
    assert findings(generalised=True) == Finding.PLACE_GENERALISED


def test_the_quotes_that_a_spreadsheet_left_around_a_footprint_go():
    assert read_footprint('"LINESTRING (1.8 41.1, 1.7 41.2)"') == "LINESTRING (1.8 41.1, 1.7 41.2)"
    assert read_footprint("NA") == ""
