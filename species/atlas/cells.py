"""Where an observation lies on the Web Mercator grid: whole numbers, so that every tile and cell is half-open."""

from dataclasses import dataclass
from math import atan, degrees, pi, sinh

from django.contrib.gis.db import models
from django.db.models import F, Q

from species.models.observation_queries import Latitude, ObservationQuerySet, box

MAX_ZOOM = 22
CELL_BITS = 6  # 64 x 64 cells in a tile
GRID_BITS = MAX_ZOOM + CELL_BITS
GRID_SIZE = 1 << GRID_BITS  # columns and rows of the grid: cells of the deepest tiles
MAX_LATITUDE = 85.0511287798066  # what is poleward of it has no place in Web Mercator
MARGIN = 1e-9  # degrees, about 0.1 mm: more than what rounding can take off the bounds of a tile


class GridColumn(models.Func):
    """Columns count eastwards from the antimeridian, which is one meridian: 180 is -180."""

    template = f"((floor((ST_X(%(expressions)s) + 180) / 360 * {GRID_SIZE}))::bigint & {GRID_SIZE - 1})"
    output_field = models.BigIntegerField()


class GridRow(models.Func):
    """Rows count southwards from 85.0511 degrees north; what lies beyond is to be left out by `drawable`."""

    template = (
        "least(greatest(floor((0.5 - ln(tan(pi() / 4 + radians("
        f"least(greatest(ST_Y(%(expressions)s), -{MAX_LATITUDE}), {MAX_LATITUDE})"
        f") / 2)) / (2 * pi())) * {GRID_SIZE}), 0), {GRID_SIZE - 1})::bigint"
    )
    output_field = models.BigIntegerField()


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
    return rows.alias(latitude=Latitude("location")).filter(latitude__gte=-MAX_LATITUDE, latitude__lte=MAX_LATITUDE)


def not_drawable(rows: ObservationQuerySet) -> ObservationQuerySet:
    """The others, poleward of 85.0511 degrees: counted and listed, never moved."""
    # The index on places, in single precision, finds the polar caps; the numbers decide.
    north = Q(location__bboverlaps=box(-180, MAX_LATITUDE, 180, 90), latitude__gt=MAX_LATITUDE)
    south = Q(location__bboverlaps=box(-180, -90, 180, -MAX_LATITUDE), latitude__lt=-MAX_LATITUDE)
    return rows.alias(latitude=Latitude("location")).filter(north | south)


def in_tile(rows: ObservationQuerySet, tile: Tile) -> ObservationQuerySet:
    """The drawable rows of a tile, with `cell_column` and `cell_row` in 0..63. No row is in two tiles of a zoom."""
    to_cell, to_tile = GRID_BITS - tile.z - CELL_BITS, GRID_BITS - tile.z
    rows = drawable(rows).alias(grid_column=GridColumn("location"), grid_row=GridRow("location"))
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
