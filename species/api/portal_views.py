"""The public API on the portal itself: its refreshes from OBIS, what it holds, its saved
selections.
"""

import json
from datetime import datetime
from typing import Any

import shapely
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from shapely.geometry.base import BaseGeometry

from config.http.problems import Problem
from species.api import portal_serializers as serializers
from species.api.answers import PublicAnswers, etagged_by
from species.api.openapi import PUBLIC, example, problems
from species.api.paging import PAGE_PARAMETERS, NewestFirstPaging
from species.api.views import PublicReads
from species.atlas.tree import Holdings
from species.caching import validators
from species.filters import ObservationFilter
from species.holdings import rejections
from species.models import Dataset, DataVersion, RefreshRun, SavedSelection
from species.parsing.query import refuse_unknown
from species.refresh.schedule import schedule_health
from species.rules import RULES

EXPIRED = "This saved search has expired. Set the filters again to save a new one."
STATEMENTS = {rule.code: rule.statement for rule in RULES}


def schedule_seed() -> tuple[str, datetime]:
    """That of the runs, and what time alone changes (a run is due, or late), which therefore has no
    date.
    """
    told = [(each.mode, each.state, each.due_at, each.next_at) for each in schedule_health()]
    return f"{RefreshRun.objects.etag_seed()} {told}", timezone.now()


class RefreshRuns(PublicReads):
    """Refreshes from OBIS, the newest first: how they ended and their books, no more."""

    queryset = RefreshRun.objects.all()
    serializer_class = serializers.RefreshRunSerializer
    pagination_class = NewestFirstPaging

    @extend_schema(
        summary="List refreshes",
        parameters=PUBLIC,
        responses={
            200: example(serializers.RefreshRunSerializer(many=True), "run"),
            **problems(),
        },
    )
    @etagged_by(RefreshRun.objects.etag_seed)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """From the newest to the oldest, page by page."""
        refuse_unknown(request.query_params, *PAGE_PARAMETERS)
        return super().list(request, *args, **kwargs)

    @extend_schema(
        summary="Read a refresh",
        parameters=PUBLIC,
        responses={200: example(serializers.RefreshRunSerializer, "run"), **problems(404)},
    )
    @etagged_by(RefreshRun.objects.etag_seed)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One refresh by its number."""
        return super().retrieve(request, *args, **kwargs)


class Portal(PublicAnswers):
    """What the portal holds as a whole, and what people have saved under a short name."""

    @extend_schema(
        summary="Read portal statistics",
        parameters=PUBLIC,
        responses={200: example(serializers.StatisticsSerializer, "statistics"), **problems()},
    )
    @etagged_by(schedule_seed)
    def statistics(self, request: Request) -> Response:
        """Rows by what they are, how fresh they are, what was refused, and when the next refresh is
        due.
        """
        refuse_unknown(request.query_params, *PAGE_PARAMETERS)
        published = DataVersion.latest()
        told = {
            "observations": Dataset.objects.totals(),
            "datasets": Dataset.objects.listed().count(),
            "species": Holdings.of().species,
            "version": published.number,
            "published_at": published.published_at if published.number else None,
            "rejected": [
                {
                    "reason": code,
                    "rule": str(STATEMENTS[code]),
                    "number": count.number,
                    "is_exact": count.is_exact,
                }
                for code, count in rejections().items()
            ],
            "schedule": schedule_health(),
        }
        return Response(serializers.StatisticsSerializer(told).data)

    @extend_schema(
        summary="Read a saved search",
        parameters=PUBLIC,
        responses={
            200: example(serializers.SelectionSerializer, "selection"),
            **problems(404, 410),
        },
    )
    def selection(self, request: Request, name: str) -> Any:
        """What it asks. Whoever knows its name may; one that has expired is gone until it is saved
        again.
        """
        saved = SavedSelection.objects.live().with_hash(name).first()
        if saved is None:
            if SavedSelection.objects.with_hash(name).exists():
                raise Problem(410, "selection-expired", EXPIRED)
            raise Http404("This saved search doesn't exist or has expired.")
        body = serializers.SelectionSerializer(self.told(saved)).data
        # It has no date, since none is noted when `expires` changes.
        known = validators(request._request, "json", json.dumps(body), timezone.now())
        return known.respond(request._request, lambda: Response(body))

    def told(self, saved: SavedSelection) -> dict[str, Any]:
        question = ObservationFilter.from_query({"selection": saved.hash})
        page, build = f"?selection={saved.hash}", self.request.build_absolute_uri
        return {
            "hash": saved.hash,
            "query": saved.question,
            "parameters": question.canonical,
            "words": question.words(),
            "expires": saved.expires_at,
            "area": geojson(question.area.geometry) if question.area else None,
            "observations": build(reverse("api:observation-list") + page),
            "map": build(reverse("species:observation-map") + page),
        }


def geojson(geometry: BaseGeometry) -> dict[str, Any]:
    """As RFC 7946 has it: outer rings wind against the clock."""
    return json.loads(shapely.to_geojson(shapely.orient_polygons(geometry)))
