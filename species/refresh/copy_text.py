"""Format values for PostgreSQL's COPY in text format."""

import struct
from collections.abc import Callable, Iterable
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any
from uuid import UUID

import orjson

ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
POINT_4326 = bytes.fromhex("0101000020E6100000")  # little-endian EWKB head of a point


def format_point(longitude: float, latitude: float) -> str:
    """Return a point in EPSG:4326 as hexadecimal EWKB."""
    return (POINT_4326 + struct.pack("<dd", longitude, latitude)).hex()


def text_cell(value: str) -> str:
    return value if value.isprintable() and "\\" not in value else value.translate(ESCAPES)


@cache
def member_cell(member: Enum) -> str:
    return format_cell(member.value)


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


def format_cell(value: Any) -> str:
    """Return one value. Raises TypeError for a type that no column has."""
    # members of TextChoices and IntFlag: from now on known like any other
    if isinstance(value, Enum):
        CELLS[type(value)] = member_cell
    if write := CELLS.get(type(value)):
        return write(value)
    raise TypeError(f"no column holds a {type(value).__name__}")


def format_cells(values: Iterable[Any]) -> str:
    """Return values separated by tabs, as a line or a part of one."""
    return "\t".join([(CELLS.get(type(value)) or format_cell)(value) for value in values])
