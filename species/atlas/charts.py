"""Bars of years and the matrix of months by depths, from records by span of years and by season."""

from collections.abc import Mapping
from itertools import pairwise

from django.utils.dates import MONTHS_3
from django.utils.translation import gettext

from species.atlas.results import Bin, Matrix
from species.density import codec
from species.filters.depth import describe_depths

BANDS = len(codec.DEPTH_EDGES) + 1  # the first is above the surface
SPANS_BANDS, UNKNOWN_DEPTH = BANDS, BANDS + 1  # further rows of the matrix
SEVERAL_MONTHS, MONTH_UNKNOWN, NO_DATE = 12, 13, 14  # further columns


def apportion(shares: Mapping[int, float], total: int) -> dict[int, int]:
    """Return whole numbers in proportion to the shares that add up to the total.

    Those with the largest remainder are rounded up.
    """
    whole = sum(shares.values())
    if not whole:
        return {}
    exact = {key: share * total / whole for key, share in shares.items()}
    floors = {key: int(number) for key, number in exact.items()}
    by_rest = sorted(exact, key=lambda key: (floors[key] - exact[key], key))
    for key in by_rest[: total - sum(floors.values())]:
        floors[key] += 1
    return floors


def year_bars(spans: Mapping[int, int]) -> tuple[list[Bin], list[Bin]]:
    """Return bars and buckets; `spans`: records by first year << 14 | last year."""
    bars: dict[int, int] = {}
    several = undated = 0
    for span, number in spans.items():
        first, last = span >> codec.YEAR_BITS, span & ((1 << codec.YEAR_BITS) - 1)
        if not first:
            undated += number
        elif first == last:
            bars[first] = bars.get(first, 0) + number
        else:
            several += number
    buckets = [Bin(gettext("several years"), "", several), Bin(gettext("no date"), "", undated)]
    found = sorted((year, number) for year, number in bars.items() if number)
    return [Bin(str(year), str(year), number) for year, number in found], buckets


def season_matrix(seasons: Mapping[int, int]) -> Matrix:
    """Return the matrix; `seasons`: records by season, as `codec.season` encodes it."""
    table = [[0] * (NO_DATE + 1) for _ in range(UNKNOWN_DEPTH + 1)]
    for code, number in seasons.items():
        first, last, shallow, deep = codec.season_parts(code)
        table[band_row(shallow, deep)][month_column(first, last)] += number
    rows = [*range(BANDS), UNKNOWN_DEPTH]
    buckets = {
        gettext("several depths"): sum(table[SPANS_BANDS]),
        gettext("several months"): sum(table[row][SEVERAL_MONTHS] for row in rows),
        gettext("month unknown"): sum(table[row][MONTH_UNKNOWN] for row in rows),
        gettext("no date"): sum(table[row][NO_DATE] for row in rows),
    }
    return Matrix(
        bands=[
            Bin(label, key, sum(table[row]))
            for row, (label, key) in zip(rows, band_names(), strict=True)
        ],
        months=[
            Bin(str(MONTHS_3[at]).capitalize(), str(at), sum(row[at - 1] for row in table))
            for at in MONTHS_3
        ],
        cells=[table[row][:12] for row in rows],
        buckets=[Bin(label, "", number) for label, number in buckets.items()],
    )


def month_column(first: int, last: int) -> int:
    if first == codec.NO_DATE:
        return NO_DATE
    if first == codec.ALL_MONTHS:
        return MONTH_UNKNOWN
    return first - 1 if first == last else SEVERAL_MONTHS


def band_row(shallow: int, deep: int) -> int:
    if shallow == codec.DEPTH_UNKNOWN:
        return UNKNOWN_DEPTH
    band = (shallow + 1) // 2
    return band if band == (deep + 1) // 2 else SPANS_BANDS


def band_names() -> list[tuple[str, str]]:
    """Return (label, value of `depth`) of each band that a filter can select, from the top down."""
    edges = [f"{edge:.0f}" for edge in codec.DEPTH_EDGES]
    between = [(describe_depths(low, high), f"{low},<{high}") for low, high in pairwise(edges)]
    deepest = (describe_depths(edges[-1], ""), f"{edges[-1]},")
    return [
        (gettext("above the surface"), f",<{edges[0]}"),
        *between,
        deepest,
        (gettext("depth unknown"), "unknown"),
    ]
