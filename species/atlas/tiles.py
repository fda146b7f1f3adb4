"""Vector tiles of observations: counts in cells where they are many, single records where they are few."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from django.conf import settings

from species.atlas import from_densities, from_rows, from_sample, mvt
from species.atlas.access import (
    DEEPEST,
    AccessPath,
    QueryAccess,
    Route,
    rows_about,
    stored_tile,
)
from species.atlas.bounds import key_tile
from species.atlas.density_query import EVERYTHING, DensityQuery, Subject
from species.atlas.extents import Overlap, Tile, Window, overlap_with
from species.atlas.from_rows import elements
from species.atlas.sql import Sql, fetch, fill, union
from species.density.codec import Numbers
from species.filters import ObservationFilter
from species.models import DataVersion, Face
from species.models.grid import CELL_BITS
from species.ranges import Bbox

EXTENT = 4096  # units of a tile's side
SINGLE_FROM = (
    12  # the zoom from which records are drawn one by one, where a tile has at most so many:
)
MAX_SINGLE = 250

# What is formatted in is our constants; every value of a visitor's is a parameter.
VERSION = "coalesce((SELECT number FROM species_dataversion WHERE id = 1), 0)"
MIDDLE = "ST_MakePoint(cell %% {side} * {size} + {size} / 2, cell / {side} * {size} + {size} / 2) AS geom"
# Parts of one statement, so that all is of one moment: what is read, and beside it the version that it is of.
STORED = f"SELECT {VERSION}, NULL::bigint, {from_densities.COLUMNS} FROM ({{rows}}) stored"
KEPT = f"""
SELECT {VERSION}, subject, NULL::int, NULL::int, NULL::smallint, NULL::int, NULL::bytea
FROM species_density WHERE {{key}} AND face = {Face.TOTAL:d}
"""
READ = f"SELECT {VERSION}, n, NULL::int, NULL::int, NULL::smallint, NULL::int, cells FROM ({{read}}) read"
SAMPLED = f"""
WITH met AS MATERIALIZED ({{met}}),
cell AS (
    SELECT cell, round(sum(met.n * stratum.n::float8 / stratum.sampled))::bigint AS n
    FROM (SELECT cell, stratum, count(*) AS n FROM met GROUP BY cell, stratum) met
    JOIN species_stratum stratum ON stratum.tile = met.stratum GROUP BY cell
),
feature AS (SELECT {MIDDLE}, n FROM cell ORDER BY cell)
SELECT {VERSION}, (SELECT ST_AsMVT(feature, 'cells', {EXTENT}, 'geom') FROM feature), moments.*
FROM ({{moments}}) moments
"""
FEW = f"""
WITH record AS ({{records}}), feature AS ({{features}})
SELECT {VERSION}, (SELECT ST_AsMVT(feature, '{{layer}}', {EXTENT}, 'geom') FROM feature), (SELECT count(*) FROM record)
"""
POINTS = "SELECT ST_MakePoint(x, y) AS geom, key FROM record ORDER BY key"
KEYED_CELLS = f"""
SELECT {MIDDLE}, count(*) AS n, CASE WHEN count(*) = 1 THEN min(key) END AS key FROM record GROUP BY cell ORDER BY cell
"""


@dataclass(frozen=True, slots=True)
class RenderedTile:
    """`body`: Mapbox Vector Tile, empty for no records. The tile stands for `total` records and shows `shown` of them.

    `low` and `high` are the ends of the interval, of 95 percent, in which the total lies where it is an estimate.
    """

    body: bytes
    total: int
    shown: int
    low: int
    high: int
    route: Route
    version: int


def render_tile(access: QueryAccess, tile: Tile) -> RenderedTile:
    """The tile of a selection, in one statement where the densities have it.

    Layer `cells`: a point in the middle of each cell that holds records, with their number `n` and, where few records
    lie in the tile, the `key` of a single one. Layer `points`, in its place where records are drawn one by one: their
    places with their `key`. Layer `meta`: a point that says what the headers say of the tile, and `side`, how many
    cells its side has.
    """
    wanted, part = access.density_query, overlap_with(access.query, Bbox(*tile.bounds))
    if part is Overlap.NONE or (wanted and not wanted.subjects):
        return whole(tile, b"", 0, Route.EMPTY, DataVersion.current())
    kept: list[Subject] | None = None  # not looked for
    found = None
    if wanted and wanted.has_cells and part is Overlap.ALL and tile.z <= DEEPEST:
        found, kept = read_densities(wanted, tile)
        if found and (tile.z < SINGLE_FROM or found.total > MAX_SINGLE):
            return of_cells(tile, found)
    rest = (
        [subject for subject in wanted.subjects if found or subject not in (kept or ())]
        if wanted
        else None
    )
    windows = access.windows_in([Window.of_tile(tile)])
    # Where densities of everything are not kept, it is so little that nothing need be counted first.
    few_at_most = settings.DENSITY_THRESHOLD
    is_light = kept == [] and rest == [EVERYTHING]
    way = AccessPath(few_at_most, few_at_most) if is_light else access.path(windows, rest)
    if not found and not way.is_bounded:
        return render_sample(access.query, windows, tile)
    rows = from_rows.drawn(way.found(rows_about(access.rows, rest), windows))
    is_alone = found or not kept
    found = found or read_rows(rows, tile, wanted.about(kept) if wanted and kept else None)
    if not found:
        return render_sample(access.query, windows, tile)
    if not way.is_of(found.version):
        return render_tile(QueryAccess(access.query), tile)
    # To count them first costs less than to fetch keys in vain, as of most tiles that are looked at it would be.
    few = (
        render_few(rows, tile)
        if is_alone and way.is_quick and 0 < found.total <= MAX_SINGLE
        else None
    )
    return few or of_cells(tile, found)


@dataclass(frozen=True, slots=True)
class CellCounts:
    """Records by row and column of a tile's cells, how they were found, and the version of the data."""

    counts: Numbers
    route: Route
    version: int

    @property
    def total(self) -> int:
        return int(self.counts.sum())


