"""Prints many observations as GeoJSON features: what `ObservationSerializer` says, straight from the columns.

Each column goes through the serializer's own field, so no rule is written twice; what is left out is the model, the
geometry object and the detour of each value through them, which take nearly all of a long list's time.
"""

from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import Any

from django.db.models import F, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, NullIf
from rest_framework.fields import DateField, Field, UUIDField

from species.api.fields import Number, Term, Text
from species.api.serializers import ObservationSerializer, without_algaebase
from species.models import Taxon
from species.models.observation_queries import Latitude, Longitude, ObservationQuerySet

REMEMBERED = 1 << 14  # values of a column whose representation is kept
FIRST = 5  # columns before the properties: primary key, key, longitude, latitude, whether AlgaeBase is credited
CREDITED = Taxon(credits_algaebase=True)
LINK: Callable[[Any], str] = Taxon.worms_url.fget  # type: ignore[attr-defined]  # a property
Column = tuple[str, Combinable, Callable[[Any], Any] | None]


def columns_of(rows: ObservationQuerySet) -> Any:
    """The same rows as tuples of what `features` prints, the primary key first."""
    place = (Longitude("location"), Latitude("location"))
    first = (F("pk"), Cast("key", TextField()), *place, F("taxon__credits_algaebase"))
    return rows.values_list(*first, *(column for _, column, _ in columns()))


def features(rows: Iterable[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """A GeoJSON feature of each row of `columns_of`."""
    names = [name for name, *_ in columns()]
    converted = [(name, converter) for name, _, converter in columns() if converter]
    printed = []
    for _, key, longitude, latitude, is_credited, *values in rows:
        properties = dict(zip(names, values, strict=True))
        for name, converter in converted:
            if (value := properties[name]) is not None:
                properties[name] = converter(value)
        if is_credited:
            properties = without_algaebase(properties, CREDITED)
        geometry = {"type": "Point", "coordinates": [longitude, latitude]}
        printed.append({"id": key, "type": "Feature", "geometry": geometry, "properties": properties})
    return printed


@cache
def columns() -> list[Column]:
    """Property, column and how its values are represented (None: as they are), in the serializer's order."""
    serializer = ObservationSerializer()
    meta = ObservationSerializer.Meta
    return [
        column_of(serializer, name, field)
        for name, field in serializer.fields.items()
        if name not in (meta.id_field, meta.geo_field)
    ]


def column_of(serializer: ObservationSerializer, name: str, field: Field) -> Column:
    represent = field.to_representation
    match field.source:
        case "*":  # a method of the serializer's, which looks at the taxon alone
            return name, F("taxon_id"), lambda pk: represent(SimpleNamespace(taxon_id=pk))
        case "taxon.worms_url":
            return name, F("taxon_id"), lambda pk: represent(LINK(SimpleNamespace(aphia_id=pk)))
    path = str(field.source).replace(".", "__")
    if isinstance(field, UUIDField | DateField):
        return name, Cast(path, TextField()), None
    if isinstance(field, Text):
        return (
            name,
            NullIf(F(path), Value(""), output_field=TextField()),
            None if type(field) is Text else remembered(represent),
        )
    if isinstance(field, Term):
        return name, NullIf(F(path), Value(""), output_field=TextField()), None
    return name, F(path), represent if isinstance(field, Number) else remembered(represent)


def remembered(represent: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lru_cache(REMEMBERED)(represent)
