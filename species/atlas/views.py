"""The addresses of tiles: public, cacheable, and the same for everybody."""

import gzip
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from config.http.encodings import takes_gzip
from config.http.problems import EXPOSED
from species.atlas.access import Route
from species.atlas.extents import Tile
from species.atlas.planner import plan_query
from species.atlas.tiles import RenderedTile
from species.caching import Validators, cache_version, settled_second
from species.filters import ObservationFilter
from species.models import DataVersion
from species.problems import reading_only

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
# where the address names the edition that it was drawn from
FOR_EVER = "public, max-age=31536000, immutable"
TOLD = (
    f"{EXPOSED}, X-Data-Version, X-Observations-Total, X-Observations-Shown, X-Observations-Sampled"
)


@reading_only
def observation_tile(request: HttpRequest, z: int, x: int, y: int) -> HttpResponse:
    """200 with a tile, 204 without records, 304 before any record is read; 400, 404 and 503 with
    the reason.
    """
    tile = Tile(z, x, y)
    if not tile.exists:
        raise Http404("There is no such tile.")
    selection = ObservationFilter.from_query(request.GET, also={"v"})
    zipped = takes_gzip(request)
    digest = selection.digest()

    def etag_of(version: int) -> str:
        return f'"{cache_version(version)}-{digest}-{z}-{x}-{y}{"-gz" if zipped else ""}"'

    version, changed = DataVersion.latest()
    moment = settled_second(changed)
    response: Any = Validators(etag_of(version), moment).unchanged(request)
    if response is None:
        rendered = plan_query(selection).tile(z, x, y)
        # a newer one, when it was published just now
        response, version = drawn(rendered, zipped), rendered.version
    Validators(etag_of(version), moment).mark(response)
    response.headers["X-Data-Version"] = str(version)
    if request.GET.get("v") == cache_version(version):
        response.headers["Cache-Control"] = FOR_EVER
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = TOLD
    return response


def drawn(rendered: RenderedTile, zipped: bool) -> HttpResponse:
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
