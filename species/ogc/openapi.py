"""The OpenAPI 3.0 document of the OGC API."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from config.http.problems import MEDIA_TYPE as PROBLEM
from config.http.problems import SCHEMA as PROBLEM_SCHEMA
from species.atlas.views import MEDIA_TYPE as MVT
from species.filters.queryables import Queryable
from species.models.grid import MAX_ZOOM
from species.ogc.answers import GEOJSON, HTML, JSON, OPENAPI, SCHEMA
from species.ogc.catalogue import COLLECTIONS, Collection
from species.ogc.queryables import query_parameters
from species.ogc.reading import FILTER_LANGUAGE
from species.ogc.tiles import WEB_MERCATOR
from species.parsing.query import DEFAULT_LIMIT, MAX_LIMIT

REASONS = {
    "400": "Invalid parameter. Each is listed with the reason.",
    "404": "Not found.",
    "406": "None of the formats in Accept is available.",
    "410": "The record was withdrawn, with its dataset, date and reason.",
    "414": "The address is too long.",
    "429": "Too many requests. See Retry-After.",
    "503": "The portal is busy, or the search took too long. See Retry-After.",
}


def document(request: HttpRequest) -> dict[str, Any]:
    root = request.build_absolute_uri(reverse("ogc:landing")).rstrip("/")
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Marine species observations: OGC API",
            "version": "1.0.0",
            "description": (
                "OGC API - Features and OGC API - Tiles with quality-checked "
                "records from OBIS. OBIS as a whole is CC BY-NC 4.0. Each feature "
                "has its dataset and licence."
            ),
        },
        "servers": [{"url": root}],
        "tags": [{"name": "Capabilities"}, {"name": "Features"}, {"name": "Tiles"}],
        "paths": {path: {"get": operation} for path, operation in operations().items()},
        "components": {"schemas": {"Problem": PROBLEM_SCHEMA}, "parameters": {"limit": LIMIT}},
    }


def operations() -> dict[str, dict[str, Any]]:
    found = {
        "/": operation("landingPage", "Landing page", JSON),
        "/conformance": operation("conformance", "Conformance", JSON),
        "/api": operation("api", "API definition", OPENAPI),
        "/collections": operation("collections", "All collections", JSON),
    }
    for collection in COLLECTIONS.values():
        found |= of_collection(collection)
    sets = "/tileMatrixSets"
    found[sets] = operation("tileMatrixSets", "Tiling schemes", JSON, "Tiles")
    found[f"{sets}/{{tileMatrixSetId}}"] = operation(
        "tileMatrixSet", "Tiling scheme", JSON, "Tiles", MATRIX_SET, "404"
    )
    return found


def of_collection(collection: Collection) -> dict[str, dict[str, Any]]:
    name, path = collection.id, f"/collections/{collection.id}"
    items, key = (
        items_parameters(collection),
        [in_path("featureId", {"type": "string", "format": "uuid"})],
    )
    found = {
        path: operation(f"{name}.describe", collection.title, JSON),
        f"{path}/queryables": operation(f"{name}.queryables", "Queryables", SCHEMA),
        f"{path}/schema": operation(f"{name}.schema", "Schema of the properties", SCHEMA),
        f"{path}/feature-schema": operation(
            f"{name}.featureSchema", "Schema of the GeoJSON features", SCHEMA
        ),
        f"{path}/items": operation(
            f"{name}.items", "A page of features", GEOJSON, "Features", items
        ),
        f"{path}/items/{{featureId}}": operation(
            f"{name}.item", "One feature", GEOJSON, "Features", key, "404", "410"
        ),
    }
    if collection.has_tiles:
        tiles, where = f"{path}/tiles", f"{path}/tiles/{{tileMatrixSetId}}"
        found[tiles] = operation(f"{name}.tilesets", "Tilesets", JSON, "Tiles")
        found[where] = operation(f"{name}.tileset", "A tileset", JSON, "Tiles", MATRIX_SET, "404")
        found[where]["parameters"][-1] = in_query(
            "f", FORMAT["description"], {"enum": ["json", "html", "tilejson"]}
        )
        tile = f"{where}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"
        found[tile] = operation(
            f"{name}.tile", "A vector tile", MVT, "Tiles", MATRIX_SET + ADDRESS, "404"
        )
        found[tile]["responses"]["204"] = {"description": "This tile is empty."}
    return found


def operation(
    name: str,
    summary: str,
    media_type: str,
    tag: str = "Capabilities",
    given: list[Any] | None = None,
    *refusals: str,
) -> dict[str, Any]:
    is_tile = media_type == MVT
    content = {
        media_type: {
            "schema": {"type": "string", "format": "binary"} if is_tile else {"type": "object"}
        }
    }
    if not is_tile:
        content[HTML] = {"schema": {"type": "string"}}
    always = ("400", "414", "429", "503") if is_tile else ("400", "406", "414", "429", "503")
    refused = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        "operationId": name,
        "summary": summary,
        "tags": [tag],
        "parameters": [*(given or []), *([] if is_tile else [FORMAT])],
        "responses": {"200": {"description": summary, "content": content}}
        | {
            status: {"description": REASONS[status], "content": refused}
            for status in sorted({*always, *refusals})
        },
    }


def items_parameters(collection: Collection) -> list[dict[str, Any]]:
    queries = [
        of_queryable(name, each) for name, each in query_parameters(collection.queryables).items()
    ]
    return [*ITEMS, *queries]


def of_queryable(name: str, queryable: Queryable) -> dict[str, Any]:
    each = {
        key: value
        for key, value in queryable.schema.items()
        if not key.startswith("x-") and key != "title"
    }
    about = each.pop("description")
    if queryable.operators == ("=",):
        return in_query(name, about, each)
    several = {"type": "array", "items": each}
    return in_query(
        name,
        f"{about} Separate alternatives by commas.",
        several,
        explode=False,
        style="form",
    )


def in_query(name: str, description: str, schema: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
    } | others


def in_path(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}


FORMAT = in_query(
    "f", "The format, instead of Accept.", {"type": "string", "enum": ["json", "html"]}
)
MATRIX_SET = [in_path("tileMatrixSetId", {"type": "string", "enum": [WEB_MERCATOR]})]
ADDRESS = [
    in_path("tileMatrix", {"type": "integer", "minimum": 0, "maximum": MAX_ZOOM}),
    in_path("tileRow", {"type": "integer", "minimum": 0}),
    in_path("tileCol", {"type": "integer", "minimum": 0}),
]
# QGIS reads here, by this name, how many features it may ask for at once; without it, it asks for
# 100.
LIMIT = in_query(
    "limit",
    "Features per page, up to the maximum.",
    {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
)
ITEMS: list[dict[str, Any]] = [
    {"$ref": "#/components/parameters/limit"},
    in_query(
        "bbox",
        (
            "west, south, east, north in degrees (WGS 84), including the "
            "edges. west > east crosses the antimeridian. With six numbers, "
            "heights are ignored."
        ),
        {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}},
        explode=False,
        style="form",
    ),
    in_query(
        "datetime",
        "A day or time, or an interval such as 2010-01-01/2019-12-31, 2010-01-01/.. or ../2019-12-31. Features whose"
        " date can lie in it, on the provider's own days, are selected, and so are undated ones. Given several times,"
        " features that overlap all of them.",
        {"type": "string"},
    ),
    in_query(
        "filter",
        "CQL2 text: conditions on the queryables, joined by AND.",
        {"type": "string"},
    ),
    in_query(
        "filter-lang",
        "The language of the filter.",
        {"type": "string", "enum": [FILTER_LANGUAGE], "default": FILTER_LANGUAGE},
    ),
    in_query("after", "Cursor from the link `next`. Never build one yourself.", {"type": "string"}),
    in_query("before", "Cursor from the link `prev`.", {"type": "string"}),
]
