"""How the area that a selection asks for lies to a box: all of the box belongs to it, some of it,
or none.
"""

from enum import Enum

from species.areas import boxes_around
from species.atlas.tile import MARGIN
from species.atlas.windows import Window, windows_of
from species.filters import ObservationFilter
from species.models.grid import MAX_LATITUDE
from species.ranges import Bbox


class Part(Enum):
    ALL = "all"
    SOME = "some"  # or all, or none: which of them would cost more to know
    NONE = "none"


def part_of(selection: ObservationFilter, box: Bbox) -> Part:
    """Whether all records of a box of tiles (west <= east) lie where the selection asks, some, or
    none.
    """
    parts = [within(selection.bbox, box)] if selection.bbox else []
    if selection.canonical.keys() & {"polygon", "near"}:
        parts.append(Part.SOME)
    if Part.NONE in parts:
        return Part.NONE
    return Part.SOME if Part.SOME in parts else Part.ALL


def within(asked: Bbox, box: Bbox) -> Part:
    """The edges of tiles are no numbers of a visitor's, so a box that ends a hair beside one is
    neither in nor out.
    """
    lowest, highest = max(asked.south, -MAX_LATITUDE), min(asked.north, MAX_LATITUDE)
    if box.north < lowest - MARGIN or box.south > highest + MARGIN:
        return Part.NONE
    is_high = asked.north >= MAX_LATITUDE or asked.north > box.north + MARGIN
    is_low = asked.south <= -MAX_LATITUDE or asked.south < box.south - MARGIN
    spans = (
        [(asked.west, asked.east)]
        if asked.west <= asked.east
        else [(asked.west, 180.0), (-180.0, asked.east)]
    )
    across = [along(west, east, box) for west, east in spans]
    if Part.ALL in across:
        return Part.ALL if is_high and is_low else Part.SOME
    # The antimeridian is one meridian: what lies on it may be asked for by its other name.
    touches = 180.0 in (asked.east, -asked.west) and (
        box.west <= -180 + MARGIN or box.east >= 180 - MARGIN
    )
    return Part.SOME if Part.SOME in across or touches else Part.NONE


def along(west: float, east: float, box: Bbox) -> Part:
    if box.east < west - MARGIN or box.west > east + MARGIN:
        return Part.NONE
    starts = west < box.west - MARGIN or west == box.west == -180
    ends = east > box.east + MARGIN or east == box.east == 180
    return Part.ALL if starts and ends else Part.SOME


def windows_asked_for(selection: ObservationFilter, windows: list[Window]) -> list[Window]:
    """The parts of the windows in which the selection's records can lie."""
    asked = [windows_of(selection.bbox)] if selection.bbox else []
    asked += [windows_of(selection.area.bbox)] if selection.area else []
    asked += (
        [[part for box in boxes_around(selection.near) for part in windows_of(box)]]
        if selection.near
        else []
    )
    for some in asked:
        windows = [part for window in windows for other in some if (part := window.within(other))]
    return windows
