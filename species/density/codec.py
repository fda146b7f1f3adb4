"""Encode observations as the keys of densities, and rows of keys and counts as bytes.

Keys are integers of 44 bits. A cell is `row << 6 | column` of the 64 x 64 cells of a tile. A year is
the provider's, 0 without a date. A season has first month, last month, shallow depth and deep depth,
four bits each.

The bytes of a row are empty, or a header byte with the widths of the numbers, the differences between
consecutive keys (the first from 0) and the zigzag-encoded counts. Bytes of equal significance are
stored together, since mostly zeros and repetition compress well; numpy reads them at once, in a sixth
of the size of arrays.
"""

import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from species.models.density import KEY_ZOOMS

STEP = 2  # from a stored zoom to the next
STORED_ZOOMS = tuple(range(0, 17, STEP))


def key_zoom(z: int) -> int:
    """Return the zoom whose tiles decide whether densities of zoom z are stored."""
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
Numbers = NDArray[Any]


def depth_code(metres: float) -> int:
    """Return 0 above the surface, 1 at it, 2 between the first edges, 3 at the second edge, ..."""
    place = bisect_left(DEPTH_EDGES, metres)
    return 2 * place + 1 if place < len(DEPTH_EDGES) and DEPTH_EDGES[place] == metres else 2 * place


def month_codes(start: date, end: date) -> tuple[int, int]:
    """Return the first and the last month touched; ALL_MONTHS twice for all twelve.

    December and January are neighbours.
    """
    touched = (end.year - start.year) * 12 + end.month - start.month + 1
    return (ALL_MONTHS, ALL_MONTHS) if touched >= 12 else (start.month, end.month)


def months_touched(first: int, last: int) -> frozenset[int]:
    """Return the months (1 to 12) of a pair of month codes; none without a date."""
    if first == NO_DATE:
        return frozenset()
    if first == ALL_MONTHS:
        return frozenset(range(1, 13))
    return frozenset((first - 1 + step) % 12 + 1 for step in range((last - first) % 12 + 1))


def season_code(first: int, last: int, shallow: int, deep: int) -> int:
    return first << 12 | last << 8 | shallow << 4 | deep


def season_parts(code: int) -> tuple[int, int, int, int]:
    """Return first month, last month, shallow depth and deep depth."""
    return code >> 12 & 15, code >> 8 & 15, code >> 4 & 15, code & 15


def seasons() -> Iterator[int]:
    """Yield every code that an observation can have."""
    months = [(NO_DATE, NO_DATE), (ALL_MONTHS, ALL_MONTHS)]
    months += [
        (first, last) for first in range(1, 13) for last in range(1, 13) if (last - first) % 12 < 11
    ]
    codes = range(2 * len(DEPTH_EDGES) + 1)
    depths = [(DEPTH_UNKNOWN, DEPTH_UNKNOWN)] + [
        (shallow, deep) for shallow in codes for deep in codes if shallow <= deep
    ]
    for first, last in months:
        yield from (season_code(first, last, shallow, deep) for shallow, deep in depths)


def part_of_year(years: Keys, z: int) -> Keys:
    """Return the part of the face YEAR that has a year."""
    return years // DECADE if z < UNPARTED_FROM else np.zeros_like(years)


def year_keys(years: Keys, cells: Keys) -> Keys:
    return years << CELL_BITS | cells


def span_keys(first: Keys, last: Keys, cells: Keys) -> Keys:
    return (first << YEAR_BITS | last) << CELL_BITS | cells


def season_keys(codes: Keys, cells: Keys) -> Keys:
    return codes << CELL_BITS | cells


def profile_keys(first: Keys, last: Keys, codes: Keys) -> Keys:
    return (first << YEAR_BITS | last) << SEASON_BITS | codes


