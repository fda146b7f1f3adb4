"""Keyset pagination in the order of the primary key, at the same cost at any depth."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from typing import Any

import orjson
from django.conf import settings
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from species.darwincore.attribution import ATTRIBUTION
from species.darwincore.features import box_around
from species.errors import InvalidQuery
from species.models.observation_pages import NEWEST, Ordering, Unindexed, Way
from species.parsing.query import DEFAULT_LIMIT, MAX_LIMIT, read_limit, read_parameter

PAGE_PARAMETERS = ("after", "limit", "format")


class KeysetPaging(BasePagination):
    """`limit` rows after the cursor `after`; `next` is the address of the next page, or null."""

    media_type = "application/json"

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        limit, after = read_limit(request.query_params), read_cursor(request)
        way: Way = getattr(view, "way", NEWEST)
        ordered, last = self.ordered(queryset, after, way)
        rows = list(ordered[: limit + 1])
        self.searched = way.search if last and len(rows) <= limit else None
        if len(rows) > limit:
            rows.pop()
            last = self.key_of(rows[-1])
        self.next = address_after(request, last) if last else None
        self.link = next_link(request, last, self.media_type) if last else ""
        self.rows = rows
        return rows

    def ordered(self, queryset: Any, after: int, way: Way) -> tuple[Any, int | None]:
        return in_order_of_keys(queryset, after, way)

    def key_of(self, row: Any) -> int:
        return row.pk

    def get_paginated_response(self, data: Any) -> Response:
        return self.answer({"results": data})

    def answer(self, body: dict[str, Any]) -> Response:
        body |= {"numberReturned": len(self.rows), "next": self.next, "searched": self.searched}
        return Response(body, headers={"Link": self.link} if self.link else {})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["results", *MEMBERS],
            "properties": {"results": schema, **MEMBERS},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return parameters(MAX_LIMIT, "Rows per page.")


class NewestFirstPaging(KeysetPaging):
    """Pages from the greatest key to the smallest."""

    def ordered(self, queryset: Any, after: int, way: Way) -> tuple[Any, int | None]:
        return (queryset.filter(pk__lt=after) if after else queryset).order_by("-pk"), None


class FeaturePaging(KeysetPaging):
    """Pages as GeoJSON FeatureCollections with the bounding box of their features."""

    media_type = "application/geo+json"

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        told = f"Rows on a page, at most {MAX_LIMIT}. Files hold as many as they may, unless told to hold less."
        return parameters(settings.EXPORT_BOUND, told)

    def key_of(self, row: Any) -> int:
        return row[0]  # of what `species.darwincore.features.columns_of` makes

    def get_paginated_response(self, data: Any) -> Response:
        """Return the page of features that `species.darwincore.features` printed."""
        body: dict[str, Any] = {
            "type": "FeatureCollection",
            "features": [orjson.Fragment(each.text) for each in data],
        }
        body |= {"attribution": ATTRIBUTION} | ({"bbox": box_around(data)} if data else {})
        return self.answer(body)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        box = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4}
        box["description"] = (
            "west, south, east, north of the features on this page. west > "
            "east crosses the antimeridian. Absent if there are none."
        )
        box["example"] = [7.9, 54.2, 7.9, 54.2]
        members = {
            "attribution": {"type": "string", "example": ATTRIBUTION},
            "bbox": box,
            **MEMBERS,
        }
        if not isinstance(schema, dict):  # a stand-in for a row, where an example is put together
            return {"properties": {"type": TYPE, "features": schema, **members}}
        return {
            "allOf": [
                schema,
                {"type": "object", "required": ["attribution", *MEMBERS], "properties": members},
            ]
        }


TYPE = {"example": "FeatureCollection"}
MEMBERS: dict[str, Any] = {
    "numberReturned": {"type": "integer", "example": 100},
    "next": {
        "type": "string",
        "format": "uri",
        "nullable": True,
        "example": "https://portal.example/api/v1/observations/?after=MTc",
        "description": "The next page, or null on the last one. Also in the Link header.",
    },
    "searched": {
        "type": "integer",
        "nullable": True,
        "example": None,
        "description": (
            "Number of records searched for this page if the search stopped "
            "early. The page may have few or no records. Follow `next` to "
            "continue. Otherwise null."
        ),
    },
}
CURSOR: dict[str, Any] = {"type": "string", "pattern": "^[A-Za-z0-9_-]{0,24}$"}
CURSOR_TOLD = "Cursor from `next`. Never build one yourself."


def limits(most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": 1, "maximum": most, "default": DEFAULT_LIMIT}


def parameters(most: int, description: str) -> list[dict[str, Any]]:
    """Return the OpenAPI description of the paging parameters."""
    return [
        {
            "name": "limit",
            "in": "query",
            "description": description,
            "schema": limits(most),
            "example": 100,
        },
        {
            "name": "after",
            "in": "query",
            "description": CURSOR_TOLD,
            "schema": CURSOR,
            "example": "",
        },
    ]


def in_order_of_keys(rows: Any, after: int, way: Way, times: int = 1) -> tuple[Any, int | None]:
    """Return the rows after the key, and the key where a bounded search ends, if any."""
    rows, last = rows.filter(pk__gt=after), None
    if way.search:
        everything = (
            rows.model._base_manager.filter(pk__gt=after)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        last = everything[way.search * times - 1 : way.search * times].first()
    rows = rows.filter(pk__lte=last) if last else rows
    return rows.order_by(Unindexed("pk") if way.ordering is Ordering.SORTED else "pk"), last


def address_after(request: Request, pk: int) -> str:
    return replace_query_param(request.build_absolute_uri(), "after", cursor_of(pk))


def next_link(request: Request, pk: int, media_type: str) -> str:
    """Return the Link header that leads to the next page."""
    return f'<{address_after(request, pk)}>; rel="next"; type="{media_type}"'


def cursor_of(pk: int) -> str:
    return urlsafe_b64encode(str(pk).encode()).decode().rstrip("=")


def read_cursor(request: Request) -> int:
    """Return the last primary key of the previous page, 0 for the first page."""
    text = read_parameter(request.query_params, "after")
    try:
        pk = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii") if text else "0"
        if not re.fullmatch(r"\d{1,18}", pk, re.ASCII):
            raise ValueError
        return int(pk)
    except (ValueError, Base64Error):
        raise InvalidQuery({"after": "Invalid cursor. Use the one from `next`."}) from None
