"""Write rows of densities by COPY, and read them back: the binary format, in which arrays are arrays."""

import io
import itertools
import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from django.db import connection

from species.atlas.atoms import HEADER_BYTES, Numbers
from species.atlas.folding import Rows

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"
COLUMNS = "subject, z, x, y, face, part, layer, keys, counts"
WRITTEN_AT_ONCE = 16_000_000  # bytes
INT8, INT4 = 20, 23  # PostgreSQL's numbers of its types
ARRAY = [("size", ">i4"), ("dimensions", ">i4"), ("nulls", ">i4"), ("type", ">i4"), ("length", ">i4"), ("from", ">i4")]
HEAD = np.dtype(
    [("fields", ">i2")]
    + [
        field
        for name, kind, size in (
            ("subject", ">i4", 4), ("z", ">i2", 2), ("x", ">i4", 4), ("y", ">i4", 4),
            ("face", ">i2", 2), ("part", ">i2", 2), ("layer", ">i4", 4),
        )
        for field in ((f"{name}_size", ">i4"), (name, kind))
    ]
    + ARRAY
)  # fmt: skip
SECOND = np.dtype(ARRAY)
KEY = np.dtype([("size", ">i4"), ("value", ">i8")])
COUNT = np.dtype([("size", ">i4"), ("value", ">i4")])
SIZES = {"subject": 4, "z": 2, "x": 4, "y": 4, "face": 2, "part": 2, "layer": 4}


class Place(NamedTuple):
    """What layers of one thing have in common."""

    subject: int
    z: int
    x: int
    y: int
    face: int
    part: int


def next_layer(cursor) -> int:
    """A number above 0 that no other layer has."""
    cursor.execute("SELECT nextval('species_density_layer')")
    return cursor.fetchone()[0]


def write(cursor, layered: Iterable[tuple[Rows, int]]) -> None:
    """Add rows to the densities, each with the number of its layer."""
    pieces: list[bytes] = []
    for rows, layer in layered:
        pieces.append(encode(rows, layer))
        if sum(map(len, pieces)) > WRITTEN_AT_ONCE:
            copy_in(cursor, pieces)
            pieces = []
    copy_in(cursor, pieces)


def copy_in(cursor, pieces: list[bytes]) -> None:
    if any(pieces):
        body = io.BytesIO(b"".join((HEADER, *pieces, END)))
        with connection.wrap_database_errors:  # Django wraps the errors of its own methods only
            cursor.copy_expert(f"COPY species_density ({COLUMNS}) FROM STDIN (FORMAT binary)", body)


def encode(rows: Rows, layer: int) -> bytes:
    lengths = np.diff(rows.starts)
    head, second = np.zeros(len(rows), HEAD), np.zeros(len(rows), SECOND)
    head["fields"] = len(SIZES) + 2
    for name, size in SIZES.items():
        head[f"{name}_size"] = size
        head[name] = layer if name == "layer" else getattr(rows, name)
    for array, kind, element in ((head, INT8, KEY), (second, INT4, COUNT)):
        array["size"] = 20 + lengths * element.itemsize
        array["dimensions"], array["type"], array["length"], array["from"] = 1, kind, lengths, 1
    keys, counts = np.empty(len(rows.keys), KEY), np.empty(len(rows.keys), COUNT)
    keys["size"], keys["value"], counts["size"], counts["value"] = 8, rows.keys, 4, rows.counts
    heads, seconds, key_bytes, count_bytes = (memoryview(part.tobytes()) for part in (head, second, keys, counts))
    pieces: list[memoryview] = []
    bounds = rows.starts.tolist()
    for place, (start, end) in enumerate(itertools.pairwise(bounds)):
        pieces += (
            heads[place * HEAD.itemsize : (place + 1) * HEAD.itemsize],
            key_bytes[start * KEY.itemsize : end * KEY.itemsize],
            seconds[place * SECOND.itemsize : (place + 1) * SECOND.itemsize],
            count_bytes[start * COUNT.itemsize : end * COUNT.itemsize],
        )
    return b"".join(pieces)


def read(cursor, chosen: str) -> Iterator[tuple[Place, int, Numbers, Numbers]]:
    """(place, layer, keys, counts) of the rows; `chosen`: what follows FROM species_density d, without parameters."""
    columns = ", ".join(f"d.{name}" for name in COLUMNS.split(", "))
    body = io.BytesIO()
    sql = f"COPY (SELECT {columns} FROM species_density d {chosen}) TO STDOUT (FORMAT binary)"
    with connection.wrap_database_errors:
        cursor.copy_expert(sql, body)
    yield from decode(body.getbuffer())


def decode(body: memoryview) -> Iterable[tuple[Place, int, Numbers, Numbers]]:
    at, end = HEADER_BYTES, len(body) - len(END)
    head = struct.Struct(">h" + "".join({2: "ih", 4: "ii"}[size] for size in SIZES.values()))
    while at < end:
        values = head.unpack_from(body, at)[2::2]
        keys, at = array_at(body, at + head.size, KEY)
        counts, at = array_at(body, at, COUNT)
        yield Place(*values[:-1]), values[-1], keys, counts


def array_at(body: memoryview, at: int, element: np.dtype) -> tuple[Numbers, int]:
    """(the numbers of the array that begins here, where it ends)."""
    size, dimensions = struct.unpack_from(">ii", body, at)
    count = struct.unpack_from(">i", body, at + 16)[0] if dimensions else 0
    numbers = np.frombuffer(body, element, count, at + 24)["value"] if count else np.empty(0)
    return numbers.astype(np.int64), at + 4 + size
