"""The collections of the OGC API and their descriptions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest

from species.caching import EtagSeed, no_seed
from species.darwincore.attribution import ATTRIBUTION
from species.filters.queryables import Queryable
from species.models import RefreshRun
from species.ogc import features, links
from species.ogc.answers import GEOJSON, HTML, SCHEMA
from species.ogc.queryables import OF_DATASETS, OF_OBSERVATIONS
from species.ogc.reading import ItemsQuery

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"


@dataclass(frozen=True)
class Collection:
    """A collection. `page` and `item` return GeoJSON, which changes with the data and `seed`."""

    id: str
    title: str
    description: str
    queryables: dict[str, Queryable]
    page: Callable[[HttpRequest, ItemsQuery], dict[str, Any]]
    item: Callable[[HttpRequest, UUID], dict[str, Any]]
    has_tiles: bool = False
    seed: EtagSeed = no_seed


COLLECTIONS = {
    each.id: each
    for each in (
        Collection(
            "observations",
            "Marine species observations",
            "Quality-checked records from OBIS, each with a taxon, a location and a date.",
            OF_OBSERVATIONS,
            features.observations,
            features.observation,
            has_tiles=True,
        ),
        Collection(
            "datasets",
            "Datasets",
            "Sources of the records with licences and citations. Without geometry.",
            OF_DATASETS,
            features.datasets,
            features.dataset,
            seed=RefreshRun.objects.etag_seed,
        ),
    )
}


def collection_called(name: str) -> Collection:
    if name not in COLLECTIONS:
        raise Http404("Collection not found.")
    return COLLECTIONS[name]


def features_seed(name: str, **address: Any) -> tuple[str, datetime | None]:
    """Return the EtagSeed of the collection in the address."""
    return collection_called(name).seed()


def collection_with_tiles(name: str) -> Collection:
    collection = collection_called(name)
    if not collection.has_tiles:
        raise Http404("This collection has no tiles.")
    return collection


def described(request: HttpRequest, collection: Collection) -> dict[str, Any]:
    """Return OGC's description of the collection, without the link to itself."""
    name = collection.id
    items, schema = (
        links.address(request, "items", name),
        links.address(request, "feature-schema", name),
    )
    found = [
        links.link(f"{items}?f=json", "items", "Features as GeoJSON", GEOJSON),
        links.link(f"{items}?f=html", "items", "Features as a web page", HTML),
        links.queryables(request, name),
        links.link(
            links.address(request, "schema", name),
            f"{links.OGC}schema",
            "Schema of the properties",
            SCHEMA,
        ),
        # GDAL before 3.8 knows the relation in this spelling alone.
        *(
            links.link(schema, rel, "Schema of the GeoJSON features", SCHEMA)
            for rel in ("describedby", "describedBy")
        ),
        *links.credits(request),
    ]
    if collection.has_tiles:
        tiles = links.address(request, "tilesets", name)
        found.append(links.link(tiles, f"{links.OGC}tilesets-vector", "Density as vector tiles"))
    extent = {
        "spatial": {"bbox": [[-180, -90, 180, 90]], "crs": CRS84},
        "temporal": {"interval": [[None, None]], "trs": GREGORIAN},
    }
    body: dict[str, Any] = {
        "id": name,
        "title": collection.title,
        "description": collection.description,
        "attribution": ATTRIBUTION,
    }
    body |= {"itemType": "feature", "crs": [CRS84], "links": found}
    return body | ({"extent": extent} if collection.has_tiles else {})