def sum_by_key(keys: Iterable[int] | Keys, counts: Iterable[int] | Keys) -> tuple[Keys, Keys]:
    """Return each key once, in order, with the sum of its counts; without sums of 0."""
    keys, counts = np.asarray(keys, dtype=np.int64), np.asarray(counts, dtype=np.int64)
    if not len(keys):
        return keys, counts
    order = np.argsort(keys, kind="stable")  # the quickest where much is in order already
    keys, counts = keys[order], counts[order]
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
    sums = np.add.reduceat(counts, starts)
    kept = sums != 0
    return keys[starts][kept], sums[kept]


WORTH_DEFLATING = 64  # bytes
# in the first byte; the lowest three bits are the width of steps less one, the next three of counts
DEFLATED = 64
# the first numbers that need one byte more
POWERS = np.array([1 << 8 * width for width in range(1, 8)])


def pack_rows(keys: Numbers, counts: Numbers, starts: Numbers) -> Iterator[bytes]:
    """Yield the bytes of each row.

    Row `i` has ascending keys, with counts, from `starts[i]` to `starts[i + 1]`.
    """
    steps = np.diff(keys, prepend=0)
    lengths = np.diff(starts)
    first = starts[:-1][lengths > 0]
    steps[first] = keys[first]
    signless = counts << 1 ^ counts >> 63
    step_widths, count_widths = (
        byte_widths(numbers, first, lengths) for numbers in (steps, signless)
    )
    step_planes, count_planes = byte_planes(steps, step_widths), byte_planes(signless, count_widths)
    for (start, end), wide, high in zip(
        pairwise(starts.tolist()), step_widths, count_widths, strict=True
    ):
        if start == end:
            yield b""
            continue
        body = b"".join([plane[start:end] for plane in (*step_planes[:wide], *count_planes[:high])])
        head = wide - 1 | high - 1 << 3
        deflated = zlib.compress(body, 1) if len(body) > WORTH_DEFLATING else body
        yield (
            bytes((head | DEFLATED,)) + deflated
            if len(deflated) < len(body)
            else bytes((head,)) + body
        )


def byte_widths(numbers: Numbers, first: Numbers, lengths: Numbers) -> list[int]:
    """Return how many bytes the numbers of each row need; `first`: the starts of non-empty rows."""
    found = np.ones(len(lengths), dtype=np.int64)
    if len(first):
        found[lengths > 0] = (
            np.searchsorted(POWERS, np.maximum.reduceat(numbers, first), side="right") + 1
        )
    return found.tolist()


def byte_planes(numbers: Numbers, widths: Sequence[int]) -> list[bytes]:
    """Return the lowest bytes of all numbers, their second bytes, and so on."""
    return [
        (numbers >> 8 * place).astype(np.uint8).tobytes() for place in range(max(widths, default=0))
    ]


def unpack_row(packed: bytes | memoryview) -> tuple[Numbers, Numbers]:
    """Return the keys and counts of a row."""
    packed = memoryview(packed).cast("B")
    if not packed:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    head, rest = packed[0], packed[1:]
    body = zlib.decompress(rest) if head & DEFLATED else rest
    wide, high = (head & 7) + 1, (head >> 3 & 7) + 1
    table = np.frombuffer(body, np.uint8).reshape(wide + high, -1)
    return np.cumsum(join_planes(table[:wide]), dtype=np.int64), decode_zigzag(
        join_planes(table[wide:])
    )


def join_planes(planes: Numbers) -> Numbers:
    """Return the numbers whose bytes are in the planes, the lowest first, in the smallest numpy type."""
    size = next(size for size in (1, 2, 4, 8) if size >= len(planes))
    numbers = planes[0].astype(f"u{size}")
    for place, plane in enumerate(planes[1:], 1):
        numbers |= plane.astype(numbers.dtype) << 8 * place
    return numbers


def decode_zigzag(numbers: Numbers) -> Numbers:
    """Decode zigzag: 0, 1, 2, 3 ... as 0, -1, 1, -2 ..."""
    halves = (numbers >> 1).astype(np.int64)
    is_below = (numbers & 1).astype(bool)
    if is_below.any():  # as only layers have them
        halves[is_below] = ~halves[is_below]
    return halves
