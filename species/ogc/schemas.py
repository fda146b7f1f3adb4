"""JSON schemas of the collections: what can be asked, and what the features say."""

from typing import Any

from django.http import HttpRequest
from rest_framework import serializers

from species.darwincore import serializers as features
from species.darwincore.fields import Bits, Number, Term
from species.ogc import links
from species.ogc.answers import SCHEMA
from species.ogc.catalogue import Collection

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SERIALIZERS = {"observations": features.ObservationSerializer, "datasets": features.DatasetSerializer}


def of_queryables(request: HttpRequest, collection: Collection) -> dict[str, Any]:
    properties = {
        name: each.schema | {"x-portal-operators": list(each.operators)} for name, each in collection.queryables.items()
    }
    head = head_of(request, collection, "queryables", f"What can be asked of {collection.title.lower()}")
    return head | {"properties": properties, "additionalProperties": False}


def of_features(request: HttpRequest, collection: Collection) -> dict[str, Any]:
    """The properties of the features, and their place where they have one."""
    serializer: serializers.ModelSerializer = SERIALIZERS[collection.id]()
    place = getattr(serializer.Meta, "geo_field", None)
    left_out = {place, getattr(serializer.Meta, "id_field", None)}
    properties = {name: schema_of(each) for name, each in serializer.fields.items() if name not in left_out}
    if place:
        properties["geometry"] = {"format": "geometry-point", "x-ogc-role": "primary-geometry"}
    return head_of(request, collection, "schema", collection.title) | {"properties": properties}


def head_of(request: HttpRequest, collection: Collection, name: str, title: str) -> dict[str, Any]:
    head = {"$schema": DIALECT, "$id": links.address(request, name, collection.id), "type": "object", "title": title}
    return head | {"description": collection.description, "links": links.own(request, SCHEMA)}


def schema_of(field: serializers.Field) -> dict[str, Any]:
    """Of one property; most may be missing, and then are null."""
    described = {"description": str(field.help_text)} if field.help_text else {}
    match field:
        case Bits():
            return described | {"type": "array", "items": {"type": "string"}}
        case Term():
            return described | {"type": ["string", "null"], "enum": [*field.choices, None]}
        case Number():
            return described | {"type": ["number", "null"]}
        case serializers.IntegerField():
            return described | {"type": ["integer", "null"] if field.allow_null else "integer"}
    formats = {serializers.DateField: "date", serializers.DateTimeField: "date-time", serializers.UUIDField: "uuid"}
    found = {"format": formats[type(field)]} if type(field) in formats else {}
    return described | found | {"type": ["string", "null"] if field.allow_null else "string"}
