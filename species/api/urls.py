"""The addresses of the API, version 1."""

from typing import Any

from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView

from species.api import summary_views, views
from species.api.answers import readable_anywhere

LIST: dict[str, Any] = {"get": "list"}
DETAIL: dict[str, Any] = {"get": "retrieve"}

app_name = "api"
urlpatterns = [
    path("observations/", views.Observations.as_view(LIST), name="observation-list"),
    path("observations/count/", summary_views.Summaries.as_view({"get": "count"}), name="observation-count"),
    path(
        "observations/histogram/", summary_views.Summaries.as_view({"get": "histogram"}), name="observation-histogram"
    ),
    path("observations/summary/", summary_views.Summaries.as_view({"get": "summary"}), name="observation-summary"),
    path("observations/<uuid:key>/", views.Observations.as_view(DETAIL), name="observation-detail"),
    path("datasets/", views.Datasets.as_view(LIST), name="dataset-list"),
    path("datasets/<uuid:uuid>/", views.Datasets.as_view(DETAIL), name="dataset-detail"),
    path("taxa/", views.Taxa.as_view(LIST), name="taxon-list"),
    path("taxa/<int:aphia_id>/", views.Taxa.as_view(DETAIL), name="taxon-detail"),
    path("schema/", readable_anywhere(SpectacularAPIView.as_view()), name="schema"),
    path("docs/", views.docs, name="docs"),
    re_path(r"^(?P<rest>.*)/$", readable_anywhere(views.nowhere)),
]
