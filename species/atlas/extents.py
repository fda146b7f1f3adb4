"""Tiles and extents on the grid, and how the area of a query relates to them.

A tile has 64 x 64 cells; a tile of an odd zoom shows the 32 x 32 cells of its place in the tile above.
Windows are half-open rectangles of grid columns and rows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from math import asinh, atan, degrees, floor, pi, radians, sinh, tan
from typing import NamedTuple

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from species.areas import boxes_around
from species.atlas.sql import Sql, join
from species.filters import ObservationFilter
from species.models.grid import (
    CELL_BITS,
    GRID_BITS,
    GRID_SIZE,
    MAX_LATITUDE,
    MAX_ZOOM,
    PLACE,
    PLACE_BITS,
)
from species.models.observation_queries import ObservationQuerySet
from species.ranges import Bbox

TILE_ZOOM = 6  # of the column `tile`
MARGIN = 1e-9  # degrees, about 0.1 mm: more than what rounding can take off the bounds of a tile


class Tile(NamedTuple):
    """A tile of the usual pyramid; x counts eastwards, y southwards."""

    z: int
    x: int
    y: int

    @property
    def exists(self) -> bool:
        return 0 <= self.z <= MAX_ZOOM and 0 <= self.x < 1 << self.z and 0 <= self.y < 1 << self.z

    @property
    def side(self) -> int:
        """How many cells its side has."""
        return 1 << (CELL_BITS - self.z % 2)

    def at_zoom(self, z: int) -> "Tile":
        """The tile of a lower zoom, or of this one, that holds it."""
        return Tile(z, self.x >> (self.z - z), self.y >> (self.z - z))

    def within(self, z: int) -> "list[Tile]":
        """The tiles of a higher zoom that it holds."""
        side = 1 << (z - self.z)
        return [
            Tile(z, self.x * side + right, self.y * side + down)
            for down in range(side)
            for right in range(side)
        ]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """west, south, east, north in degrees."""
        size = 360 / (1 << self.z)
        return (
            self.x * size - 180,
            latitude(self.y + 1, self.z),
            (self.x + 1) * size - 180,
            latitude(self.y, self.z),
        )


def latitude(y: int, z: int) -> float:
    """Of the northern edge of the tiles in row y."""
    return degrees(atan(sinh(pi * (1 - 2 * y / (1 << z)))))


def drawable(rows: ObservationQuerySet) -> ObservationQuerySet:
    """Those that Web Mercator has a place for."""
    return rows.filter(grid_row__isnull=False)


def not_drawable(rows: ObservationQuerySet) -> ObservationQuerySet:
    """The others, poleward of 85.0511 degrees: counted and listed, never moved."""
    return rows.filter(tile__isnull=True)  # one range of the index on tiles


MOST_TILES = 64  # that a condition names one by one, unless nothing else can find the rows
FINEST = TILE_ZOOM + PLACE_BITS  # the zoom of the tiles that the index tells apart
HAIR = 2  # columns or rows that rounding can take off an edge


@dataclass(frozen=True, slots=True)
class Window:
    """left <= column < right and top <= row < bottom of the 28-bit grid; none crosses the
    antimeridian.
    """

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def of_tile(cls, tile: Tile) -> "Window":
        size = 1 << (GRID_BITS - tile.z)
        return cls(tile.x * size, tile.y * size, (tile.x + 1) * size, (tile.y + 1) * size)

    def tiles(self, z: int) -> list[Tile]:
        """The tiles of a zoom that it touches."""
        shift = GRID_BITS - z
        columns = range(self.left >> shift, (self.right - 1 >> shift) + 1)
        return [
            Tile(z, x, y)
            for y in range(self.top >> shift, (self.bottom - 1 >> shift) + 1)
            for x in columns
        ]

    def number_of_tiles(self, z: int) -> int:
        shift = GRID_BITS - z
        across = (self.right - 1 >> shift) - (self.left >> shift) + 1
        return across * ((self.bottom - 1 >> shift) - (self.top >> shift) + 1)

    def rounded_out(self, z: int, slack: int = 0) -> "Window":
        """To whole tiles of a zoom; edges that lie so little outside of one as `slack` are rounded
        in.
        """
        size = 1 << (GRID_BITS - z)
        left, top = (self.left + slack) // size * size, (self.top + slack) // size * size
        right, bottom = (
            -(-(self.right - slack) // size) * size,
            -(-(self.bottom - slack) // size) * size,
        )
        return Window(
            left,
            top,
            min(max(right, left + size), GRID_SIZE),
            min(max(bottom, top + size), GRID_SIZE),
        )

    def within(self, other: "Window") -> "Window | None":
        """The part of it that lies in the other."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return Window(left, top, right, bottom) if left < right and top < bottom else None

    @property
    def enclosing(self) -> Tile:
        """The smallest tile that holds it, of those that the index tells apart."""
        bits = max(
            (self.left ^ self.right - 1).bit_length(), (self.top ^ self.bottom - 1).bit_length()
        )
        z = min(GRID_BITS - bits, FINEST)
        return Tile(z, self.left >> GRID_BITS - z, self.top >> GRID_BITS - z)

    @property
    def indexed(self) -> "Window":
        """All that the index on tiles passes by where this is looked for."""
        around = self.enclosing
        return Window.of_tile(around) if around.z >= TILE_ZOOM else self.rounded_out(TILE_ZOOM)

    @property
    def bbox(self) -> Bbox:
        west, east = (edge / GRID_SIZE * 360 - 180 for edge in (self.left, self.right))
        return Bbox(west, latitude(self.bottom, GRID_BITS), east, latitude(self.top, GRID_BITS))


