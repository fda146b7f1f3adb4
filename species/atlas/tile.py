"""Tiles of the usual pyramid, and which observations lie in one: half-open, so that no two tiles share a record."""

from dataclasses import dataclass
from math import atan, degrees, pi, sinh

from django.db.models import F, Q

from species.models.grid import CELL_BITS, GRID_BITS, MAX_LATITUDE, MAX_ZOOM
from species.models.observation_queries import Latitude, ObservationQuerySet, box

MARGIN = 1e-9  # degrees, about 0.1 mm: more than what rounding can take off the bounds of a tile


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile of the usual pyramid; x counts eastwards, y southwards."""

    z: int
    x: int
    y: int

    @property
    def exists(self) -> bool:
        return 0 <= self.z <= MAX_ZOOM and 0 <= self.x < 1 << self.z and 0 <= self.y < 1 << self.z

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """west, south, east, north in degrees."""
        size = 360 / (1 << self.z)
        return self.x * size - 180, latitude(self.y + 1, self.z), (self.x + 1) * size - 180, latitude(self.y, self.z)


def latitude(y: int, z: int) -> float:
    """Of the northern edge of the tiles in row y."""
    return degrees(atan(sinh(pi * (1 - 2 * y / (1 << z)))))


def drawable(rows: ObservationQuerySet) -> ObservationQuerySet:
    """Those that Web Mercator has a place for."""
    return rows.filter(grid_row__isnull=False)


def not_drawable(rows: ObservationQuerySet) -> ObservationQuerySet:
    """The others, poleward of 85.0511 degrees: counted and listed, never moved."""
    # The index on places, in single precision, finds the polar caps; the numbers decide.
    north = Q(location__bboverlaps=box(-180, MAX_LATITUDE, 180, 90), latitude__gt=MAX_LATITUDE)
    south = Q(location__bboverlaps=box(-180, -90, 180, -MAX_LATITUDE), latitude__lt=-MAX_LATITUDE)
    return rows.alias(latitude=Latitude("location")).filter(north | south)


def in_tile(rows: ObservationQuerySet, tile: Tile) -> ObservationQuerySet:
    """The drawable rows of a tile, with `cell_column` and `cell_row` in 0..63. No row is in two tiles of a zoom."""
    to_cell, to_tile = GRID_BITS - tile.z - CELL_BITS, GRID_BITS - tile.z
    rows = drawable(rows)
    if tile.z:
        rows = rows.filter(
            near(tile),
            grid_column__gte=tile.x << to_tile,
            grid_column__lt=(tile.x + 1) << to_tile,
            grid_row__gte=tile.y << to_tile,
            grid_row__lt=(tile.y + 1) << to_tile,
        )
    cell = (1 << CELL_BITS) - 1
    return rows.annotate(
        cell_column=F("grid_column").bitrightshift(to_cell).bitand(cell),
        cell_row=F("grid_row").bitrightshift(to_cell).bitand(cell),
    )


def near(tile: Tile) -> Q:
    """What the index on places can say of a tile: a little more than is in it."""
    west, south, east, north = tile.bounds
    south, north = south - MARGIN, north + MARGIN
    found = Q(location__bboverlaps=box(west - MARGIN, south, east + MARGIN, north))
    return found | Q(location__bboverlaps=box(180, south, 180, north)) if tile.x == 0 else found
