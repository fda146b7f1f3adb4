"""OBIS's flags come as a list or as one text, in capitals or not; unknown ones are kept by name."""

import pytest

from species.refresh.clean.flags import Flags, read_flags
from species.terms import ObisFlag

BOTH = ObisFlag.NO_DEPTH | ObisFlag.ON_LAND


@pytest.mark.parametrize(
    "value",
    [
        ["NO_DEPTH", "ON_LAND"],
        ["no_depth", "On_Land"],
        "NO_DEPTH,ON_LAND",
        " no_depth, on_land,,",
        ["ON_LAND,NO_DEPTH"],
    ],
)
def test_flags_are_read_from_a_list_or_a_text_in_any_case(value):
    assert read_flags(value) == Flags(BOTH, "")


@pytest.mark.parametrize("value", [None, "", [], [None]])
def test_no_flags(value):
    assert read_flags(value) == Flags(0, "")


def test_a_flag_that_obis_invents_later_is_kept_by_name():
    assert read_flags(["NO_DEPTH", "TIDE_UNSURE", 7]) == Flags(
        ObisFlag.NO_DEPTH | ObisFlag.UNLISTED, "7, TIDE_UNSURE"
    )
