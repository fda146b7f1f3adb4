"""Render vector tiles: counts in cells where records are many, single records where they are few."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from django.conf import settings

from species.atlas import from_densities, from_rows, from_sample, mvt
from species.atlas.access import AccessPath, QueryAccess
from species.atlas.bounds import key_tile
from species.atlas.density_query import EVERYTHING, DensityQuery, Subject, rows_about
from species.atlas.extents import Overlap, Tile, Window, overlap_with
from species.atlas.from_densities import StoredTiles
from species.atlas.results import Route
from species.atlas.sql import Sql, fetch, fill, union
from species.density.codec import STORED_ZOOMS, Numbers
from species.filters import ObservationFilter
from species.models import DataVersion, Face
from species.models.grid import CELL_BITS
from species.ranges import Bbox

EXTENT = 4096  # units of a tile's side
DEEPEST = STORED_ZOOMS[-1] + 1  # a tile of an odd zoom shows a quarter of the one above
SINGLE_FROM = 12  # records are drawn one by one from this zoom on, where a tile has at most ...
MAX_SINGLE = 250

# Only our constants are formatted in; every value from a request is a parameter.
VERSION = "coalesce((SELECT number FROM species_dataversion WHERE id = 1), 0)"
MIDDLE = "ST_MakePoint(cell %% {side} * {size} + {size} / 2, cell / {side} * {size} + {size} / 2) AS geom"
# Each statement also reads the version of the data, so that both are of the same moment.
STORED = f"SELECT {VERSION}, NULL::bigint, {from_densities.COLUMNS} FROM ({{rows}}) stored"
STORED_SUBJECTS = f"""
SELECT {VERSION}, subject, NULL::int, NULL::int, NULL::smallint, NULL::int, NULL::bytea
FROM species_density WHERE {{key}} AND face = {Face.TOTAL:d}
"""
READ = f"""
SELECT {VERSION}, n, NULL::int, NULL::int, NULL::smallint, NULL::int, cells FROM ({{read}}) read
"""
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
SELECT {VERSION}, (SELECT ST_AsMVT(feature, '{{layer}}', {EXTENT}, 'geom') FROM feature),
    (SELECT count(*) FROM record)
"""
POINTS = "SELECT ST_MakePoint(x, y) AS geom, key FROM record ORDER BY key"
KEYED_CELLS = f"""
SELECT {MIDDLE}, count(*) AS n, CASE WHEN count(*) = 1 THEN min(key) END AS key
FROM record GROUP BY cell ORDER BY cell
"""


@dataclass(frozen=True, slots=True)
class RenderedTile:
    """A Mapbox Vector Tile (`body`, empty without records) with the figures of its headers.

    It stands for `total` records and shows `shown` of them. Where the total is an estimate, `low` and
    `high` are its 95 percent interval.
    """

    body: bytes
    total: int
    shown: int
    low: int
    high: int
    route: Route
    version: int


@dataclass(frozen=True, slots=True)
class CellCounts:
    """Records by row and column of a tile's cells, their route, and the version of the data."""

    counts: Numbers
    route: Route
    version: int

    @property
    def total(self) -> int:
        return int(self.counts.sum())


def render_tile(access: QueryAccess, tile: Tile) -> RenderedTile:
    """Return a tile of a query, in one statement where densities have all of it.

    Layer `cells`: a point in the middle of each cell with records, their number `n` and, where the
    tile has few records, the `key` of a single one. Layer `points`, in its place where records are
    drawn one by one: their places and keys. Layer `meta`: a point with the figures of the headers,
    and `side`, the number of cells on a side.
    """
    wanted, overlap = access.density_query, overlap_with(access.query, Bbox(*tile.bounds))
    if overlap is Overlap.NONE or (wanted and not wanted.subjects):
        return exact_tile(tile, b"", 0, Route.EMPTY, DataVersion.current())
    stored: list[Subject] | None = None  # None: not looked for
    found = None
    if wanted and wanted.has_cells and overlap is Overlap.ALL and tile.z <= DEEPEST:
        found, stored = read_densities(wanted, tile)
        if found and (tile.z < SINGLE_FROM or found.total > MAX_SINGLE):
            return cells_tile(tile, found)
    rest = None
    if wanted:
        rest = [each for each in wanted.subjects if found or each not in (stored or ())]
    windows = access.windows_in([Window.of_tile(tile)])
    path = path_to_rest(access, windows, stored, rest)
    if not found and not path.is_bounded:
        return sampled_tile(access.query, windows, tile)
    rows = from_rows.drawn(path.restrict(rows_about(access.rows, rest), windows))
    is_alone = found or not stored
    found = found or read_rows(rows, tile, wanted.about(stored) if wanted and stored else None)
    if not found:
        return sampled_tile(access.query, windows, tile)
    if not path.is_current(found.version):
        return render_tile(QueryAccess(access.query), tile)
    few = None
    # Counting first costs less than fetching keys in vain, as for most tiles it would be.
    if is_alone and path.is_quick and 0 < found.total <= MAX_SINGLE:
        few = keyed_tile(rows, tile)
    return few or cells_tile(tile, found)


def path_to_rest(
    access: QueryAccess,
    windows: list[Window],
    stored: list[Subject] | None,
    rest: list[Subject] | None,
) -> AccessPath:
    """Return the path to the records in a tile of the subjects without densities there."""
    if stored == [] and rest == [EVERYTHING]:
        # A tile without densities of everything has so few records that none need be counted first.
        return AccessPath(settings.DENSITY_THRESHOLD, settings.DENSITY_THRESHOLD)
    return access.path(windows, rest)


