"""OGC API - Tiles: the portal's vector tiles, in the usual pyramid of web maps."""

from math import pi
from typing import Any

from django.http import Http404, HttpRequest

from species.atlas.views import MEDIA_TYPE
from species.darwincore.attribution import ATTRIBUTION
from species.models.grid import MAX_LATITUDE, MAX_ZOOM
from species.ogc import links
from species.ogc.catalogue import CRS84, Collection

WEB_MERCATOR = "WebMercatorQuad"
WEB_MERCATOR_URI = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{WEB_MERCATOR}"
CRS = "http://www.opengis.net/def/crs/EPSG/0/3857"
TITLE = "Google Maps Compatible for the World"
RADIUS, PIXELS, PIXEL_METRES = 6_378_137.0, 256, 0.00028
EDGE = pi * RADIUS  # metres from the middle of the map to its edge
TILEJSON = "application/json"
CELLS = (
    "A point at the centre of each cell with the number of records "
    "`n`, and the `key` if there is only one."
)
POINTS = "Single records with their location and `key`, at high zoom levels."
META = "Tile metadata: total, shown, sampled, low, high, route, version, side."
LAYERS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("cells", CELLS, {"n": "Number", "key": "String"}),
    ("points", POINTS, {"key": "String"}),
    ("meta", META, {}),
)


def check(matrix_set: str) -> None:
    if matrix_set != WEB_MERCATOR:
        raise Http404(f"Only {WEB_MERCATOR} is available.")


def tilesets(request: HttpRequest, collection: Collection) -> dict[str, Any]:
    itself = links.link(
        links.address(request, "tileset", collection.id, WEB_MERCATOR), "self", "This tileset"
    )
    found = summary(request, collection) | {"links": [itself, scheme(request)]}
    return {"tilesets": [found], "links": links.own(request)}


def tileset(request: HttpRequest, collection: Collection) -> dict[str, Any]:
    """Return the metadata of the tileset, whose tiles take the portal's filters."""
    found = [*links.own(request), scheme(request), *item_links(request, collection)]
    found.append(
        links.link(
            links.with_format(request, "tilejson"), "describedby", "The same as TileJSON", TILEJSON
        )
    )
    body = summary(request, collection) | {
        "attribution": ATTRIBUTION,
        "links": found + links.credits(request),
    }
    box = {"lowerLeft": [-180, -MAX_LATITUDE], "upperRight": [180, MAX_LATITUDE], "crs": CRS84}
    layers = [
        {"id": name, "description": about, "dataType": "vector", "geometryDimension": 0}
        for name, about, _ in LAYERS
    ]
    return body | {"boundingBox": box, "layers": layers}


def summary(request: HttpRequest, collection: Collection) -> dict[str, Any]:
    title = f"{collection.title}: density"
    return {"title": title, "dataType": "vector", "crs": CRS, "tileMatrixSetURI": WEB_MERCATOR_URI}


def scheme(request: HttpRequest) -> dict[str, Any]:
    return links.link(
        links.address(request, "matrix-set", WEB_MERCATOR),
        f"{links.OGC}tiling-scheme",
        "Tiling scheme",
    )


def item_links(request: HttpRequest, collection: Collection) -> list[dict[str, Any]]:
    whole = links.address(request, "tileset", collection.id, WEB_MERCATOR)
    template = f"{whole}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"
    return [
        links.link(
            template, "item", "The tiles, as Mapbox Vector Tiles", MEDIA_TYPE, templated=True
        )
    ]


def tilejson(request: HttpRequest, collection: Collection) -> dict[str, Any]:
    """Return TileJSON 3.0.0, for web maps."""
    whole = links.address(request, "tileset", collection.id, WEB_MERCATOR)
    return {
        "tilejson": "3.0.0",
        "name": collection.title,
        "description": collection.description,
        "attribution": ATTRIBUTION,
        "tiles": [f"{whole}/{{z}}/{{y}}/{{x}}"],
        "minzoom": 0,
        "maxzoom": MAX_ZOOM,
        "bounds": [-180, -MAX_LATITUDE, 180, MAX_LATITUDE],
        "vector_layers": [
            {"id": name, "description": about, "fields": fields} for name, about, fields in LAYERS
        ],
    }


def matrix_sets(request: HttpRequest) -> dict[str, Any]:
    itself = links.link(links.address(request, "matrix-set", WEB_MERCATOR), "self", "Definition")
    found = {
        "id": WEB_MERCATOR,
        "title": TITLE,
        "uri": WEB_MERCATOR_URI,
        "crs": CRS,
        "links": [itself],
    }
    return {"tileMatrixSets": [found], "links": links.own(request)}


def matrix_set(request: HttpRequest) -> dict[str, Any]:
    """Return the definition: each zoom halves the cells of the zoom above."""
    return {
        "id": WEB_MERCATOR,
        "title": TITLE,
        "uri": WEB_MERCATOR_URI,
        "crs": CRS,
        "orderedAxes": ["E", "N"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": [matrix(z) for z in range(MAX_ZOOM + 1)],
        "links": links.own(request),
    }


def matrix(z: int) -> dict[str, Any]:
    cell = 2 * EDGE / PIXELS / (1 << z)
    return {
        "id": str(z),
        "scaleDenominator": cell / PIXEL_METRES,
        "cellSize": cell,
        "cornerOfOrigin": "topLeft",
        "pointOfOrigin": [-EDGE, EDGE],
        "tileWidth": PIXELS,
        "tileHeight": PIXELS,
        "matrixWidth": 1 << z,
        "matrixHeight": 1 << z,
    }
