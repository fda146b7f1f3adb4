"""Histograms and the season matrix, ready to print: heights, shades, and the filters of each part."""

import math
from dataclasses import dataclass

from django.utils.dates import MONTHS

from species.atlas.results import Bin, Matrix
from species.filters import UNKNOWN, ObservationFilter

TALLEST = 100  # units of the histogram's height
LOWEST = 3  # of a year with a record: it must not vanish beside the others
SHADES = 6  # as of the map: one record, then powers of ten


@dataclass(frozen=True, slots=True)
class Bar:
    """One year: `x` in years from the left, `height` and `y` in units of TALLEST."""

    year: int
    number: int
    x: int
    y: int
    height: int
    is_asked: bool


@dataclass(frozen=True, slots=True)
class Histogram:
    """Years from the first to the last with a record, the selected ones, and buckets for all others."""

    bars: list[Bar]
    first: int
    last: int
    asked_first: int
    asked_last: int
    buckets: list[Bin]

    @property
    def span(self) -> int:
        return self.last - self.first + 1

    @property
    def newest_first(self) -> list[Bar]:
        return self.bars[::-1]


def histogram(bins: list[Bin], selection: ObservationFilter) -> Histogram | None:
    """Return the histogram of `Summary.years`; None if no record has a single year."""
    years = {int(row.key): row.number for row in bins if row.key and row.number}
    if not years:
        return None
    first, last, most = min(years), max(years), max(years.values())
    low = min(max(selection.date_from.year, first), last) if selection.date_from else first
    high = max(min(selection.date_to.year, last), low) if selection.date_to else last
    bars = []
    for year, number in sorted(years.items()):
        height = max(LOWEST, round(number / most * TALLEST))
        bars.append(Bar(year, number, year - first, TALLEST - height, height, low <= year <= high))
    return Histogram(
        bars, first, last, low, high, [row for row in bins if not row.key and row.number]
    )


@dataclass(frozen=True, slots=True)
class Square:
    """One month at one depth; `shade` is 0 without records, else 1 to SHADES."""

    month: int
    month_name: str
    number: int
    shade: int
    is_asked: bool


@dataclass(frozen=True, slots=True)
class Band:
    """A row of the matrix; `depth` is the value of its filter."""

    label: str
    depth: str
    number: int
    squares: list[Square]


@dataclass(frozen=True, slots=True)
class Season:
    """Months by depths, the shallowest band first."""

    months: list[tuple[str, str]]
    bands: list[Band]
    buckets: list[Bin]
    is_narrowed: bool


def season(matrix: Matrix, selection: ObservationFilter) -> Season | None:
    """Return the matrix of `Summary.matrix`; None without records.

    A square is selected if its month and its whole band are.
    """
    if not any(map(any, matrix.cells)) and not any(row.number for row in matrix.buckets):
        return None
    bands = []
    for band, numbers in zip(matrix.bands, matrix.cells, strict=True):
        is_asked = in_depths(band.key, selection)
        squares = [
            Square(
                month,
                str(MONTHS[month]),
                number,
                shade(number),
                is_asked and in_months(month, selection),
            )
            for month, number in enumerate(numbers, start=1)
        ]
        bands.append(Band(band.label, band.key, sum(numbers), squares))
    return Season(
        months=[(row.label, str(MONTHS[int(row.key)])) for row in matrix.months],
        bands=bands,
        buckets=[row for row in matrix.buckets if row.number],
        is_narrowed=bool(selection.months or selection.depth or selection.depth_unknown),
    )


def in_months(month: int, selection: ObservationFilter) -> bool:
    return not selection.months or month in selection.months


def in_depths(depth: str, selection: ObservationFilter) -> bool:
    """Whether a band, given as a filter value ("0,<10", "unknown"), is within the selected depths."""
    asked = selection.depth
    if depth == UNKNOWN or selection.depth_unknown:
        return asked is None and selection.depth_unknown == (depth == UNKNOWN)
    if asked is None:
        return True
    low, _, high = depth.partition(",")
    begins = asked.low is None or (low != "" and float(low) >= asked.low)
    if asked.high is None:
        return begins
    return (
        begins
        and high != ""
        and math.nextafter(float(high.removeprefix("<")), -math.inf) <= asked.high
    )


def shade(number: int) -> int:
    """Return a shade of the map: 1 for one record, one more for each power of ten."""
    return 0 if not number else 1 if number == 1 else min(SHADES, len(str(number)) + 1)