def read_densities(wanted: DensityQuery, tile: Tile) -> tuple[CellCounts | None, list[Subject]]:
    """Return the counts if densities have all, and the subjects stored here; one query."""
    key = StoredTiles.of(wanted.subjects, key_tile(tile)).condition
    statement = [
        fill(STORED, rows=density_rows(wanted, tile)),
        fill(STORED_SUBJECTS, key=key),
    ]
    found = fetch(union(statement))
    numbers = {number for _, number, *_ in found}
    stored = [subject for subject in wanted.subjects if subject.number in numbers]
    if len(stored) < len(wanted.subjects):
        return None, stored
    rows = [from_densities.Row(*row) for _, number, *row in found if number is None]
    route = Route.DELTA if any(row.layer > 0 for row in rows) else Route.PACKED
    return CellCounts(count_cells(tile, rows, wanted), route, found[0][0]), stored


def density_rows(wanted: DensityQuery, tile: Tile) -> Sql:
    """Return the rows of densities with the cells of a tile, which may be of a zoom not stored."""
    above = tile.at_zoom(min(tile.z - tile.z % 2, STORED_ZOOMS[-1]))
    return from_densities.rows_of_cells(StoredTiles.of(wanted.subjects, above), wanted)


def count_cells(tile: Tile, read: Iterable[from_densities.Row], wanted: DensityQuery) -> Numbers:
    """Return records by row and column of the tile's cells.

    A tile of an odd zoom is a quarter of the stored tile above.
    """
    counts = np.zeros(1 << 2 * CELL_BITS)
    for some in from_densities.cells(read, wanted):
        counts += np.bincount(some.keys, weights=some.counts, minlength=len(counts))
    table = counts.astype(np.int64).reshape(1 << CELL_BITS, 1 << CELL_BITS)
    top, left = (tile.side * (at & 1) if tile.z % 2 else 0 for at in (tile.y, tile.x))
    return table[top : top + tile.side, left : left + tile.side].copy()


def read_rows(rows: Sql, tile: Tile, stored: DensityQuery | None) -> CellCounts | None:
    """Return the counts of these rows and of the densities stored here; None for too many rows."""
    parts = [fill(STORED, rows=density_rows(stored, tile))] if stored else []
    parts += [fill(READ, read=from_rows.cells(rows, tile))] if rows else []
    found = fetch(union(parts)) if parts else []
    densities = [from_densities.Row(*row) for _, number, *row in found if number is None]
    counts = (
        count_cells(tile, densities, stored)
        if stored
        else np.zeros((tile.side, tile.side), np.int64)
    )
    for _, number, *_, cells in found:
        if number:
            numbers = from_rows.unpack_array(cells, number, ">i2")
            counts.ravel()[:] += np.bincount(numbers, minlength=tile.side**2)
            if number > settings.RAW_ROW_BOUND:
                return None
    return CellCounts(counts, Route.RAW, found[0][0] if found else DataVersion.current())


def cells_tile(tile: Tile, found: CellCounts) -> RenderedTile:
    layer = mvt.cells("cells", EXTENT, found.counts)
    return exact_tile(tile, layer, found.total, found.route, found.version)


def keyed_tile(rows: Sql, tile: Tile) -> RenderedTile | None:
    """Return the tile with the keys of its records; None where there are too many."""
    is_single = tile.z >= SINGLE_FROM
    records = from_rows.records(rows, tile, MAX_SINGLE)
    features = Sql(POINTS if is_single else sized(KEYED_CELLS, tile))
    template = FEW.replace("{layer}", "points" if is_single else "cells")
    ((version, layer, total),) = fetch(fill(template, records=records, features=features))
    if total > MAX_SINGLE:
        return None
    return exact_tile(tile, layer, total, Route.SINGLE if is_single else Route.RAW, version)


def sampled_tile(query: ObservationFilter, windows: list[Window], tile: Tile) -> RenderedTile:
    """Return the tile as the sample has it: each cell with the estimated number of its records."""
    met = from_sample.cells(query, windows, tile)
    if not met:
        return exact_tile(tile, b"", 0, Route.EMPTY, DataVersion.current())
    statement = fill(sized(SAMPLED, tile), met=met, moments=from_sample.moments_of(windows))
    ((version, layer, *moments),) = fetch(statement)
    estimate = from_sample.estimate_of(from_sample.Moments(*moments))
    numbers = estimate.number, estimate.found, estimate.low, estimate.high
    return with_meta(tile, RenderedTile(bytes(layer), *numbers, Route.SAMPLE, version))


def sized(template: str, tile: Tile) -> str:
    return template.replace("{side}", str(tile.side)).replace("{size}", str(EXTENT // tile.side))


def exact_tile(
    tile: Tile, layer: memoryview | bytes, total: int, route: Route, version: int
) -> RenderedTile:
    """Return a tile that shows all the records it stands for."""
    return with_meta(tile, RenderedTile(bytes(layer), total, total, total, total, route, version))


def with_meta(tile: Tile, rendered: RenderedTile) -> RenderedTile:
    """Return the tile with its `meta` layer; with no body where it stands for no records."""
    if not rendered.high:
        return replace(rendered, body=b"")
    names = ("total", "shown", "low", "high", "version")
    properties = {name: getattr(rendered, name) for name in names} | {
        "sampled": int(rendered.route is Route.SAMPLE),
        "route": rendered.route.value,
        "side": tile.side,
    }
    return replace(rendered, body=rendered.body + mvt.one_point("meta", EXTENT, properties))
