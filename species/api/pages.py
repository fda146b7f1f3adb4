"""The formats of a page: GeoJSON, under its own name or as plain JSON."""

from typing import Any

import orjson
from rest_framework.renderers import JSONRenderer


class GeoJSONRenderer(JSONRenderer):
    """By orjson, since a long list takes as long to write down as to find."""

    media_type, format = "application/geo+json", "geojson"

    def render(
        self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None
    ) -> bytes:
        return b"" if data is None else orjson.dumps(data)


class PlainRenderer(GeoJSONRenderer):
    """The same for clients that know no other name."""

    media_type, format = "application/json", "json"


PAGES: list[type[JSONRenderer]] = [GeoJSONRenderer, PlainRenderer]
