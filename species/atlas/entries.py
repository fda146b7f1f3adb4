"""Keys and counts as the bytes of a row of densities: a sixth of what arrays take, and read by
numpy at once.

Empty for none; else a byte that tells how wide the numbers are, then the steps from key to key (the
first from 0) and the counts (0, -1, 1, -2 ... as 0, 1, 2, 3 ...). The lowest bytes of all steps
stand together, then the next ones, the same of the counts: mostly zeros and repetition, which zlib
at its quickest makes small.
"""

import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from species.atlas.atoms import Numbers

WORTH_DEFLATING = 64  # bytes
# in the first byte; the lowest three bits are the width of steps less one, the next three of counts
DEFLATED = 64
# the first numbers that need one byte more
POWERS = np.array([1 << 8 * width for width in range(1, 8)])


def pack(keys: Numbers, counts: Numbers, starts: Numbers) -> Iterator[bytes]:
    """The bytes of each row, which has keys in ascending order, and counts, from `starts[i]` to
    `starts[i + 1]`.
    """
    steps = np.diff(keys, prepend=0)
    lengths = np.diff(starts)
    first = starts[:-1][lengths > 0]
    steps[first] = keys[first]
    signless = counts << 1 ^ counts >> 63
    step_widths, count_widths = (widths(numbers, first, lengths) for numbers in (steps, signless))
    step_planes, count_planes = planes(steps, step_widths), planes(signless, count_widths)
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


def widths(numbers: Numbers, first: Numbers, lengths: Numbers) -> list[int]:
    """How many bytes the numbers of each row need; `first`: where those rows begin that have any."""
    found = np.ones(len(lengths), dtype=np.int64)
    if len(first):
        found[lengths > 0] = (
            np.searchsorted(POWERS, np.maximum.reduceat(numbers, first), side="right") + 1
        )
    return found.tolist()


def planes(numbers: Numbers, widths: Sequence[int]) -> list[bytes]:
    """The lowest bytes of all numbers, the second ones, and so on."""
    return [
        (numbers >> 8 * place).astype(np.uint8).tobytes() for place in range(max(widths, default=0))
    ]


def unpack(packed: bytes | memoryview) -> tuple[Numbers, Numbers]:
    """Keys and counts of a row."""
    packed = memoryview(packed).cast("B")
    if not packed:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    head, rest = packed[0], packed[1:]
    body = zlib.decompress(rest) if head & DEFLATED else rest
    wide, high = (head & 7) + 1, (head >> 3 & 7) + 1
    table = np.frombuffer(body, np.uint8).reshape(wide + high, -1)
    return np.cumsum(joined(table[:wide]), dtype=np.int64), signed(joined(table[wide:]))


def joined(planes: Numbers) -> Numbers:
    """The numbers whose bytes are in the planes, the lowest first; in as few bytes as numpy has a
    type of.
    """
    size = next(size for size in (1, 2, 4, 8) if size >= len(planes))
    numbers = planes[0].astype(f"u{size}")
    for place, plane in enumerate(planes[1:], 1):
        numbers |= plane.astype(numbers.dtype) << 8 * place
    return numbers


def signed(numbers: Numbers) -> Numbers:
    """0, 1, 2, 3 ... as 0, -1, 1, -2 ..."""
    halves = (numbers >> 1).astype(np.int64)
    is_below = (numbers & 1).astype(bool)
    if is_below.any():  # as only layers have them
        halves[is_below] = ~halves[is_below]
    return halves
