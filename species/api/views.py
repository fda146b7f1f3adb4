"""The public REST API: observations as GeoJSON, datasets and taxa; read-only, equal for all clients."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from species.api.answers import PublicAnswers, etagged, etagged_by
from species.api.exports import EXPORTS, ExportRenderer, exported
from species.api.openapi import DATASET_FILTERS, FILES, FILTERS, PUBLIC, example, problems
from species.api.pages import PAGES, GeoJSONRenderer, PlainRenderer
from species.api.paging import PAGE_PARAMETERS, FeaturePaging, KeysetPaging
from species.atlas.planner import plan_query
from species.darwincore import serializers
from species.darwincore.features import columns_of, features
from species.filters import ObservationFilter
from species.models import CuratedObservation, Dataset, RefreshRun
from species.parsing.query import read_parameter, refuse_unknown
from species.problems import Withdrawn


def canonical(request: Request, name: str, key: UUID) -> dict[str, str]:
    """Return the header with the address as the portal writes it, whatever case an id was asked for
    in.
    """
    return {
        "Link": f'<{request.build_absolute_uri(reverse(f"api:{name}", args=[key]))}>; rel="canonical"'
    }


class PublicReads(viewsets.ReadOnlyModelViewSet, PublicAnswers):
    """Lists in pages, and single rows."""

    pagination_class = KeysetPaging


class Observations(PublicReads):
    """Published observations. Withdrawn ones are 410; absences are not included."""

    queryset = CuratedObservation.objects.published()
    lookup_field = "key"
    pagination_class = FeaturePaging
    renderer_classes = PAGES

    def get_renderers(self) -> list[Any]:
        return [
            renderer() for renderer in (PAGES if self.action == "retrieve" else [*PAGES, *EXPORTS])
        ]

    @extend_schema(
        summary="List observations",
        parameters=[*FILTERS, *PUBLIC],
        responses={
            (200, GeoJSONRenderer.media_type): example(
                serializers.ObservationSerializer(many=True), "observation"
            ),
            (200, PlainRenderer.media_type): serializers.ObservationSerializer(many=True),
            **FILES,
            **problems(),
        },
    )
    @etagged
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """A GeoJSON FeatureCollection, page by page; all filters narrow it down together.

        As CSV (Darwin Core's terms, with the citation of each dataset) or as newline-delimited
        GeoJSON it is a file, whole or in parts: `Accept` or `format` asks for one. Where more
        follows than a file holds, its Link header leads on; a file without a `next` there holds the
        last record.
        """
        plan = plan_query(ObservationFilter.from_query(request.query_params))
        rows, self.way = plan.in_order_of_keys()
        if isinstance(request.accepted_renderer, ExportRenderer):
            return exported(request, rows, self.way)
        page = self.paginate_queryset(columns_of(rows))
        return self.get_paginated_response(list(features(page or [])))

    @extend_schema(
        summary="Read an observation",
        parameters=PUBLIC,
        responses={
            200: example(serializers.ObservationDetailSerializer, "observation in full"),
            **problems(404, 410),
        },
    )
    @etagged
    def retrieve(self, request: Request, key: UUID, *args: Any, **kwargs: Any) -> Response:
        """One GeoJSON Feature, with what is too long for lists."""
        row = CuratedObservation.objects.at_address(key)
        if row is None:
            raise Http404("Record not found.")
        if row.withdrawn_at:
            raise Withdrawn(row)
        told = serializers.ObservationDetailSerializer(row, context={"request": request}).data
        return Response(told, headers=canonical(request, "observation-detail", row.key))


class Datasets(PublicReads):
    """Datasets with published observations."""

    queryset = Dataset.objects.listed()
    serializer_class = serializers.DatasetSerializer
    lookup_field = "uuid"

    def filter_queryset(self, queryset: Any) -> Any:
        text = read_parameter(self.request.query_params, "q")
        return queryset.mentioning(text) if text else queryset

    @extend_schema(
        summary="List datasets",
        parameters=[*DATASET_FILTERS, *PUBLIC],
        responses={200: example(serializers.DatasetSerializer(many=True), "dataset"), **problems()},
    )
    @etagged_by(RefreshRun.objects.etag_seed)
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """All of them, or those with a text in title or citation."""
        refuse_unknown(request.query_params, *PAGE_PARAMETERS, "q")
        return super().list(request, *args, **kwargs)

    @extend_schema(
        summary="Read a dataset",
        parameters=PUBLIC,
        responses={200: example(serializers.DatasetSerializer, "dataset"), **problems(404)},
    )
    @etagged_by(RefreshRun.objects.etag_seed)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One dataset, its licence, and how fresh the copy is."""
        dataset = self.get_object()
        return Response(
            self.get_serializer(dataset).data,
            headers=canonical(request, "dataset-detail", dataset.uuid),
        )


@extend_schema(exclude=True)
@api_view(["GET", "POST", "PUT", "PATCH", "DELETE"])
def nowhere(request: Request, rest: str = "") -> Response:
    """Return 404 as a problem document for any other address below the API's."""
    raise Http404("Not found.")


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Return Swagger UI, served by the portal, without inline scripts."""
    return render(request, "api/docs.html")
