"""The box around features is the smallest one, across the antimeridian too (RFC 7946, section 5.2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from species.darwincore.features import Printed, box_around


def box(*longitudes):
    return box_around([Printed(1, longitude, 0.0, "") for longitude in longitudes])


@pytest.mark.parametrize(
    ("longitudes", "west", "east"),
    [
        ([7.9], 7.9, 7.9),
        ([-10, 20], -10, 20),
        ([179.5, -179.5], 179.5, -179.5),
        ([170, -170, 175], 170, -170),
        ([-180, 180], 180, -180),
        ([-120, 120], 120, -120),
        ([-90, 90], -90, 90),
        ([-100, 0, 100], -100, 100),
        ([-150, -140, 160], 160, -140),
    ],
)
def test_a_box_takes_the_shorter_way_round_the_world(longitudes, west, east):
    assert box(*longitudes) == [west, 0.0, east, 0.0]


@given(st.lists(st.floats(-180, 180), min_size=1, max_size=8))
def test_every_feature_lies_in_the_box_and_no_box_is_wider_than_the_plain_one(longitudes):
    west, _, east, _ = box(*longitudes)
    spans = [(west, east)] if west <= east else [(west, 180), (-180, east)]
    assert all(any(low <= each <= high for low, high in spans) for each in longitudes)
    assert sum(high - low for low, high in spans) <= max(longitudes) - min(longitudes)
