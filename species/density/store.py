"""Write rows of densities by COPY, and read them."""

import io
import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from django.db import connection

from species.density.aggregate import Rows
from species.density.codec import Numbers, pack_rows, unpack_row
from species.density.columns import HEADER_BYTES

DENSITIES = "species_density"
HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"
COLUMNS = "subject, z, x, y, face, part, layer, entries"
WRITTEN_AT_ONCE = 16_000_000  # bytes
SIZES = {"subject": 4, "z": 2, "x": 4, "y": 4, "face": 2, "part": 2, "layer": 4}
# What COPY BINARY has of a row before the bytes of its entries: the number of fields, then each
# with its length.
HEAD = np.dtype(
    [
        ("fields", ">i2"),
        *(
            field
            for name, size in SIZES.items()
            for field in ((f"{name}_size", ">i4"), (name, f">i{size}"))
        ),
        ("entries_size", ">i4"),
    ]
)
READ_HEAD = struct.Struct(">h" + "".join({2: "ih", 4: "ii"}[size] for size in SIZES.values()) + "i")


class Place(NamedTuple):
    """The identity of a row of densities, apart from its layer."""

    subject: int
    z: int
    x: int
    y: int
    face: int
    part: int


def next_layer(cursor) -> int:
    """Return a new layer number, greater than 0."""
    cursor.execute("SELECT nextval('species_density_layer')")
    return cursor.fetchone()[0]


def write_rows(cursor, layered: Iterable[tuple[Rows, int]]) -> None:
    """Add rows to the densities, each with the number of its layer."""
    copy_in(
        cursor, f"{DENSITIES} ({COLUMNS})", (encode_rows(rows, layer) for rows, layer in layered)
    )


def copy_in(cursor, target: str, pieces: Iterable[bytes]) -> None:
    """COPY rows in the binary format, in large pieces, never all at once."""
    for some in gather_pieces(pieces):
        body = io.BytesIO(b"".join((HEADER, *some, END)))
        with connection.wrap_database_errors:  # Django wraps the errors of its own methods only
            cursor.copy_expert(f"COPY {target} FROM STDIN (FORMAT binary)", body)


def gather_pieces(pieces: Iterable[bytes]) -> Iterator[list[bytes]]:
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size > WRITTEN_AT_ONCE:
            yield waiting
            waiting, size = [], 0
    if waiting:
        yield waiting


def encode_rows(rows: Rows, layer: int) -> bytes:
    packed = list(pack_rows(rows.keys, rows.counts, rows.starts))
    head = np.zeros(len(rows), HEAD)
    head["fields"] = len(SIZES) + 1
    for name, size in SIZES.items():
        head[f"{name}_size"] = size
        head[name] = layer if name == "layer" else getattr(rows, name)
    head["entries_size"] = [len(entries) for entries in packed]
    heads = memoryview(head.tobytes())
    starts = range(0, len(heads), HEAD.itemsize)
    pieces = (
        (heads[at : at + HEAD.itemsize], entries)
        for at, entries in zip(starts, packed, strict=True)
    )
    return b"".join(piece for pair in pieces for piece in pair)


def read_rows(
    cursor, chosen: str, table: str = DENSITIES
) -> Iterator[tuple[Place, int, Numbers, Numbers]]:
    """Yield (place, layer, keys, counts); `chosen`: SQL after FROM ... d, without parameters."""
    columns = ", ".join(f"d.{name}" for name in COLUMNS.split(", "))
    body = io.BytesIO()
    sql = f"COPY (SELECT {columns} FROM {table} d {chosen}) TO STDOUT (FORMAT binary)"
    with connection.wrap_database_errors:
        cursor.copy_expert(sql, body)
    yield from decode_rows(body.getbuffer())


def decode_rows(body: memoryview) -> Iterator[tuple[Place, int, Numbers, Numbers]]:
    at, end = HEADER_BYTES, len(body) - len(END)
    while at < end:
        head = READ_HEAD.unpack_from(body, at)
        *place, layer = head[2::2]
        at += READ_HEAD.size + head[-1]
        yield Place(*place), layer, *unpack_row(body[at - head[-1] : at])
