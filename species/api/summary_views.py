"""The figures of a query in the REST API: counts, histograms, top species and datasets."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from species.api import summary_serializers
from species.api.answers import PublicAnswers, etagged
from species.api.openapi import FILTERS, PUBLIC, VIEW, example, problems
from species.atlas.planner import QueryPlan, plan_query
from species.errors import InvalidQuery
from species.filters import ObservationFilter
from species.parsing.places import parse_bbox
from species.parsing.query import read_parameter
from species.ranges import Bbox


class Summaries(PublicAnswers):
    """Exact figures from densities or few enough records, else labelled estimates with intervals."""

    @extend_schema(
        summary="Count observations",
        parameters=[*FILTERS, *PUBLIC],
        responses={200: example(summary_serializers.CountSerializer, "count"), **problems()},
    )
    @etagged
    def count(self, request: Request) -> Response:
        """How many records the filters leave."""
        return self.answer(request, summary_serializers.CountSerializer, counted)

    @extend_schema(
        summary="Count observations by year, month and depth",
        parameters=[*FILTERS, VIEW, *PUBLIC],
        responses={
            200: example(summary_serializers.HistogramSerializer, "histogram"),
            **problems(),
        },
    )
    @etagged
    def histogram(self, request: Request) -> Response:
        """Bars and buckets add up to the count."""
        return self.answer(
            request, summary_serializers.HistogramSerializer, QueryPlan.histogram, has_view=True
        )

    @extend_schema(
        summary="Summarise observations",
        parameters=[*FILTERS, VIEW, *PUBLIC],
        responses={200: example(summary_serializers.SummarySerializer, "summary"), **problems()},
    )
    @etagged
    def summary(self, request: Request) -> Response:
        """Counts, histograms, species, datasets and the densest cells, of everything or of a view."""
        return self.answer(
            request, summary_serializers.SummarySerializer, QueryPlan.summary, has_view=True
        )

    def answer(
        self, request: Request, serializer: Any, sum_up: Any, *, has_view: bool = False
    ) -> Any:
        """Return the figures of a query, or of its records in a view."""
        view = read_view(request) if has_view else None
        selection = ObservationFilter.from_query(
            request.query_params, also={"view"} if has_view else ()
        )
        given = (view,) if has_view else ()
        return Response(serializer(sum_up(plan_query(selection), *given)).data)


def counted(plan: QueryPlan) -> dict[str, Any]:
    return {"count": plan.count(), "not_drawn": plan.not_drawn()}


def read_view(request: Request) -> Bbox | None:
    try:
        return parse_bbox([read_parameter(request.query_params, "view")])
    except ValueError as error:
        raise InvalidQuery({"view": str(error)}) from None
