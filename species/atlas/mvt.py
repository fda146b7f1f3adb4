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


def encode_cells(name: str, extent: int, counts: Numbers) -> bytes:
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
    numbers = [
        encode_varints(place),
        *(encode_varints(2 * (at * size + size // 2)) for at in (columns, rows)),
    ]
    tag_bytes, x_bytes, y_bytes = (kept.sum(axis=1) for _, kept in numbers)
    tags, geometry = 1 + tag_bytes, 1 + x_bytes + y_bytes
    features = fill_columns(
        [2 << 3 | LENGTH, 6 + tags + geometry, 2 << 3 | LENGTH, tags, 0, numbers[0],
         3 << 3 | VARINT, POINT, 4 << 3 | LENGTH, geometry, MOVE_TO_ONCE, *numbers[1:]],
        len(rows),
    )  # fmt: skip
    written, kept = encode_varints(values)
    given = fill_columns(
        [4 << 3 | LENGTH, 1 + kept.sum(axis=1), UINT << 3 | VARINT, (written, kept)], len(values)
    )
    layer = [
        encode_number(15, 2),
        encode_field(1, name.encode()),
        features,
        encode_field(3, b"n"),
        given,
        encode_number(5, extent),
    ]
    return encode_field(3, b"".join(layer))


def encode_varints(numbers: Numbers) -> tuple[Numbers, Numbers]:
    """Return the bytes of each number, one row each, and a mask of those that belong to it."""
    width = -(-int(numbers.max()).bit_length() // 7) or 1
    parts = numbers[:, None] >> 7 * np.arange(width)
    kept = parts > 0
    kept[:, 0] = True
    more = np.zeros_like(kept)
    more[:, :-1] = kept[:, 1:]
    return (parts & 127 | more << 7).astype(np.uint8), kept


def fill_columns(columns: Sequence[Any], length: int) -> bytes:
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


def encode_point(name: str, extent: int, properties: dict[str, int | str]) -> bytes:
    """Return a layer with a point with these properties in the middle of the tile."""
    tags = b"".join(encode_varint(place) * 2 for place in range(len(properties)))
    middle = encode_varint(MOVE_TO_ONCE) + encode_varint(extent) * 2  # half the extent, zigzag
    feature = encode_field(2, tags) + encode_number(3, POINT) + encode_field(4, middle)
    layer = [encode_number(15, 2), encode_field(1, name.encode()), encode_field(2, feature)]
    layer += [encode_field(3, key.encode()) for key in properties]
    layer += [encode_field(4, encode_value(value)) for value in properties.values()]
    layer.append(encode_number(5, extent))
    return encode_field(3, b"".join(layer))


def encode_value(value: int | str) -> bytes:
    return (
        encode_field(STRING, value.encode())
        if isinstance(value, str)
        else encode_number(UINT, value)
    )


def encode_field(tag: int, content: bytes) -> bytes:
    return encode_varint(tag << 3 | LENGTH) + encode_varint(len(content)) + content


def encode_number(tag: int, value: int) -> bytes:
    return encode_varint(tag << 3 | VARINT) + encode_varint(value)


def encode_varint(value: int) -> bytes:
    """Return a number as bytes of seven bits, the lowest first."""
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    written.append(value)
    return bytes(written)
