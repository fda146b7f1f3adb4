"""URLs of the public pages."""

from django.urls import path, re_path

from species import addresses  # noqa: F401  # which registers <id:>
from species.pages import (
    absences,
    catalogue,
    data,
    datasets,
    developers,
    explore,
    selections,
    sitemaps,
    suggest,
    summary,
    taxa,
    views,
    well_known,
)

app_name = "species"
urlpatterns = [
    path("", explore.observation_map, name="observation-map"),
    path("observations/", explore.observation_list, name="observation-list"),
    path("observations/<id:key>/", views.observation_detail, name="observation-detail"),
    path("observations/<id:key>/card/", views.observation_card, name="observation-card"),
    path("q/", selections.selection_save, name="selection-save"),
    re_path(r"^q/(?P<name>[0-9a-f]{20})/$", selections.selection_open, name="selection-open"),
    re_path(r"^q/(?P<name>[0-9a-f]{20})/name/$", selections.selection_name, name="selection-name"),
    re_path(
        r"^q/(?P<name>[0-9a-f]{20})/delete/$", selections.selection_delete, name="selection-delete"
    ),
    path("summary/", summary.observation_summary, name="summary"),
    path("suggest/", suggest.suggest, name="suggest"),
    path("absences/", absences.absence_list, name="absence-list"),
    path("species/", taxa.taxon_tree, name="taxon-tree"),
    path("species/<int:aphia_id>/", taxa.taxon_detail, name="taxon-by-id"),
    path("species/<int:aphia_id>/below/", taxa.taxon_branches, name="taxon-branches"),
    path("species/<int:aphia_id>-<slug:slug>/", taxa.taxon_detail, name="taxon-detail"),
    path("datasets/", datasets.dataset_list, name="dataset-list"),
    path("datasets/<id:uuid>/", datasets.dataset_detail, name="dataset-detail"),
    path("words/<slug:language>.js", catalogue.words, name="words"),
    path("favicon.ico", well_known.favicon, name="favicon"),
    re_path(
        r"^apple-touch-icon(?:-\d+x\d+)?(?:-precomposed)?\.png$",
        well_known.touch_icon,
        name="touch-icon",
    ),
    path(".well-known/change-password", well_known.change_password, name="change-password"),
    path("robots.txt", sitemaps.robots, name="robots"),
    path("sitemap.xml", sitemaps.sitemap_index, name="sitemap"),
    path("sitemap-<slug:name>.xml", sitemaps.sitemap_part, name="sitemap-part"),
    path("data/", data.holdings, name="holdings"),
    path("developers/", developers.developers, name="developers"),
    path("data/rules/", data.rules, name="rules"),
]
