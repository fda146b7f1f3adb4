"""The API's OpenAPI document, generated once in each process."""

from functools import cache
from threading import Lock
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import override
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request

from species.api.answers import Negotiation, readable_anywhere

# so that clients that come together wait for one document and do not generate one each
GENERATING = Lock()


class SchemaView(SpectacularAPIView):
    """Serve the document in English, whatever is asked: it depends on the build and the settings
    alone.
    """

    content_negotiation_class = Negotiation

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        renderer = request.accepted_renderer
        with GENERATING:
            body = rendered(type(renderer))  # type: ignore[arg-type]  # classes are hashable
        charset = f"; charset={renderer.charset}" if renderer.charset else ""
        response = HttpResponse(body, content_type=f"{renderer.media_type}{charset}")
        response.headers["Content-Disposition"] = (
            f'inline; filename="{self._get_filename(request, None)}"'
        )
        patch_vary_headers(response, ["Accept"])
        return response


@cache
def rendered(renderer: Any) -> str | bytes:
    """Return the document in the format of a renderer class."""
    with override("en"):
        return renderer().render(document())


@cache
def document() -> dict[str, Any]:
    return SchemaGenerator().get_schema(public=True)


@readable_anywhere
@cache_control(public=True, max_age=3_600)
@conditional_page
def schema(request: HttpRequest) -> HttpResponse:
    """Return the OpenAPI document.

    Clients may cache it for an hour, and then revalidate it with its ETag.
    """
    return SchemaView.as_view()(request)
