"""Write many rows at once although the database may refuse single values."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import DatabaseError, transaction

Row = TypeVar("Row")
Result = TypeVar("Result")


def is_value_error(error: DatabaseError) -> bool:
    """Return whether PostgreSQL refuses a value: data exceptions, constraints, size of a row."""
    code = getattr(error.__cause__, "pgcode", None) or ""
    return code[:2] in ("22", "23", "54")


def write_in_halves(
    rows: Sequence[Row],
    write: Callable[[Sequence[Row]], Result],
    write_refused: Callable[[Row], Result],
) -> list[Result]:
    """Write the rows, in order, in as few transactions as the database lets; return the results.

    Rows with a refused value are halved until single ones are left; `write_refused` gets those.
    """
    try:
        with transaction.atomic():
            return [write(rows)]
    except DatabaseError as error:
        if not is_value_error(error):
            raise
    if len(rows) == 1:
        return [write_refused(rows[0])]
    middle = len(rows) // 2
    halves = (rows[:middle], rows[middle:])
    return [result for half in halves for result in write_in_halves(half, write, write_refused)]
