"""Depths stay as given: 0 is a depth, above the surface is negative, and reversed is marked, not
repaired.
"""

import pytest

from species.refresh.clean.depths import Depths, below_sea_floor, read_depths
from species.terms import Finding

NAN, INFINITY = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("minimum", "maximum", "expected"),
    [
        (None, None, Depths(None, None, 0)),
        (10, 20.5, Depths(10.0, 20.5, 0)),
        ("10", " 20.5 ", Depths(10.0, 20.5, 0)),
        (5, None, Depths(5.0, None, Finding.DEPTH_ONE_SIDED)),
        (None, 5, Depths(None, 5.0, Finding.DEPTH_ONE_SIDED)),
        (0, 0, Depths(0.0, 0.0, Finding.DEPTH_ZERO)),
        (0, 10, Depths(0.0, 10.0, 0)),
        (None, 0, Depths(None, 0.0, Finding.DEPTH_ZERO | Finding.DEPTH_ONE_SIDED)),
        (-1.45, -0.5, Depths(-1.45, -0.5, 0)),
        (-3, -5, Depths(-3.0, -5.0, Finding.DEPTH_REVERSED)),
        (80, 20, Depths(80.0, 20.0, Finding.DEPTH_REVERSED)),
        ("ND", "NA", Depths(None, None, 0)),
        ("deep", None, Depths(None, None, Finding.DEPTH_OUT_OF_RANGE)),
        ("12,5", 13, Depths(None, 13.0, Finding.DEPTH_OUT_OF_RANGE | Finding.DEPTH_ONE_SIDED)),
        (-9999, 12000, Depths(None, None, Finding.DEPTH_OUT_OF_RANGE)),
        (INFINITY, "1e999", Depths(None, None, Finding.DEPTH_OUT_OF_RANGE)),
        (True, [3], Depths(None, None, Finding.DEPTH_OUT_OF_RANGE)),
        (10_935, 11_000, Depths(10_935.0, 11_000.0, 0)),
    ],
)
def test_depths_are_read_as_given(minimum, maximum, expected):
    assert read_depths(minimum, maximum) == expected


def test_a_depth_that_is_not_a_number_is_no_depth():
    assert read_depths(NAN, NAN)[:2] == (None, None)


def test_minus_zero_is_zero():
    assert str(read_depths(-0.0, "-0").minimum) == "0.0"


@pytest.mark.parametrize(
    ("depth", "bathymetry", "flagged", "below"),
    [
        (160, 100, False, False),  # 50 m plus 10 % of the sea floor is tolerated
        (161, 100, False, True),
        (161, None, False, False),
        (161, None, True, True),
        (45, -10, False, True),  # on a shore 10 m high, 40 m is the limit
        (40, -10, False, False),
        (None, 100, False, False),
    ],
)
def test_below_the_sea_floor_follows_the_rule_of_obis(depth, bathymetry, flagged, below):
    found = below_sea_floor(Depths(None, depth, 0), bathymetry, flagged)
    assert found == (Finding.DEPTH_BELOW_SEA_FLOOR if below else 0)
