"""The public pages' addresses."""

from django.urls import path

from species.pages import data, explore, suggest, views

app_name = "species"
urlpatterns = [
    path("", explore.observation_map, name="observation-map"),
    path("observations/", explore.observation_list, name="observation-list"),
    path("observations/<uuid:key>/", views.observation_detail, name="observation-detail"),
    path("observations/<uuid:key>/card/", views.observation_card, name="observation-card"),
    path("suggest/", suggest.suggest, name="suggest"),
    path("data/", data.holdings, name="holdings"),
    path("data/rules/", data.rules, name="rules"),
]
