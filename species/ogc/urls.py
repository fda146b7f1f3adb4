"""URLs of the OGC API, without a final slash, as in the standards."""

from django.urls import path, re_path

from species import addresses  # noqa: F401  # which registers <id:>
from species.ogc import views

app_name = "ogc"
ITEMS = "collections/<str:name>/items"
TILES = "collections/<str:name>/tiles"
urlpatterns = [
    path("", views.landing, name="landing"),
    path("conformance", views.conformance, name="conformance"),
    path("api", views.api, name="api"),
    path("collections", views.collections, name="collections"),
    path("collections/<str:name>", views.collection, name="collection"),
    path("collections/<str:name>/queryables", views.queryables, name="queryables"),
    path("collections/<str:name>/schema", views.schema, name="schema"),
    path("collections/<str:name>/feature-schema", views.feature_schema, name="feature-schema"),
    path(ITEMS, views.items, name="items"),
    path(f"{ITEMS}/<id:key>", views.item, name="item"),
    path(TILES, views.tilesets, name="tilesets"),
    path(f"{TILES}/<str:matrix_set>", views.tileset, name="tileset"),
    path(f"{TILES}/<str:matrix_set>/<int:z>/<int:y>/<int:x>", views.tile, name="tile"),
    path("tileMatrixSets", views.matrix_sets, name="matrix-sets"),
    path("tileMatrixSets/<str:matrix_set>", views.matrix_set, name="matrix-set"),
    re_path(r"^.+$", views.nowhere),
]
