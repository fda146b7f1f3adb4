"""Encode layers of vector tiles from numbers: counts in cells, and figures of a tile.

PostGIS encodes layers of rows. Source: Mapbox Vector Tile specification 2.1.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from species.density.codec import Numbers

VARINT, LENGTH = 0, 2  # wire types
POINT = 1
MOVE_TO_ONCE = 1 | 1 << 3
STRING, UINT = 1, 5  # of a value


def cells(name: str, extent: int, counts: Numbers) -> bytes:
    """Return a layer with a point in the middle of each cell with records, and their number `n`.

    `counts`: by row and column. No bytes without records. All features are written at once, a column
    for each byte.
    """
    rows, columns = np.nonzero(counts)
    if not len(rows):
        return b""
    values, place = np.unique(counts[rows, columns], return_inverse=True)
    size = extent // len(counts)
    # zigzag
    numbers = [varints(place), *(varints(2 * (at * size + size // 2)) for at in (columns, rows))]
    tag_bytes, x_bytes, y_bytes = (kept.sum(axis=1) for _, kept in numbers)
    tags, geometry = 1 + tag_bytes, 1 + x_bytes + y_bytes
    features = filled(
        [2 << 3 | LENGTH, 6 + tags + geometry, 2 << 3 | LENGTH, tags, 0, numbers[0],
         3 << 3 | VARINT, POINT, 4 << 3 | LENGTH, geometry, MOVE_TO_ONCE, *numbers[1:]],
        len(rows),
    )  # fmt: skip
    written, kept = varints(values)
    given = filled(
        [4 << 3 | LENGTH, 1 + kept.sum(axis=1), UINT << 3 | VARINT, (written, kept)], len(values)
    )
    layer = [
        number(15, 2),
        field(1, name.encode()),
        features,
        field(3, b"n"),
        given,
        number(5, extent),
    ]
    return field(3, b"".join(layer))


def varints(numbers: Numbers) -> tuple[Numbers, Numbers]:
    """Return the bytes of each number, one row each, and a mask of those that belong to it."""
    width = -(-int(numbers.max()).bit_length() // 7) or 1
    parts = numbers[:, None] >> 7 * np.arange(width)
    kept = parts > 0
    kept[:, 0] = True
    more = np.zeros_like(kept)
    more[:, :-1] = kept[:, 1:]
    return (parts & 127 | more << 7).astype(np.uint8), kept


def filled(columns: Sequence[Any], length: int) -> bytes:
    """Return rows of bytes one after another.

    Each column is one byte for all rows, one byte for each, or a result of `varints`.
    """
    always = np.ones((length, 1), bool)
    found = [
        column
        if isinstance(column, tuple)
        else (np.full((length, 1), np.reshape(column, (-1, 1)), np.uint8), always)
        for column in columns
    ]
    written, kept = (np.concatenate(parts, axis=1) for parts in zip(*found, strict=True))
    return written[kept].tobytes()


def one_point(name: str, extent: int, properties: dict[str, int | str]) -> bytes:
    """Return a layer with a point with these properties in the middle of the tile."""
    tags = b"".join(varint(place) * 2 for place in range(len(properties)))
    middle = varint(MOVE_TO_ONCE) + varint(extent) * 2  # half the extent, zigzag
    feature = field(2, tags) + number(3, POINT) + field(4, middle)
    layer = [number(15, 2), field(1, name.encode()), field(2, feature)]
    layer += [field(3, key.encode()) for key in properties]
    layer += [field(4, value_of(value)) for value in properties.values()]
    layer.append(number(5, extent))
    return field(3, b"".join(layer))


def value_of(value: int | str) -> bytes:
    return field(STRING, value.encode()) if isinstance(value, str) else number(UINT, value)


def field(tag: int, content: bytes) -> bytes:
    return varint(tag << 3 | LENGTH) + varint(len(content)) + content


def number(tag: int, value: int) -> bytes:
    return varint(tag << 3 | VARINT) + varint(value)


def varint(value: int) -> bytes:
    """Return a number as bytes of seven bits, the lowest first."""
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    written.append(value)
    return bytes(written)
