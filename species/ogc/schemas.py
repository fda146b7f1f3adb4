"""JSON schemas of queryables, properties and features."""

from typing import Any

from django.http import HttpRequest
from rest_framework import serializers

from species.darwincore import serializers as features
from species.darwincore.fields import Bits, Number, Term
from species.ogc import links
from species.ogc.answers import SCHEMA
from species.ogc.catalogue import Collection

DIALECT = "https://json-schema.org/draft/2020-12/schema"
POINT = {
    "type": {"type": "string", "const": "Point"},
    "coordinates": {"type": "array", "minItems": 2, "maxItems": 3, "items": {"type": "number"}},
}
SERIALIZERS: dict[str, type[serializers.ModelSerializer]] = {
    "observations": features.ObservationSerializer,
    "datasets": features.DatasetSerializer,
}


def of_queryables(request: HttpRequest, collection: Collection) -> dict[str, Any]:
    properties = {
        name: each.schema | {"x-portal-operators": list(each.operators)}
        for name, each in collection.queryables.items()
    }
    head = head_of(request, collection, "queryables", f"Queryables of {collection.title.lower()}")
    return head | {"properties": properties, "additionalProperties": False}


def of_properties(request: HttpRequest, collection: Collection) -> dict[str, Any]:
    """Return the schema of properties and geometry (OGC API - Features - Part 5), as QGIS reads."""
    properties = described(collection)
    if has_place(collection):
        properties["geometry"] = {"format": "geometry-point", "x-ogc-role": "primary-geometry"}
    return head_of(request, collection, "schema", collection.title) | {"properties": properties}


def of_features(request: HttpRequest, collection: Collection) -> dict[str, Any]:
    """Return the schema of a GeoJSON feature, from which GDAL takes the column types."""
    point = {"type": "object", "required": ["type", "coordinates"], "properties": POINT}
    return head_of(request, collection, "feature-schema", f"{collection.title} as GeoJSON") | {
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "const": "Feature"},
            "id": {"type": "string", "format": "uuid"},
            "geometry": point if has_place(collection) else {"type": "null"},
            "properties": {"type": "object", "properties": described(collection)},
        },
    }


def described(collection: Collection) -> dict[str, Any]:
    """Return the schema of each property."""
    serializer: serializers.ModelSerializer = SERIALIZERS[collection.id]()
    left_out = {
        getattr(serializer.Meta, "geo_field", None),
        getattr(serializer.Meta, "id_field", None),
    }
    return {
        name: schema_of(each) for name, each in serializer.fields.items() if name not in left_out
    }


def has_place(collection: Collection) -> bool:
    return bool(getattr(SERIALIZERS[collection.id].Meta, "geo_field", None))


def head_of(request: HttpRequest, collection: Collection, name: str, title: str) -> dict[str, Any]:
    head = {
        "$schema": DIALECT,
        "$id": links.address(request, name, collection.id),
        "type": "object",
        "title": title,
    }
    return head | {"description": collection.description, "links": links.own(request, SCHEMA)}


def schema_of(field: serializers.Field) -> dict[str, Any]:
    """Return the schema of a property; a missing value is null.

    `type` is a single name, since GDAL and QGIS cannot read lists such as ["string", "null"].
    """
    described = {"description": str(field.help_text)} if field.help_text else {}
    match field:
        case Bits():
            return described | {"type": "array", "items": {"type": "string"}}
        case Term():
            return described | {"type": "string", "enum": list(field.choices)}
        case Number():
            return described | {"type": "number"}
        case serializers.IntegerField():
            return described | {"type": "integer"}
    formats = {
        serializers.DateField: "date",
        serializers.DateTimeField: "date-time",
        serializers.UUIDField: "uuid",
    }
    found = {"format": formats[type(field)]} if type(field) in formats else {}
    return described | {"type": "string"} | found
