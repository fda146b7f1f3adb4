"""Estimate from the stored sample, with 95 percent intervals.

Each stratum, a tile of zoom 6, has a simple random sample without replacement: see
`species.models.sample.Stratum`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, sqrt
from typing import Any

from species.atlas import from_rows
from species.atlas.grid import TILE_ZOOM, Tile, Window, in_windows
from species.atlas.sql import VERSION, Sql, fetch, fill, join
from species.filters import ObservationFilter
from species.models.sample import NOT_DRAWABLE, SampledObservation

# The upper 95 percent bound of a count where none was found.
RULE_OF_THREE = 3.0
TWO_SIDED = 1.96
# From a table `met` with the stratum of each sampled row that matches. Without a join: PostgreSQL
# cannot know how many strata a window touches.
MOMENTS = """
SELECT coalesce(sum(n * p), 0)::float8,
       coalesce(sum(n * n * (1 - sampled / n) * p * (1 - p) / nullif(sampled - 1, 0)), 0)::float8,
       coalesce(sum(found), 0)::bigint, coalesce(sum(sampled), 0)::bigint,
       coalesce(sum(n) FILTER (WHERE sampled > 0), 0)::bigint,
       coalesce(sum(n) FILTER (WHERE sampled = 0), 0)::bigint,
       coalesce(max(n / sampled) FILTER (WHERE sampled BETWEEN 1 AND n - 1), 0)::float8
FROM (
    SELECT sum(n)::float8 AS n, sum(sampled)::float8 AS sampled, sum(found)::float8 AS found,
           sum(found) / nullif(sum(sampled), 0)::float8 AS p
    FROM (
        SELECT tile, n, sampled, 0 AS found FROM species_stratum stratum WHERE {touched}
        UNION ALL SELECT stratum, 0, 0, count(*) FROM met GROUP BY stratum
    ) part GROUP BY tile HAVING sum(n) > 0
) share
"""
IN_TILES = f"""
(tile <> {NOT_DRAWABLE} AND tile >> {TILE_ZOOM} BETWEEN %s AND %s
    AND tile & {(1 << TILE_ZOOM) - 1} BETWEEN %s AND %s)
"""
WEIGHED = """
SELECT {columns}, stratum.n::float8 / stratum.sampled AS n
FROM ({rows}) o JOIN species_stratum stratum ON stratum.tile = o.stratum
"""
OF_TILE = f"""
WITH met AS MATERIALIZED ({{met}}),
cell AS (
    SELECT cell, round(sum(met.n * stratum.n::float8 / stratum.sampled))::bigint AS n
    FROM (SELECT cell, stratum, count(*) AS n FROM met GROUP BY cell, stratum) met
    JOIN species_stratum stratum ON stratum.tile = met.stratum GROUP BY cell
),
feature AS (SELECT {{middle}}, n FROM cell ORDER BY cell)
SELECT {VERSION}, (SELECT ST_AsMVT(feature, 'cells', {1 << from_rows.TILE_BITS}, 'geom') FROM feature),
    moments.*
