"""Compose SQL from pieces that carry the values of their placeholders."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

# The version of the data, in each statement that must be of one moment with it.
VERSION = "coalesce((SELECT number FROM species_dataversion WHERE id = 1), 0)"


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of a statement, made of our constants, and its values; "" means no query."""

    text: str
    values: tuple[Any, ...] = ()

    @classmethod
    def of(cls, rows: QuerySet[Any, Any]) -> Self:
        """Return the query of a queryset; "" where it can have no rows."""
        try:
            text, values = rows.query.sql_with_params()
        except EmptyResultSet:
            return cls("")
        return cls(text, tuple(values))

    def __bool__(self) -> bool:
        return bool(self.text)


def join(separator: str, pieces: Iterable[Sql]) -> Sql:
    """Return the pieces that are not empty, with the separator between them."""
    kept = [piece for piece in pieces if piece]
    return Sql(
        separator.join(piece.text for piece in kept),
        tuple(value for piece in kept for value in piece.values),
    )


def union(pieces: Iterable[Sql]) -> Sql:
    return join(" UNION ALL ", pieces)


def fill(template: str, **pieces: Sql) -> Sql:
    """Return the template with a piece in place of each {name}, which may occur several times."""
    text = ""
    values: list[Any] = []
    rest = template
    while rest:
        before, brace, rest = rest.partition("{")
        text += before
        if brace:
            name, _, rest = rest.partition("}")
            text += pieces[name].text
            values.extend(pieces[name].values)
    return Sql(text, tuple(values))


def fetch(query: Sql) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query.text, query.values)
        return cursor.fetchall()
