"""Tiles and windows on the grid of Web Mercator, and conditions that find the rows in them.

A tile has 64 x 64 cells; a tile of an odd zoom shows the 32 x 32 cells of its place in the tile above.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import asinh, atan, degrees, floor, pi, radians, sinh, tan
from typing import NamedTuple

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from species.atlas.sql import Sql, join
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
FINEST = TILE_ZOOM + PLACE_BITS  # the deepest zoom of tiles that the index distinguishes
MAX_TILES_NAMED = 64  # in a condition, unless no other index can find the rows
ROUNDING = 2  # grid columns or rows by which rounding can move an edge


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
        """The number of cells on a side."""
        return 1 << (CELL_BITS - self.z % 2)

    def at_zoom(self, z: int) -> "Tile":
        """Return the ancestor tile at zoom z (z <= self.z)."""
        return Tile(z, self.x >> (self.z - z), self.y >> (self.z - z))

    def within(self, z: int) -> "list[Tile]":
        """Return the descendant tiles at zoom z (z >= self.z)."""
        side = 1 << (z - self.z)
        x, y = self.x * side, self.y * side
        return [Tile(z, x + right, y + down) for down in range(side) for right in range(side)]

    @property
    def box(self) -> Bbox:
        size = 360 / (1 << self.z)
        west, north = self.x * size - 180, latitude(self.y, self.z)
        return Bbox(west, latitude(self.y + 1, self.z), (self.x + 1) * size - 180, north)


def latitude(y: int, z: int) -> float:
    """Return the latitude of the northern edge of the tiles in row y of zoom z."""
    return degrees(atan(sinh(pi * (1 - 2 * y / (1 << z)))))


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open rectangle of grid columns and rows; none crosses the antimeridian."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def of_tile(cls, tile: Tile) -> "Window":
        size = 1 << (GRID_BITS - tile.z)
        return cls(tile.x * size, tile.y * size, (tile.x + 1) * size, (tile.y + 1) * size)

    def tiles(self, z: int) -> list[Tile]:
        """Return the tiles of zoom z that it touches."""
        shift = GRID_BITS - z
        columns = range(self.left >> shift, (self.right - 1 >> shift) + 1)
        rows = range(self.top >> shift, (self.bottom - 1 >> shift) + 1)
        return [Tile(z, x, y) for y in rows for x in columns]

    def number_of_tiles(self, z: int) -> int:
        shift = GRID_BITS - z
        across = (self.right - 1 >> shift) - (self.left >> shift) + 1
        return across * ((self.bottom - 1 >> shift) - (self.top >> shift) + 1)

    def rounded_out(self, z: int, slack: int = 0) -> "Window":
        """Return the window rounded out to whole tiles of zoom z.

        Edges at most `slack` columns or rows outside a tile are rounded in.
        """
        size = 1 << (GRID_BITS - z)
        left, top = (self.left + slack) // size * size, (self.top + slack) // size * size
        right = -(-(self.right - slack) // size) * size
        bottom = -(-(self.bottom - slack) // size) * size
        right, bottom = max(right, left + size), max(bottom, top + size)
        return Window(left, top, min(right, GRID_SIZE), min(bottom, GRID_SIZE))

    def within(self, other: "Window") -> "Window | None":
        """Return the part of it in another window."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return Window(left, top, right, bottom) if left < right and top < bottom else None

    @property
    def enclosing(self) -> Tile:
        """The smallest tile around it, of those that the index distinguishes."""
        width, height = self.left ^ self.right - 1, self.top ^ self.bottom - 1
        z = min(GRID_BITS - max(width.bit_length(), height.bit_length()), FINEST)
        return Tile(z, self.left >> GRID_BITS - z, self.top >> GRID_BITS - z)

    @property
    def indexed(self) -> "Window":
        """The window that the index on tiles reads to find the rows in this one."""
        around = self.enclosing
        return Window.of_tile(around) if around.z >= TILE_ZOOM else self.rounded_out(TILE_ZOOM)

    @property
    def bbox(self) -> Bbox:
        west, east = (edge / GRID_SIZE * 360 - 180 for edge in (self.left, self.right))
        return Bbox(west, latitude(self.bottom, GRID_BITS), east, latitude(self.top, GRID_BITS))