WORLD = Window(0, 0, GRID_SIZE, GRID_SIZE)


def windows_of(box: Bbox) -> list[Window]:
    """What holds each drawable place of a box, and hardly more: two across the antimeridian, none
    about the poles.
    """
    if box.south > MAX_LATITUDE or box.north < -MAX_LATITUDE:
        return []
    top, bottom = max(row(box.north) - HAIR, 0), min(row(box.south) + HAIR + 1, GRID_SIZE)
    found = [
        Window(
            max(column(part.west) - HAIR, 0),
            top,
            min(column(part.east) + HAIR + 1, GRID_SIZE),
            bottom,
        )
        for part in box.split()
    ]
    # the antimeridian's own column is the first one
    if len(found) == 1 and box.east == 180 and box.west > -180:
        found.append(Window(0, top, HAIR, bottom))
    return found


def column(longitude: float) -> int:
    return min(floor((longitude + 180) / 360 * GRID_SIZE), GRID_SIZE - 1)


def row(degrees_north: float) -> int:
    bounded = max(-MAX_LATITUDE, min(MAX_LATITUDE, degrees_north))
    return max(
        0, min(floor((0.5 - asinh(tan(radians(bounded))) / (2 * pi)) * GRID_SIZE), GRID_SIZE - 1)
    )


def in_windows(
    rows: ObservationQuerySet,
    windows: Iterable[Window],
    *,
    tile: str = "tile",
    names_all: bool = False,
) -> ObservationQuerySet:
    """Return the drawable rows in any of the windows; no row lies in two tiles of a zoom.

    `tile`: the column of the tile of zoom 6, whose index finds them; "": let another one do so.
    `names_all`: name the tiles however many they are, where the alternative is to read the whole
    table.
    """
    parts = []
    for window in windows:
        if window == WORLD:
            return drawable(rows)
        parts.append(join(" AND ", [on_grid(window), in_tiles(window, tile, names_all)]))
    within = join(") OR (", parts)
    if not within:
        return rows.none()
    # As it stands, not put together by Django: that would take as long as the database takes to
    # answer.
    return rows.filter(RawSQL(f"({within.text})", within.values, BooleanField()))  # noqa: S611  # our constants


