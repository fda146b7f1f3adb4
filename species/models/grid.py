"""The Web Mercator grid in SQL: integers for places, so that tiles and cells are half-open."""

from django.db import models

MAX_ZOOM = 22
CELL_BITS = 6  # 64 x 64 cells in a tile
GRID_BITS = MAX_ZOOM + CELL_BITS
GRID_SIZE = 1 << GRID_BITS  # columns and rows of the grid: cells of the deepest tiles
MAX_LATITUDE = 85.0511287798066  # the edge of Web Mercator
TILE_BITS = GRID_BITS - 6  # of a column or row within a tile of zoom 6
PLACE_BITS = 8  # of each of the two in `PLACE`

COLUMN = f"((floor((ST_X(%(expressions)s) + 180) / 360 * {GRID_SIZE}))::bigint & {GRID_SIZE - 1})::integer"
ROW = (
    f"CASE WHEN ST_Y(%(expressions)s) BETWEEN -{MAX_LATITUDE} AND {MAX_LATITUDE} THEN least(greatest("
    f"floor((0.5 - ln(tan(pi() / 4 + radians(ST_Y(%(expressions)s)) / 2)) / (2 * pi())) * {GRID_SIZE})"
    f", 0), {GRID_SIZE - 1})::integer END"
)

# The tile of zoom 14 within that of zoom 6, as interleaved bits of row and column (Z-order), so that
# each tile of a zoom between is one range.
PLACE = " | ".join(
    f"((grid_row >> {TILE_BITS - PLACE_BITS + bit} & 1) << {2 * bit + 1})"
    f" | ((grid_column >> {TILE_BITS - PLACE_BITS + bit} & 1) << {2 * bit})"
    for bit in range(PLACE_BITS)
)


class GridColumn(models.Func):
    """The column, counted eastwards from the antimeridian: 180 degrees is -180."""

    template, output_field = COLUMN, models.IntegerField()


class GridRow(models.Func):
    """The row, counted southwards from 85.0511 degrees north; null poleward of it."""

    template, output_field = ROW, models.IntegerField()


class KeyTile(models.Func):
    """The tile of zoom 6, as row * 64 + column."""

    template = f"(((({ROW}) >> {TILE_BITS}) << 6) | (({COLUMN}) >> {TILE_BITS}))::smallint"
    output_field = models.SmallIntegerField()
