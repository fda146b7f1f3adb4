"""URLs of vector tiles."""

from django.urls import path

from species.atlas import views

app_name = "atlas"
urlpatterns = [
    path(
        "observations/<int:z>/<int:x>/<int:y>.mvt", views.observation_tile, name="observation-tile"
    ),
]
