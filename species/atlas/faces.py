"""How an observation becomes the keys of a density, and how keys are taken apart again: whole
numbers of 44 bits.

A cell is row << 6 | column of the 64 x 64 cells of a tile. A year is the provider's, 0 where there
is no date. A season is what can be asked of months and depths: first month, last month, shallow
depth, deep depth, four bits each.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import date

import numpy as np
from numpy.typing import NDArray

from species.models.density import KEY_ZOOMS

STEP = 2  # from a stored zoom to the next
STORED_ZOOMS = tuple(range(0, 17, STEP))


def key_zoom(z: int) -> int:
    """The zoom at which it is decided what is kept at this one."""
    return max(key for key in KEY_ZOOMS if key <= z)


# what is stored of a pair
BANDS = {key: tuple(z for z in STORED_ZOOMS if key_zoom(z) == key) for key in KEY_ZOOMS}

CELL_BITS, YEAR_BITS, SEASON_BITS = 12, 14, 16
DECADE = 10  # years in a part of the face YEAR, ...
# ... save at deeper zooms, whose tiles have so few entries that one row of them is read as quickly
UNPARTED_FROM = 4

# Metres: the bands of the page. A depth is coded as 2 * i + 1 when it is edge i, else as the even
# number of its band, so that a range whose ends are edges is answered exactly whether an end
# belongs to it or not.
DEPTH_EDGES = (0.0, 10.0, 50.0, 200.0, 1_000.0, 4_000.0)
DEPTH_UNKNOWN = 15
NO_DATE = 0  # as both months
ALL_MONTHS = 15  # as both months: the days that it can mean touch all twelve

Keys = NDArray[np.int64]


def depth_code(metres: float) -> int:
    """0 above the surface, 1 at it, 2 between the first two edges, 3 at the second edge, ..."""
    place = bisect_left(DEPTH_EDGES, metres)
    return 2 * place + 1 if place < len(DEPTH_EDGES) and DEPTH_EDGES[place] == metres else 2 * place


def month_codes(start: date, end: date) -> tuple[int, int]:
    """First and last month touched, December to January being neighbours; ALL_MONTHS twice when
    that is every month.
    """
    touched = (end.year - start.year) * 12 + end.month - start.month + 1
    return (ALL_MONTHS, ALL_MONTHS) if touched >= 12 else (start.month, end.month)


def months_touched(first: int, last: int) -> frozenset[int]:
    """The months 1..12 that a pair of month codes stands for; none without a date."""
    if first == NO_DATE:
        return frozenset()
    if first == ALL_MONTHS:
        return frozenset(range(1, 13))
    return frozenset((first - 1 + step) % 12 + 1 for step in range((last - first) % 12 + 1))


def season(first: int, last: int, shallow: int, deep: int) -> int:
    return first << 12 | last << 8 | shallow << 4 | deep


def season_parts(code: int) -> tuple[int, int, int, int]:
    """First month, last month, shallow depth, deep depth."""
    return code >> 12 & 15, code >> 8 & 15, code >> 4 & 15, code & 15


def seasons() -> Iterator[int]:
    """Every code that an observation can have."""
    months = [(NO_DATE, NO_DATE), (ALL_MONTHS, ALL_MONTHS)]
    months += [
        (first, last) for first in range(1, 13) for last in range(1, 13) if (last - first) % 12 < 11
    ]
    codes = range(2 * len(DEPTH_EDGES) + 1)
    depths = [(DEPTH_UNKNOWN, DEPTH_UNKNOWN)] + [
        (shallow, deep) for shallow in codes for deep in codes if shallow <= deep
    ]
    for first, last in months:
        yield from (season(first, last, shallow, deep) for shallow, deep in depths)


def part_of_year(years: Keys, z: int) -> Keys:
    """Which part of the face YEAR a year stands in."""
    return years // DECADE if z < UNPARTED_FROM else np.zeros_like(years)


def year_keys(years: Keys, cells: Keys) -> Keys:
    return years << CELL_BITS | cells


def span_keys(first: Keys, last: Keys, cells: Keys) -> Keys:
    return (first << YEAR_BITS | last) << CELL_BITS | cells


def season_keys(codes: Keys, cells: Keys) -> Keys:
    return codes << CELL_BITS | cells


def profile_keys(first: Keys, last: Keys, codes: Keys) -> Keys:
    return (first << YEAR_BITS | last) << SEASON_BITS | codes


def folded(keys: Iterable[int] | Keys, counts: Iterable[int] | Keys) -> tuple[Keys, Keys]:
    """Each key once, in order, with the sum of its counts; keys whose counts cancel out are gone."""
    keys, counts = np.asarray(keys, dtype=np.int64), np.asarray(counts, dtype=np.int64)
    if not len(keys):
        return keys, counts
    order = np.argsort(keys, kind="stable")  # the quickest where much is in order already
    keys, counts = keys[order], counts[order]
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    sums = np.add.reduceat(counts, starts)
    kept = sums != 0
    return keys[starts][kept], sums[kept]