FROM ({{moments}}) moments
"""


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums over the strata of an estimate.

    They have `total` observations, of which `sampled` are in the sample and `found` match. `unseen`:
    observations of strata without a sample; `heaviest`: the most that one sampled row represents.
    """

    number: float
    variance: float
    found: int
    sampled: int
    total: int
    unseen: int
    heaviest: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimated number, its 95 percent interval, and the number found in the sample."""

    number: int
    low: int
    high: int
    found: int


def estimate_of(m: Moments) -> Estimate:
    """Return the Horvitz-Thompson estimate, with the interval of a Poisson count as uncertain.

    Where most sampled rows match, the rest is estimated instead: its interval is narrower.
    """
    if 2 * m.found > m.sampled:
        low, high = interval_of(m.total - m.number, m.variance, m.heaviest)
        low, high = m.total - high, m.total - low
    else:
        low, high = interval_of(m.number, m.variance, m.heaviest)
    return Estimate(
        round(m.number), max(m.found, floor(low)), min(m.total, ceil(high)) + m.unseen, m.found
    )


def interval_of(number: float, variance: float, heaviest: float) -> tuple[float, float]:
    if number <= 0:
        return 0.0, RULE_OF_THREE * heaviest
    if variance <= 0:
        return number, number
    like = number**2 / variance  # the count with the same relative error
    return number / like * lower(like), number / like * upper(like)


def lower(count: float) -> float:
    """Return the lower end of a Poisson count's interval, by Byar's approximation."""
    return max(0.0, count * (1 - 1 / (9 * count) - TWO_SIDED / (3 * sqrt(count))) ** 3)


def upper(count: float) -> float:
    """Return its upper end."""
    more = count + 1
    return more * (1 - 1 / (9 * more) + TWO_SIDED / (3 * sqrt(more))) ** 3


@dataclass(frozen=True, slots=True)
class SampledLayer:
    """A finished layer of cells with estimated numbers, the estimate of their sum, and the version."""

    body: bytes
    estimate: Estimate
    version: int


def read_sampled_cells(
    query: ObservationFilter, windows: Sequence[Window], tile: Tile
) -> SampledLayer | None:
    """Return the layer of a tile; None where nothing can match. One query."""
    rows = Sql.of(sampled_rows(query, windows).values("grid_column", "grid_row", "stratum"))
    if not rows:
        return None
    cells = f"SELECT {from_rows.cell_of(tile)} AS cell, stratum FROM ({{rows}}) o"
    statement = fill(
        OF_TILE,
        met=fill(cells, rows=rows),
        middle=Sql(from_rows.middle_of_cell(tile)),
        moments=moments_of(windows),
    )
    ((version, layer, *moments),) = fetch(statement)
    return SampledLayer(bytes(layer), estimate_of(Moments(*moments)), version)


def estimate_count(query: ObservationFilter, windows: Sequence[Window] | None) -> Estimate:
    """Return the estimated number of matching observations in windows; one query.

    None for `windows` means everywhere, drawable or not.
    """
    met = Sql.of(sampled_rows(query, windows).values("stratum"))
    if not met:
        return Estimate(0, 0, 0, 0)
    statement = "WITH met AS MATERIALIZED ({met}) {moments}"
    (moments,) = fetch(fill(statement, met=met, moments=moments_of(windows)))
    return estimate_of(Moments(*moments))


def moments_of(windows: Sequence[Window] | None) -> Sql:
    """Return the query of `Moments` from a table `met` of sampled rows."""
    return fill(MOMENTS, touched=touched_strata(windows))


def weighted_rows(query: ObservationFilter, windows: Sequence[Window] | None) -> Sql:
    """Return the sampled rows with the columns SUMMED, and `n`, how many each represents."""
    rows = Sql.of(sampled_rows(query, windows).values(*from_rows.SUMMED, "stratum"))
    return fill(WEIGHED, columns=Sql(", ".join(from_rows.SUMMED)), rows=rows) if rows else rows


def sampled_rows(query: ObservationFilter, windows: Sequence[Window] | None) -> Any:
    """Return the matching rows of SampledObservation, which has the querysets of observations."""
    rows: Any = query.apply(SampledObservation.objects.all()).order_by()
    return rows if windows is None else in_windows(rows, windows, tile="stratum")


def touched_strata(windows: Sequence[Window] | None) -> Sql:
    """Return a condition on the strata, as tiles of zoom 6, that windows touch."""
    if windows is None:
        return Sql("true")
    parts = []
    for window in windows:
        first, last = window.tiles(TILE_ZOOM)[0], window.tiles(TILE_ZOOM)[-1]
        parts.append(Sql(IN_TILES, (first.y, last.y, first.x, last.x)))
    return join(" OR ", parts) or Sql("false")
