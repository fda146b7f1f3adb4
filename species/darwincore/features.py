"""Print many observations as GeoJSON features, as `ObservationSerializer` does, from the columns.

PostgreSQL prints columns that need no change as JSON. Every other column goes through the
serializer's own field, so that no rule is written twice. Models and geometry objects, which take
nearly all of the time for a long list, are left out.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from itertools import groupby, pairwise
from operator import call
from types import SimpleNamespace
from typing import Any, NamedTuple

import orjson
from django.db.models import F, Field, Func, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, NullIf
from rest_framework import fields

from species.darwincore.fields import Bits, Number, Term, Text
from species.darwincore.serializers import ObservationSerializer, without_algaebase
from species.models import Taxon
from species.models.observation_expressions import LICENSE_URI, Latitude, Longitude
from species.models.observation_queries import ObservationQuerySet

REMEMBERED = 1 << 14  # values of a column whose representation is kept
# properties of the model that are no columns
COMPUTED: dict[str, Combinable] = {"license_uri": LICENSE_URI}
CREDITED = Taxon(credits_algaebase=True)
LINK: Callable[[Any], str] = Taxon.worms_url.fget  # type: ignore[attr-defined]  # a property
Printer = Callable[[Any], str]


class Printed(NamedTuple):
    """An observation as JSON, with the values that lists need."""

    pk: int
    longitude: float
    latitude: float
    text: str


class Member(NamedTuple):
    """A property, its column, and the function that prints a value; None for JSON and null."""

    name: str
    column: Combinable
    represent: Callable[[Any], Any] | None


class AsSent(Field):
    """A numeric value that the driver, and not Django, converts."""


class Joined(Func):
    """Concatenated texts without nulls; faster than CONCAT, which accepts anything."""

    template, arg_joiner, output_field = "(%(expressions)s)", " || ", TextField()


class Quoted(Func):
    """A text without characters that JSON escapes."""

    template, output_field = """('"' || (%(expressions)s)::text || '"')""", TextField()


class Escaped(Func):
    """Any value as JSON; always right, but slower."""

    function, template, output_field = "TO_JSON", "%(function)s(%(expressions)s)::text", TextField()


def columns_of(rows: ObservationQuerySet, decimals: bool = False) -> Any:
    """Return the rows as tuples for `features`, the primary key first."""
    place = (
        Longitude("location", output_field=AsSent()),
        Latitude("location", output_field=AsSent()),
    )
    first = (F("pk"), Cast("key", TextField()), *place, F("taxon__credits_algaebase"))
    return rows.values_list(*first, *(column for column, _ in cells(decimals)))


def features(rows: Iterable[tuple[Any, ...]], decimals: bool = False) -> Iterator[Printed]:
    """Yield a GeoJSON feature of each row; with `decimals`, whole measures are 50.0 instead of 50."""
    printers = [printer for _, printer in cells(decimals)]
    for pk, key, longitude, latitude, is_credited, *values in rows:
        properties = ",".join(map(call, printers, values))
        if is_credited:
            told = without_algaebase(orjson.loads(f"{{{properties}}}"), CREDITED)
            properties = orjson.dumps(told).decode()[1:-1]
        yield Printed(
            pk,
            longitude,
            latitude,
            f'{{"id":"{key}","type":"Feature","geometry":{{"type":"Point","coordinates":[{longitude!r},{latitude!r}]}},'
            f'"properties":{{{properties}}}}}',
        )


def box_around(shown: Sequence[Printed]) -> list[float]:
    """Return west, south, east, north of at least one feature.

    west > east if the box crosses the antimeridian; the shorter way round is used (RFC 7946,
    section 5.2).
    """
    latitudes = [each.latitude for each in shown]
    longitudes = sorted({each.longitude for each in shown})
    west, east = longitudes[0], longitudes[-1]
    gap, after, before = max(
        ((b - a, a, b) for a, b in pairwise(longitudes)), default=(0.0, east, west)
    )
    if gap > 360 - (east - west):
        west, east = before, after
    return [west, min(latitudes), east, max(latitudes)]


@cache
def cells(decimals: bool) -> list[tuple[Combinable, Printer]]:
    """Return the columns of the query and how each is printed.

    Neighbours that PostgreSQL prints are one JSON object, and so are those printed from one column.
    """
    found: list[tuple[Combinable, Printer]] = []
    for is_written, run in groupby(members(decimals), key=lambda member: member.represent is None):
        if is_written:
            written = [(name, Coalesce(column, Value("null"))) for name, column, _ in run]
            rest = [text for name, column in written[1:] for text in (Value(f',"{name}":'), column)]
            name, column = written[0]
            found.append((Joined(Value(f'"{name}":'), column, *rest), str))
        else:
            for column_of_some, some in groupby(run, key=lambda member: member.column):
                found.append(
                    (
                        column_of_some,
                        printing({each.name: each.represent for each in some if each.represent}),
                    )
                )
    return found


def members(decimals: bool) -> list[Member]:
    """Return all properties in the serializer's order."""
    serializer = ObservationSerializer()
    meta = ObservationSerializer.Meta
    return [
        member_of(serializer, name, field, decimals)
        for name, field in serializer.fields.items()
        if name not in (meta.id_field, meta.geo_field)
    ]


def member_of(
    serializer: ObservationSerializer, name: str, field: fields.Field, decimals: bool
) -> Member:
    """Return the property of one field of the serializer."""
    represent, path = field.to_representation, str(field.source).replace(".", "__")
    if field.source == "*":  # a method of the serializer's, which looks at the taxon alone
        return Member(name, F("taxon_id"), lambda pk: represent(SimpleNamespace(taxon_id=pk)))
    if field.source == "taxon.worms_url":
        return Member(name, F("taxon_id"), lambda pk: represent(LINK(SimpleNamespace(aphia_id=pk))))
    if field.source == "taxon_id":
        return Member(name, F("taxon_id"), represent)
    if isinstance(field, fields.DateTimeField):
        # As text, which is found again sooner among the remembered ones.
        return Member(
            name, Cast(path, TextField()), lambda text: represent(datetime.fromisoformat(text))
        )
    if isinstance(field, Number) and decimals:
        return Member(name, F(path), float)
    if isinstance(field, Text | Term):
        text = NullIf(COMPUTED.get(path) or F(path), Value(""), output_field=TextField())
        if type(field) in (Text, Term):
            return Member(name, Escaped(text) if type(field) is Text else Quoted(text), None)
        return Member(name, text, represent)
    if isinstance(field, Number | fields.IntegerField):
        return Member(name, Cast(path, TextField()), None)
    if isinstance(field, Bits):
        return Member(name, F(path), represent)
    return Member(name, (Quoted if isinstance(field, fields.UUIDField) else Escaped)(F(path)), None)


def printing(properties: Mapping[str, Callable[[Any], Any]]) -> Printer:
    """Return a function that prints a value as properties, cached for repeated values."""

    @lru_cache(REMEMBERED)
    def printed(value: Any) -> str:
        told = {
            name: None if value is None else represent(value)
            for name, represent in properties.items()
        }
        return orjson.dumps(told).decode()[1:-1]

    return printed
