"""Renderers of GeoJSON, under its media type or as plain JSON."""

from typing import Any

import orjson
from rest_framework.renderers import JSONRenderer


class GeoJSONRenderer(JSONRenderer):
    """GeoJSON by orjson, which is faster than Django REST framework's renderer."""

    media_type, format = "application/geo+json", "geojson"

    def render(
        self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None
    ) -> bytes:
        return b"" if data is None else orjson.dumps(data)


class PlainRenderer(GeoJSONRenderer):
    """GeoJSON as application/json, for clients that know no other type."""

    media_type, format = "application/json", "json"


PAGES: list[type[JSONRenderer]] = [GeoJSONRenderer, PlainRenderer]
