"""The observations themselves in SQL: in which cells of a tile they lie, and where in it."""

from django.conf import settings

from species.atlas.sql import Sql, fill
from species.atlas.tile import Tile
from species.models.grid import GRID_BITS
from species.models.observation_queries import ObservationQuerySet

EXTENT_BITS = 12  # units of a tile's side: 4096
SUMMED = (
    *(
        "date_start",
        "date_end",
        "minimum_depth_in_meters",
        "maximum_depth_in_meters",
        "taxon_ordinal",
        "dataset_id",
    ),
    *("grid_column", "grid_row"),
)


def drawn(rows: ObservationQuerySet) -> Sql:
    """What `cells` and `records` draw. The database fetches no key where none is asked for."""
    return Sql.of(rows.order_by().values("key", "grid_column", "grid_row"))


def cells(read: Sql, tile: Tile) -> Sql:
    """(cells, n): the cell of each of the `n` rows drawn of a tile, as an array of int2.

    One row more than may be read tells that they are too many.
    """
    most = f"SELECT grid_column, grid_row FROM ({{read}}) o LIMIT {settings.RAW_ROW_BOUND + 1}"
    text = f"SELECT array_send(array_agg(({cell_of(tile)})::int2)) AS cells, count(*) AS n FROM ({most}) o"
    return fill(text, read=read) if read else read


def records(read: Sql, tile: Tile, limit: int) -> Sql:
    """(key, cell, x, y) of what is drawn of a tile, one more than the limit; x and y in units of
    4096 to its side.
    """
    shift, to_tile = GRID_BITS - tile.z - EXTENT_BITS, GRID_BITS - tile.z
    # the middle of what is coarser
    unit = f">> {shift}" if shift >= 0 else f"* {1 << -shift} + {1 << -shift - 1}"
    text = f"""
        SELECT key::text AS key, {cell_of(tile)} AS cell, (grid_column - {tile.x << to_tile}) {unit} AS x,
               (grid_row - {tile.y << to_tile}) {unit} AS y
        FROM ({{read}}) observation LIMIT {limit + 1}
    """
    return fill(text, read=read) if read else read


def cell_of(tile: Tile) -> str:
    """The cells of a tile are numbered row by row, `tile.side` to a row."""
    shift, last = GRID_BITS - tile.z - (tile.side - 1).bit_length(), tile.side - 1
    return f"((grid_row >> {shift}) & {last}) * {tile.side} + ((grid_column >> {shift}) & {last})"