def on_grid(window: Window) -> Sql:
    edges = (window.left, window.right, window.top, window.bottom)
    return Sql("grid_column >= %s AND grid_column < %s AND grid_row >= %s AND grid_row < %s", edges)


def in_tiles(window: Window, column: str, names_all: bool) -> Sql:
    """Return the condition on a window that an index can answer; none where it would name too many
    tiles.
    """
    around = window.enclosing
    if not column or (window.number_of_tiles(TILE_ZOOM) > MOST_TILES and not names_all):
        return Sql("")
    numbers = [tile.y << TILE_ZOOM | tile.x for tile in window.tiles(TILE_ZOOM)]
    if around.z < TILE_ZOOM or column != "tile":
        return Sql(f"{column} = ANY(%s)", (numbers,))
    return Sql(f"{column} = %s AND {PLACE} BETWEEN %s AND %s", (*numbers, *places(around)))


def places(tile: Tile) -> tuple[int, int]:
    """The first and the last `PLACE` in a tile of zoom 6 to 14."""
    finer = FINEST - tile.z
    bits = range(PLACE_BITS)
    first = sum(
        (tile.x << finer >> bit & 1) << 2 * bit | (tile.y << finer >> bit & 1) << 2 * bit + 1
        for bit in bits
    )
    return first, first + (1 << 2 * finer) - 1


class Overlap(Enum):
    ALL = "all"
    SOME = "some"  # or all, or none: which of them would cost more to know
    NONE = "none"


def overlap_with(selection: ObservationFilter, box: Bbox) -> Overlap:
    """Whether all records of a box of tiles (west <= east) lie where the selection asks, some, or
    none.
    """
    parts = [within(selection.bbox, box)] if selection.bbox else []
    if selection.canonical.keys() & {"polygon", "near"}:
        parts.append(Overlap.SOME)
    if Overlap.NONE in parts:
        return Overlap.NONE
    return Overlap.SOME if Overlap.SOME in parts else Overlap.ALL


def within(asked: Bbox, box: Bbox) -> Overlap:
    """The edges of tiles are no numbers of a visitor's, so a box that ends a hair beside one is
    neither in nor out.
    """
    lowest, highest = max(asked.south, -MAX_LATITUDE), min(asked.north, MAX_LATITUDE)
    if box.north < lowest - MARGIN or box.south > highest + MARGIN:
        return Overlap.NONE
    is_high = asked.north >= MAX_LATITUDE or asked.north > box.north + MARGIN
    is_low = asked.south <= -MAX_LATITUDE or asked.south < box.south - MARGIN
    across = [along(part.west, part.east, box) for part in asked.split()]
    if Overlap.ALL in across:
        return Overlap.ALL if is_high and is_low else Overlap.SOME
    # The antimeridian is one meridian: what lies on it may be asked for by its other name.
    touches = 180.0 in (asked.east, -asked.west) and (
        box.west <= -180 + MARGIN or box.east >= 180 - MARGIN
    )
    return Overlap.SOME if Overlap.SOME in across or touches else Overlap.NONE


def along(west: float, east: float, box: Bbox) -> Overlap:
    if box.east < west - MARGIN or box.west > east + MARGIN:
        return Overlap.NONE
    starts = west < box.west - MARGIN or west == box.west == -180
    ends = east > box.east + MARGIN or east == box.east == 180
    return Overlap.ALL if starts and ends else Overlap.SOME


def windows_of_query(query: ObservationFilter) -> list[Window]:
    """Return the parts of the world in which the records of a query can lie."""
    asked = [windows_of(query.bbox)] if query.bbox else []
    asked += [windows_of(query.area.bbox)] if query.area else []
    if query.near:
        asked.append([window for box in boxes_around(query.near) for window in windows_of(box)])
    windows = [WORLD]
    for some in asked:
        windows = intersect_windows(windows, some)
    return windows


def intersect_windows(some: Iterable[Window], others: Sequence[Window]) -> list[Window]:
    return [part for one in some for other in others if (part := one.within(other))]
