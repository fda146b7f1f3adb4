"""OGC API - Features and - Tiles: the landing page, the collections, their features and their
tiles.
"""

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

from config.http.throttles import charge_for_features
from species.atlas.views import observation_tile
from species.ogc import links, openapi, schemas, tiles
from species.ogc.answers import FORMATS, GEOJSON, HTML, OPENAPI, SCHEMA, Answer, in_formats, public
from species.ogc.catalogue import (
    COLLECTIONS,
    collection_called,
    collection_with_tiles,
    described,
    features_seed,
)
from species.ogc.conformance import CLASSES
from species.ogc.reading import read_items_query
from species.parsing.query import refuse_unknown
from species.problems import reading_only


@public
def landing(request: HttpRequest) -> Answer:
    """Where clients begin: links to all the rest."""
    refuse_unknown(request.GET, "f")
    collections, api = links.address(request, "collections"), links.address(request, "api")
    found = [
        *links.own(request),
        links.link(f"{api}?f=json", "service-desc", "API definition (OpenAPI 3.0)", OPENAPI),
        links.link(f"{api}?f=html", "service-doc", "HTML documentation", HTML),
        links.link(links.address(request, "conformance"), "conformance", "Conformance"),
        links.link(collections, "data", "Collections"),
        links.link(
            links.address(request, "matrix-sets"), f"{links.OGC}tiling-schemes", "Tiling schemes"
        ),
        *(links.queryables(request, each.id) for each in COLLECTIONS.values()),
        *links.credits(request),
    ]
    title = f"{settings.SITE_NAME}: OGC API"
    about = "Quality-checked records of marine life from OBIS, for GIS software."
    return Answer({"title": title, "description": about, "links": found}, "ogc/landing.html")


@public
def conformance(request: HttpRequest) -> Answer:
    refuse_unknown(request.GET, "f")
    return Answer({"conformsTo": CLASSES, "links": links.own(request)}, "ogc/conformance.html")


@public
def api(request: HttpRequest) -> Answer:
    refuse_unknown(request.GET, "f")
    body = openapi.document(request)
    return Answer(body, "ogc/api.html", OPENAPI, {"facts": list(body["paths"].items())})


@public
def collections(request: HttpRequest) -> Answer:
    refuse_unknown(request.GET, "f")
    found = []
    for each in COLLECTIONS.values():
        body = described(request, each)
        itself = links.link(
            links.address(request, "collection", each.id), "self", "This collection"
        )
        found.append(body | {"links": [itself, *body["links"]]})
    return Answer({"collections": found, "links": links.own(request)}, "ogc/collections.html")


@public
def collection(request: HttpRequest, name: str) -> Answer:
    refuse_unknown(request.GET, "f")
    body = described(request, collection_called(name))
    return Answer(body | {"links": links.own(request) + body["links"]}, "ogc/collection.html")


@public
def queryables(request: HttpRequest, name: str) -> Answer:
    refuse_unknown(request.GET, "f")
    body = schemas.of_queryables(request, collection_called(name))
    return Answer(body, "ogc/schema.html", SCHEMA, {"facts": list(body["properties"].items())})


@public
def schema(request: HttpRequest, name: str) -> Answer:
    refuse_unknown(request.GET, "f")
    body = schemas.of_properties(request, collection_called(name))
    return Answer(body, "ogc/schema.html", SCHEMA, {"facts": list(body["properties"].items())})


@public
def feature_schema(request: HttpRequest, name: str) -> Answer:
    refuse_unknown(request.GET, "f")
    body = schemas.of_features(request, collection_called(name))
    facts = list(body["properties"]["properties"]["properties"].items())
    return Answer(body, "ogc/schema.html", SCHEMA, {"facts": facts})


@in_formats(*FORMATS, seed=features_seed)
def items(request: HttpRequest, name: str) -> Answer:
    """A page of features, or 400 with the reason."""
    asked_of = collection_called(name)
    question = read_items_query(request, asked_of.queryables)
    body = asked_of.page(request, question)
    charge_for_features(request, body["numberReturned"])
    context = {"collection": asked_of, "words": question.selection.words()}
    return Answer(body, "ogc/items.html", GEOJSON, context)


@in_formats(*FORMATS, seed=features_seed)
def item(request: HttpRequest, name: str, key: UUID) -> Answer:
    """One feature; 410 with dataset, day and reason when it was withdrawn."""
    refuse_unknown(request.GET, "f")
    asked_of = collection_called(name)
    body = asked_of.item(request, key)
    facts = [(each, value) for each, value in body["properties"].items() if value not in (None, [])]
    return Answer(body, "ogc/item.html", GEOJSON, {"collection": asked_of, "facts": facts})


@public
def tilesets(request: HttpRequest, name: str) -> Answer:
    refuse_unknown(request.GET, "f")
    return Answer(tiles.tilesets(request, collection_with_tiles(name)), "ogc/tilesets.html")


@in_formats(*FORMATS, "tilejson")
def tileset(request: HttpRequest, name: str, matrix_set: str) -> Answer:
    """The tiles of a pyramid; f=tilejson says the same for web maps."""
    refuse_unknown(request.GET, "f")
    tiles.check(matrix_set)
    collection = collection_with_tiles(name)
    is_tilejson = request.ogc_format == "tilejson"  # type: ignore[attr-defined]
    return Answer(
        (tiles.tilejson if is_tilejson else tiles.tileset)(request, collection), "ogc/tileset.html"
    )


@reading_only
def tile(request: HttpRequest, name: str, matrix_set: str, z: int, y: int, x: int) -> HttpResponse:
    """The tile of the atlas, with its filters, at the address that the standard gives it."""
    collection_with_tiles(name)
    tiles.check(matrix_set)
    return observation_tile(request, z, x, y)


@public
def matrix_sets(request: HttpRequest) -> Answer:
    refuse_unknown(request.GET, "f")
    return Answer(tiles.matrix_sets(request), "ogc/matrix_sets.html")


@public
def matrix_set(request: HttpRequest, matrix_set: str) -> Answer:
    refuse_unknown(request.GET, "f")
    tiles.check(matrix_set)
    return Answer(tiles.matrix_set(request), "ogc/matrix_set.html")


@public
def nowhere(request: HttpRequest) -> Answer:
    raise Http404("Not found.")
