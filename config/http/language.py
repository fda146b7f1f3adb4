"""The language switch."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.i18n import set_language


def switch_language(request: HttpRequest) -> HttpResponse:
    """Set the language and return to the page of the switch, or to the map."""
    response = set_language(request)
    if response.headers.get("Location") == "/":
        response.headers["Location"] = reverse("species:observation-map")
    return response