def read_densities(wanted: DensityQuery, tile: Tile) -> tuple[CellCounts | None, list[Subject]]:
    """What the densities have of the tile, if they have all, and of which subjects they are kept here; one query."""
    key = from_densities.StoredTiles.of(wanted, key_tile(tile)).condition
    answers = fetch(union([fill(STORED, rows=packed_rows(wanted, tile)), fill(KEPT, key=key)]))
    numbers = {number for _, number, *_ in answers}
    kept = [subject for subject in wanted.subjects if subject.number in numbers]
    if len(kept) < len(wanted.subjects):
        return None, kept
    rows = [from_densities.Row(*row) for _, number, *row in answers if number is None]
    route = Route.DELTA if any(row.layer > 0 for row in rows) else Route.PACKED
    return CellCounts(counted(tile, rows, wanted), route, answers[0][0]), kept


def packed_rows(wanted: DensityQuery, tile: Tile) -> Sql:
    return from_densities.rows_of_cells(
        from_densities.StoredTiles.of(wanted, stored_tile(tile)), wanted
    )


def counted(tile: Tile, read: Iterable[from_densities.Row], wanted: DensityQuery) -> Numbers:
    """Records by row and column of the tile's cells; one of an odd zoom is a quarter of the one above."""
    counts = np.zeros(1 << 2 * CELL_BITS)
    for some in from_densities.cells(read, wanted):
        counts += np.bincount(some.keys, weights=some.counts, minlength=len(counts))
    table = counts.astype(np.int64).reshape(1 << CELL_BITS, 1 << CELL_BITS)
    top, left = (tile.side * (at & 1) if tile.z % 2 else 0 for at in (tile.y, tile.x))
    return table[top : top + tile.side, left : left + tile.side].copy()


def read_rows(rows: Sql, tile: Tile, kept: DensityQuery | None) -> CellCounts | None:
    """These rows and what densities are kept here; None when the rows are too many."""
    parts = [fill(STORED, rows=packed_rows(kept, tile))] if kept else []
    parts += [fill(READ, read=from_rows.cells(rows, tile))] if rows else []
    answers = fetch(union(parts)) if parts else []
    stored = [from_densities.Row(*row) for _, number, *row in answers if number is None]
    counts = counted(tile, stored, kept) if kept else np.zeros((tile.side, tile.side), np.int64)
    for _, number, *_, cells in answers:
        if number:
            counts.ravel()[:] += np.bincount(elements(cells, number, ">i2"), minlength=tile.side**2)
            if number > settings.RAW_ROW_BOUND:
                return None
    return CellCounts(counts, Route.RAW, answers[0][0] if answers else DataVersion.current())


def of_cells(tile: Tile, found: CellCounts) -> RenderedTile:
    return whole(
        tile, mvt.cells("cells", EXTENT, found.counts), found.total, found.route, found.version
    )


def render_few(rows: Sql, tile: Tile) -> RenderedTile | None:
    """The tile with the keys of its records, if they are few."""
    alone = tile.z >= SINGLE_FROM
    records, features = (
        from_rows.records(rows, tile, MAX_SINGLE),
        POINTS if alone else sized(KEYED_CELLS, tile),
    )
    template = FEW.replace("{layer}", "points" if alone else "cells")
    ((version, layer, total),) = fetch(fill(template, records=records, features=Sql(features)))
    return (
        None
        if total > MAX_SINGLE
        else whole(tile, layer, total, Route.SINGLE if alone else Route.RAW, version)
    )


def render_sample(query: ObservationFilter, windows: list[Window], tile: Tile) -> RenderedTile:
    """The tile of what the sample has: the number of a cell says for how many records its sampled ones stand."""
    met = from_sample.cells(query, windows, tile)
    if not met:
        return whole(tile, b"", 0, Route.EMPTY, DataVersion.current())
    statement = fill(sized(SAMPLED, tile), met=met, moments=from_sample.moments_of(windows))
    ((version, layer, *moments),) = fetch(statement)
    estimate = from_sample.estimate_of(from_sample.Moments(*moments))
    numbers = estimate.number, estimate.found, estimate.low, estimate.high
    return finished(tile, RenderedTile(bytes(layer), *numbers, Route.SAMPLE, version))


def sized(template: str, tile: Tile) -> str:
    return template.replace("{side}", str(tile.side)).replace("{size}", str(EXTENT // tile.side))


def whole(
    tile: Tile, layer: memoryview | bytes, total: int, route: Route, version: int
) -> RenderedTile:
    """A tile that shows all that it stands for."""
    return finished(tile, RenderedTile(bytes(layer), total, total, total, total, route, version))


def finished(tile: Tile, drawn: RenderedTile) -> RenderedTile:
    """The same with the layer that says what it is; of what stands for nothing there is no tile."""
    if not drawn.high:
        return replace(drawn, body=b"")
    told = {name: getattr(drawn, name) for name in ("total", "shown", "low", "high", "version")}
    told |= {
        "sampled": int(drawn.route is Route.SAMPLE),
        "route": drawn.route.value,
        "side": tile.side,
    }
    return replace(drawn, body=drawn.body + mvt.one_point("meta", EXTENT, told))
