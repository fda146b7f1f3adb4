"""Every address of the portal."""

from django.contrib import admin
from django.urls import include, path

from config.health import healthz

urlpatterns = [
    path("", include("species.pages.urls")),
    path("tiles/", include("species.atlas.urls")),
    path("admin/", admin.site.urls),
    path("healthz", healthz, name="healthz"),
]
