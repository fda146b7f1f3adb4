"""Headers of the public API's responses: CORS, links for citation, and caching."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http.response import HttpResponseBase
from django.urls import reverse
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.negotiation import QualityNegotiation
from config.http.problems import FOR_ANYBODY
from species.caching import EtagSeed, no_seed, validators
from species.darwincore.attribution import OBIS_LICENSE
from species.errors import InvalidQuery

Action = Callable[..., Any]


class Negotiation(QualityNegotiation):
    """Content negotiation in which an unknown `format` is an invalid query."""

    def filter_renderers(self, renderers: Any, format: str) -> Any:
        found = [renderer for renderer in renderers if renderer.format == format]
        if not found:
            known = ", ".join(renderer.format for renderer in renderers)
            raise InvalidQuery({"format": f"Allowed are: {known}."})
        return found


class PublicAnswers(viewsets.GenericViewSet):
    """A view set whose responses any origin may read, with links for citation."""

    http_method_names = ["get", "head", "options"]
    content_negotiation_class = Negotiation

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        cite = self.request.build_absolute_uri(reverse("species:holdings"))
        links = [
            *([answer.headers["Link"]] if "Link" in answer.headers else []),
            f'<{OBIS_LICENSE}>; rel="license"; title="OBIS as a whole; each record has its own"',
            f'<{cite}>; rel="describedby"; type="text/html"; title="How to cite OBIS, WoRMS and each dataset"',
        ]
        answer.headers["Link"] = ", ".join(links)
        for name, value in FOR_ANYBODY.items():
            answer.headers[name] = value
        return answer


def etagged(action: Action) -> Action:
    """Return the action with an ETag from the data's version; 304 costs one query."""
    return etagged_by(no_seed)(action)


def etagged_by(seed: EtagSeed) -> Callable[[Action], Action]:
    """Return a decorator like `etagged` for responses that change with the seed as well."""

    def keeping(action: Action) -> Action:
        @wraps(action)
        def answer(
            self: PublicAnswers, request: Request, *args: Any, **kwargs: Any
        ) -> HttpResponseBase:
            media = self.request.accepted_renderer.format
            return validators(request._request, media, *seed()).respond(
                request._request, lambda: action(self, request, *args, **kwargs)
            )

        return answer

    return keeping


def readable_anywhere(view: Callable[..., Any]) -> Callable[..., Any]:
    """Return the view with CORS for any origin, for views that are not `PublicAnswers`."""

    @wraps(view)
    def answer(*args: Any, **kwargs: Any) -> Any:
        response = view(*args, **kwargs)
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    return answer
