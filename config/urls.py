"""The root URLconf."""

from django.contrib import admin
from django.urls import include, path

from config.http.csrf import accept_same_origin
from config.http.health import healthz, readyz
from config.http.language import switch_language
from species.ogc.views import landing

urlpatterns = [
    path("tiles/", include("species.atlas.urls")),  # first, since a map asks for dozens at once
    path("", include("species.pages.urls")),
    path("api/v1/auth/", include("users.api.urls")),
    path("api/v1/", include("species.api.urls")),
    path("ogc/", include("species.ogc.urls")),
    path("ogc", landing, name="ogc"),  # QGIS cuts the slash off and follows no redirection
    path("", include("users.pages.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("language/", accept_same_origin(switch_language), name="set-language"),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
]

handler400 = "species.pages.errors.bad_request"
handler404 = "species.pages.errors.not_found"
handler429 = "species.pages.errors.too_many_requests"  # django-allauth's throttles answer with it
handler500 = "config.http.unavailable.server_error"
