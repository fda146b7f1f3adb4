"""Vector tiles of observations: exact counts in 64 x 64 cells, and how many records a tile stands for."""

from dataclasses import dataclass

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Min

from species.atlas.tile import Tile, in_tile
from species.models.observation_queries import ObservationQuerySet

EXTENT = 4096  # units of a tile's side; a cell has 64
FORMAT = 1  # raised when the same data make other tiles

# What is formatted in is our constants and SQL that Django wrote; every value of a visitor's is a parameter.
MVT = f"""
WITH cells AS ({{cells}}),
total AS (SELECT coalesce(sum(n), 0)::bigint AS n FROM cells),
point AS (
    SELECT ST_MakePoint(cell_column * 64 + 32, cell_row * 64 + 32) AS geom, n, observation.key::text AS key
    FROM cells LEFT JOIN species_curatedobservation observation ON n = 1 AND observation.id = one_of_them
    ORDER BY cell_row, cell_column
),
meta AS (
    SELECT ST_MakePoint({EXTENT // 2}, {EXTENT // 2}) AS geom, n AS total, n AS shown, %s::bigint AS version FROM total
)
SELECT (SELECT ST_AsMVT(point, 'cells', {EXTENT}, 'geom') FROM point)
    || (SELECT ST_AsMVT(meta, 'meta', {EXTENT}, 'geom') FROM meta), n
FROM total
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class RenderedTile:
    """`body`: Mapbox Vector Tile, empty for no records. `total` records lie in the tile, `shown` of them are in it."""

    body: bytes
    total: int
    shown: int


def render_tile(rows: ObservationQuerySet, tile: Tile, version: int) -> RenderedTile:
    """The tile of these rows, in one statement.

    Layer `cells`: a point at the centre of each cell that holds records, `n` of them, with the `key` of a single one.
    Layer `meta`: one point with `total`, `shown` and the data's `version`.
    """
    cells = in_tile(rows.order_by(), tile).values("cell_column", "cell_row")  # type: ignore[misc]  # annotated
    try:
        sql, parameters = cells.annotate(n=Count("pk"), one_of_them=Min("pk")).query.sql_with_params()
    except EmptyResultSet:
        return RenderedTile(b"", 0, 0)
    with connection.cursor() as cursor:
        cursor.execute(MVT.format(cells=sql), [*parameters, version])
        body, total = cursor.fetchone()
    return RenderedTile(bytes(body) if total else b"", total, total)
