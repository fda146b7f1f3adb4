"""The stored sample in SQL, and how sure an estimate from it is.

Each stratum, a tile of zoom 6, has a simple random sample without replacement: see
`species.models.sample.Stratum`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, sqrt
from typing import Any

from species.atlas import from_rows
from species.atlas.extents import TILE_ZOOM, Tile, Window, in_windows
from species.atlas.sql import Sql, fetch, fill, join
from species.filters import ObservationFilter
from species.models.sample import NOT_DRAWABLE, SampledObservation

# so many are expected at most, with 95 percent confidence, where none was found
RULE_OF_THREE = 3.0
TWO_SIDED = 1.96
# Of a table `met`, in which each sampled row that meets a selection has its stratum. No join: the
# planner cannot know how many strata a window touches.
MOMENTS = """
SELECT coalesce(sum(n * p), 0)::float8,
       coalesce(sum(n * n * (1 - sampled / n) * p * (1 - p) / nullif(sampled - 1, 0)), 0)::float8,
       coalesce(sum(found), 0)::bigint, coalesce(sum(sampled), 0)::bigint,
       coalesce(sum(n) FILTER (WHERE sampled > 0), 0)::bigint, coalesce(sum(n) FILTER (WHERE sampled = 0), 0)::bigint,
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
(tile <> {NOT_DRAWABLE} AND tile >> {TILE_ZOOM} BETWEEN %s AND %s AND tile & {(1 << TILE_ZOOM) - 1} BETWEEN %s AND %s)
"""
WEIGHED = """
SELECT {columns}, stratum.n::float8 / stratum.sampled AS n
FROM ({rows}) o JOIN species_stratum stratum ON stratum.tile = o.stratum
"""


@dataclass(frozen=True, slots=True)
class Moments:
    """Of an estimate over strata: their `total` observations, `sampled` of them seen, `found` of
    those met a selection.

    `unseen`: observations of strata without a sample; `heaviest`: for how many one stands at most.
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
    """About so many, in an interval of 95 percent, from so many that were found in the sample."""

    number: int
    low: int
    high: int
    found: int


def estimate_of(m: Moments) -> Estimate:
    """Horvitz-Thompson; the interval is that of a Poisson count of the same relative error.

    Where most was found, what was not is estimated in its place, since the interval of the smaller
    part is narrower.
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
    like = number**2 / variance  # a count of so many is as uncertain
    return number / like * lower(like), number / like * upper(like)


def lower(count: float) -> float:
    """Byar's approximation to the lower end of a Poisson count's interval."""
    return max(0.0, count * (1 - 1 / (9 * count) - TWO_SIDED / (3 * sqrt(count))) ** 3)


def upper(count: float) -> float:
    more = count + 1
    return more * (1 - 1 / (9 * more) + TWO_SIDED / (3 * sqrt(more))) ** 3


def estimated(selection: ObservationFilter, windows: Sequence[Window] | None) -> Estimate:
    """How many observations the selection asks for, in windows or (None) everywhere, drawable or
    not; one query.
    """
    met = Sql.of(sampled_rows(selection, windows).values("stratum"))
    if not met:
        return Estimate(0, 0, 0, 0)
    (moments,) = fetch(
        fill("WITH met AS MATERIALIZED ({met}) {moments}", met=met, moments=moments_of(windows))
    )
    return estimate_of(Moments(*moments))


def moments_of(windows: Sequence[Window] | None) -> Sql:
    """What `Moments` has, of a table `met` of sampled rows."""
    return fill(MOMENTS, touched=touched(windows))


def observed(selection: ObservationFilter, windows: Sequence[Window] | None) -> Sql:
    """What `species.atlas.raw.SUMMED` names of the sampled rows, and for how many observations each
    stands.
    """
    rows = Sql.of(sampled_rows(selection, windows).values(*from_rows.SUMMED, "stratum"))
    return fill(WEIGHED, columns=Sql(", ".join(from_rows.SUMMED)), rows=rows) if rows else rows


def cells(selection: ObservationFilter, windows: Sequence[Window], tile: Tile) -> Sql:
    """(cell, stratum) of the sampled rows of a tile."""
    rows = Sql.of(sampled_rows(selection, windows).values("grid_column", "grid_row", "stratum"))
    return (
        fill(f"SELECT {from_rows.cell_of(tile)} AS cell, stratum FROM ({{rows}}) o", rows=rows)
        if rows
        else rows
    )


def sampled_rows(selection: ObservationFilter, windows: Sequence[Window] | None) -> Any:
    """Of SampledObservation, which the vocabulary of observations understands."""
    rows: Any = selection.apply(SampledObservation.objects.all()).order_by()
    return rows if windows is None else in_windows(rows, windows, tile="stratum")


def touched(windows: Sequence[Window] | None) -> Sql:
    """The strata, as tiles of zoom 6, that windows touch."""
    if windows is None:
        return Sql("true")
    parts = []
    for window in windows:
        first, last = window.tiles(TILE_ZOOM)[0], window.tiles(TILE_ZOOM)[-1]
        parts.append(Sql(IN_TILES, (first.y, last.y, first.x, last.x)))
    return join(" OR ", parts) or Sql("false")
