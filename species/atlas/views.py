"""The view of vector tiles: public, cacheable, and the same for every visitor."""

import gzip

from django.http import Http404, HttpRequest, HttpResponse

from config.http.encodings import takes_gzip
from config.http.problems import EXPOSED
from species.atlas.grid import Tile
from species.atlas.planner import plan_query
from species.atlas.results import Route
from species.atlas.tiles import RenderedTile
from species.caching import Validators, cache_version, settled_second
from species.filters import ObservationFilter
from species.models import DataVersion
from species.problems import reading_only

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
# where the address names the edition that it was drawn from
IMMUTABLE = "public, max-age=31536000, immutable"
EXPOSED_HEADERS = (
    f"{EXPOSED}, X-Data-Version, X-Observations-Total, X-Observations-Shown, X-Observations-Sampled"
)


@reading_only
def observation_tile(request: HttpRequest, z: int, x: int, y: int) -> HttpResponse:
    """Return 200 with a tile, 204 without records, or 304 before any record is read.

    Errors are 400, 404 and 503 with the reason.
    """
    if not Tile(z, x, y).exists:
        raise Http404("There is no such tile.")
    query = ObservationFilter.from_query(request.GET, also={"v"})
    zipped = takes_gzip(request)
    digest = query.digest()

    def etag_of(version: int) -> str:
        return f'"{cache_version(version)}-{digest}-{z}-{x}-{y}{"-gz" if zipped else ""}"'

    version, changed = DataVersion.latest()

    def render() -> HttpResponse:
        nonlocal version
        rendered = plan_query(query).tile(z, x, y)
        version = rendered.version  # newer, if data have just been published
        return tile_response(rendered, zipped)

    known = Validators(etag_of(version), settled_second(changed))
    response = known.respond(request, render)
    response.headers["ETag"] = etag_of(version)
    response.headers["X-Data-Version"] = str(version)
    if request.GET.get("v") == cache_version(version):
        response.headers["Cache-Control"] = IMMUTABLE
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
    return response


def tile_response(rendered: RenderedTile, zipped: bool) -> HttpResponse:
    """Return the response with the tile and its figures as headers."""
    response = HttpResponse(
        rendered.body, status=200 if rendered.body else 204, content_type=MEDIA_TYPE
    )
    if rendered.body and zipped:
        response.content = gzip.compress(rendered.body, compresslevel=6, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
    response.headers["X-Observations-Total"] = str(rendered.total)
    response.headers["X-Observations-Shown"] = str(rendered.shown)
    response.headers["X-Observations-Sampled"] = str(int(rendered.route is Route.SAMPLE))
    return response
