"""Write rows to PostgreSQL by COPY: the text format, and the columns that observations have."""

import io
import struct
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from species.models.observation import ObservationFields

# The order of the model's fields is the order of a copied row.
OBSERVATION_COLUMNS = (*(str(field.column) for field in ObservationFields._meta.local_fields), "taxon_id")
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
POINT_4326 = bytes.fromhex("0101000020E6100000")  # little-endian EWKB head of a point


def point(longitude: float, latitude: float) -> str:
    """Hexadecimal EWKB of a point in EPSG:4326."""
    return (POINT_4326 + struct.pack("<dd", longitude, latitude)).hex()


def text_cell(value: str) -> str:
    return value if value.isprintable() and "\\" not in value else value.translate(ESCAPES)


CELLS: dict[type, Callable[[Any], str]] = {
    type(None): lambda value: "\\N",
    str: text_cell,
    bool: lambda value: "t" if value else "f",
    int: str,
    float: repr,
    bytes: lambda value: "\\\\x" + value.hex(),
    dict: lambda value: text_cell(orjson.dumps(value).decode()),
    UUID: lambda value: value.hex,
    date: str,
    datetime: str,
}


def cell(value: Any) -> str:
    """One value in COPY's text format; a TypeError means that no column holds such a value."""
    write = CELLS.get(type(value))
    if write:
        return write(value)
    if isinstance(value, str):  # members of TextChoices
        return text_cell(str(value))
    if isinstance(value, int):  # members of IntFlag
        return str(int(value))
    raise TypeError(f"no column holds a {type(value).__name__}")


def copy_rows(cursor, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """COPY rows into a table of ours; answers how many."""
    lines = ["\t".join(map(cell, row)) for row in rows]
    if lines:
        buffer = io.StringIO("\n".join(lines) + "\n")
        with connection.wrap_database_errors:  # Django wraps the errors of its own methods only
            cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", buffer)
    return len(lines)
