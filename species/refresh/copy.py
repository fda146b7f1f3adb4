"""Write rows to PostgreSQL by COPY: the text format, and the columns that observations have."""

import io
import struct
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from species.models.observation import ObservationFields

# The order of the model's fields is the order of a copied row.
OBSERVATION_COLUMNS = (*(field.column for field in ObservationFields._meta.local_fields), "taxon_id")
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
POINT_4326 = bytes.fromhex("0101000020E6100000")  # little-endian EWKB head of a point


def point(longitude: float, latitude: float) -> str:
    """Hexadecimal EWKB of a point in EPSG:4326."""
    return (POINT_4326 + struct.pack("<dd", longitude, latitude)).hex()


def cell(value: Any) -> str:
    """One value in COPY's text format."""
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.translate(ESCAPES)
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    if isinstance(value, dict):
        return orjson.dumps(value).decode().translate(ESCAPES)
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, UUID | date | datetime):
        return str(value)
    raise TypeError(f"no column holds a {type(value).__name__}")


def copy_rows(cursor, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """COPY rows into a table of ours; answers how many."""
    lines = ["\t".join(map(cell, row)) for row in rows]
    if lines:
        buffer = io.StringIO("\n".join(lines) + "\n")
        cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", buffer)
    return len(lines)
