"""Write rows to PostgreSQL by COPY, and list the columns of observations."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from species.models.observation_fields import ObservationFields
from species.refresh.copy_text import format_cells

OBSERVATION_COLUMNS = (
    *(str(field.column) for field in ObservationFields._meta.local_fields),
    "taxon_id",
)
CHUNK_BYTES = 1 << 17


def copy_rows(cursor, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """COPY rows into a table; return how many."""
    return copy_lines(cursor, table, columns, map(format_cells, rows))


def copy_lines(cursor, table: str, columns: Sequence[str], lines: Iterable[str]) -> int:
    """COPY lines in COPY's text format into a table; return how many."""
    lines = list(lines)
    if lines:
        buffer = io.BytesIO(("\n".join(lines) + "\n").encode())
        with connection.wrap_database_errors:  # Django wraps the errors of its own methods only
            cursor.copy_expert(
                f"COPY {table} ({', '.join(columns)}) FROM STDIN", buffer, CHUNK_BYTES
            )
    return len(lines)
