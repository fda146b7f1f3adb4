"""The Web Mercator grid in SQL: whole numbers for a place, so that every tile and cell is
half-open.
"""

from django.db import models

MAX_ZOOM = 22
CELL_BITS = 6  # 64 x 64 cells in a tile
GRID_BITS = MAX_ZOOM + CELL_BITS
GRID_SIZE = 1 << GRID_BITS  # columns and rows of the grid: cells of the deepest tiles
MAX_LATITUDE = 85.0511287798066  # what is poleward of it has no place in Web Mercator
TILE_BITS = GRID_BITS - 6  # of a column or row within a tile of zoom 6
PLACE_BITS = 8  # of each of the two in `PLACE`

COLUMN = f"((floor((ST_X(%(expressions)s) + 180) / 360 * {GRID_SIZE}))::bigint & {GRID_SIZE - 1})::integer"
ROW = (
    f"CASE WHEN ST_Y(%(expressions)s) BETWEEN -{MAX_LATITUDE} AND {MAX_LATITUDE} THEN least(greatest("
    f"floor((0.5 - ln(tan(pi() / 4 + radians(ST_Y(%(expressions)s)) / 2)) / (2 * pi())) * {GRID_SIZE})"
    f", 0), {GRID_SIZE - 1})::integer END"
)

# Which tile of zoom 14 it is within that of zoom 6: the bits of row and column in turns, so that
# whatever tile lies between the two zooms is one range of it.
PLACE = " | ".join(
    f"((grid_row >> {TILE_BITS - PLACE_BITS + bit} & 1) << {2 * bit + 1})"
    f" | ((grid_column >> {TILE_BITS - PLACE_BITS + bit} & 1) << {2 * bit})"
    for bit in range(PLACE_BITS)
)


class GridColumn(models.Func):
    """Columns count eastwards from the antimeridian, which is one meridian: 180 is -180."""

    template, output_field = COLUMN, models.IntegerField()


class GridRow(models.Func):
    """Rows count southwards from 85.0511 degrees north; null poleward of it, where nothing can be
    drawn.
    """

    template, output_field = ROW, models.IntegerField()


class KeyTile(models.Func):
    """The tile of zoom 6: its row * 64 + its column."""

    template = f"(((({ROW}) >> {TILE_BITS}) << 6) | (({COLUMN}) >> {TILE_BITS}))::smallint"
    output_field = models.SmallIntegerField()
