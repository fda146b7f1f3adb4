"""URLs of the API, version 1."""

from typing import Any

from django.urls import path, re_path

from species import addresses  # noqa: F401  # which registers <id:>
from species.api import portal_views, schema, summary_views, taxon_views, views
from species.api.answers import readable_anywhere

LIST: dict[str, Any] = {"get": "list"}
DETAIL: dict[str, Any] = {"get": "retrieve"}

app_name = "api"
urlpatterns = [
    path("observations/", views.Observations.as_view(LIST), name="observation-list"),
    path(
        "observations/count/",
        summary_views.Summaries.as_view({"get": "count"}),
        name="observation-count",
    ),
    path(
        "observations/histogram/",
        summary_views.Summaries.as_view({"get": "histogram"}),
        name="observation-histogram",
    ),
    path(
        "observations/summary/",
        summary_views.Summaries.as_view({"get": "summary"}),
        name="observation-summary",
    ),
    path("observations/<id:key>/", views.Observations.as_view(DETAIL), name="observation-detail"),
    path("datasets/", views.Datasets.as_view(LIST), name="dataset-list"),
    path("datasets/<id:uuid>/", views.Datasets.as_view(DETAIL), name="dataset-detail"),
    path("taxa/", taxon_views.Taxa.as_view(LIST), name="taxon-list"),
    path("taxa/<int:aphia_id>/", taxon_views.Taxa.as_view(DETAIL), name="taxon-detail"),
    path(
        "taxa/<int:aphia_id>/tree/",
        taxon_views.Tree.as_view({"get": "below"}),
        name="taxon-branches",
    ),
    path("taxa/tree/", taxon_views.Tree.as_view({"get": "roots"}), name="taxon-tree"),
    path("taxa/suggest/", taxon_views.Tree.as_view({"get": "suggest"}), name="taxon-suggest"),
    path("refresh-runs/", portal_views.RefreshRuns.as_view(LIST), name="run-list"),
    path("refresh-runs/<int:pk>/", portal_views.RefreshRuns.as_view(DETAIL), name="run-detail"),
    path("statistics/", portal_views.Portal.as_view({"get": "statistics"}), name="statistics"),
    path(
        "selections/<slug:name>/",
        portal_views.Portal.as_view({"get": "selection"}),
        name="selection",
    ),
    path("schema/", schema.schema, name="schema"),
    path("docs/", views.docs, name="docs"),
    re_path(r"^(?P<rest>.*)/$", readable_anywhere(views.nowhere)),
]