WORLD = Window(0, 0, GRID_SIZE, GRID_SIZE)


def windows_of(box: Bbox) -> list[Window]:
    """Return windows around all drawable places of a box, and hardly more.

    Two across the antimeridian, none at the poles.
    """
    if box.south > MAX_LATITUDE or box.north < -MAX_LATITUDE:
        return []
    top = max(grid_row(box.north) - ROUNDING, 0)
    bottom = min(grid_row(box.south) + ROUNDING + 1, GRID_SIZE)
    found = []
    for part in box.split():
        left = max(grid_column(part.west) - ROUNDING, 0)
        right = min(grid_column(part.east) + ROUNDING + 1, GRID_SIZE)
        found.append(Window(left, top, right, bottom))
    if len(found) == 1 and box.east == 180 and box.west > -180:
        found.append(Window(0, top, ROUNDING, bottom))  # the antimeridian is in the first column
    return found


def grid_column(longitude: float) -> int:
    return min(floor((longitude + 180) / 360 * GRID_SIZE), GRID_SIZE - 1)


def grid_row(degrees_north: float) -> int:
    bounded = max(-MAX_LATITUDE, min(MAX_LATITUDE, degrees_north))
    row = floor((0.5 - asinh(tan(radians(bounded))) / (2 * pi)) * GRID_SIZE)
    return max(0, min(row, GRID_SIZE - 1))


def intersect_windows(some: Iterable[Window], others: Sequence[Window]) -> list[Window]:
    return [part for one in some for other in others if (part := one.within(other))]


def drawable(rows: ObservationQuerySet) -> ObservationQuerySet:
    """Return the rows that Web Mercator has a place for."""
    return rows.filter(grid_row__isnull=False)


def not_drawable(rows: ObservationQuerySet) -> ObservationQuerySet:
    """Return the rows poleward of 85.0511 degrees: counted and listed, never moved."""
    return rows.filter(tile__isnull=True)  # one range of the index on tiles


def in_windows(
    rows: ObservationQuerySet,
    windows: Iterable[Window],
    *,
    tile: str = "tile",
    names_all: bool = False,
) -> ObservationQuerySet:
    """Return the drawable rows in any of the windows, which must share no tile of a stored zoom.

    `tile`: the column with the tile of zoom 6, whose index finds them; "" for another index.
    `names_all`: name the tiles however many there are, where the alternative is a whole table.
    """
    parts = []
    for window in windows:
        if window == WORLD:
            return drawable(rows)
        parts.append(join(" AND ", [on_grid(window), in_tiles(window, tile, names_all)]))
    within = join(") OR (", parts)
    if not within:
        return rows.none()
    # Composing this with Django's expressions would take as long as the database takes to answer.
    condition = RawSQL(f"({within.text})", within.values, BooleanField())  # noqa: S611
    return rows.filter(condition)


def on_grid(window: Window) -> Sql:
    edges = (window.left, window.right, window.top, window.bottom)
    return Sql("grid_column >= %s AND grid_column < %s AND grid_row >= %s AND grid_row < %s", edges)


def in_tiles(window: Window, column: str, names_all: bool) -> Sql:
    """Return a condition on a window that an index can answer; "" if it would name too many tiles."""
    around = window.enclosing
    if not column or (window.number_of_tiles(TILE_ZOOM) > MAX_TILES_NAMED and not names_all):
        return Sql("")
    numbers = [tile.y << TILE_ZOOM | tile.x for tile in window.tiles(TILE_ZOOM)]
    if around.z < TILE_ZOOM or column != "tile":
        return Sql(f"{column} = ANY(%s)", (numbers,))
    return Sql(f"{column} = %s AND {PLACE} BETWEEN %s AND %s", (*numbers, *place_range(around)))


def place_range(tile: Tile) -> tuple[int, int]:
    """Return the first and the last PLACE in a tile of zoom 6 to 14."""
    finer = FINEST - tile.z
    x, y = tile.x << finer, tile.y << finer
    bits = range(PLACE_BITS)
    first = sum((x >> bit & 1) << 2 * bit | (y >> bit & 1) << 2 * bit + 1 for bit in bits)
    return first, first + (1 << 2 * finer) - 1
