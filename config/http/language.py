"""The switch of the page's language."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.i18n import set_language


def switch_language(request: HttpRequest) -> HttpResponse:
    """Return to the page that the switch is on, or to the map; Django knows only the root of the
    host for that.
    """
    response = set_language(request)
    if response.headers.get("Location") == "/":
        response.headers["Location"] = reverse("species:observation-map")
    return response
