"""Pieces of SQL with the values of their placeholders, so that queries are put together and neither
is mixed up.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of a statement, made of our constants alone, and the values of its placeholders; ""
    is no query.
    """

    text: str
    values: tuple[Any, ...] = ()

    @classmethod
    def of(cls, rows: QuerySet[Any, Any]) -> Self:
        """The query of a queryset; none where it can have no rows."""
        try:
            text, values = rows.query.sql_with_params()
        except EmptyResultSet:
            return cls("")
        return cls(text, tuple(values))

    def __bool__(self) -> bool:
        return bool(self.text)


def join(separator: str, pieces: Iterable[Sql]) -> Sql:
    """The pieces that are any, with the separator between them."""
    kept = [piece for piece in pieces if piece]
    return Sql(
        separator.join(piece.text for piece in kept),
        tuple(value for piece in kept for value in piece.values),
    )


def union(pieces: Iterable[Sql]) -> Sql:
    return join(" UNION ALL ", pieces)


def fill(template: str, **pieces: Sql) -> Sql:
    """The template with a piece, or several times the same one, in place of each {name}."""
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
