"""Responses of the OGC API: one body as JSON or as a page, cached by the data's version."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from config.http.negotiation import preferred
from config.http.problems import FOR_ANYBODY
from species.caching import EtagSeed, no_seed, validators
from species.errors import InvalidQuery
from species.parsing.query import read_parameter
from species.problems import NotAcceptable, reading_only

JSON, GEOJSON, HTML = "application/json", "application/geo+json", "text/html"
SCHEMA = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
FORMATS = ("json", "html")
# that a client may ask for
TYPES = (JSON, GEOJSON, HTML, SCHEMA, "application/vnd.oai.openapi+json")


@dataclass(frozen=True)
class Answer:
    """A JSON body. The template prints it, with `context`, as a page."""

    body: dict[str, Any]
    template: str
    media_type: str = JSON
    context: dict[str, Any] = field(default_factory=dict)


View = Callable[..., Answer]


def in_formats(
    *formats: str, seed: EtagSeed = no_seed
) -> Callable[[View], Callable[..., HttpResponseBase]]:
    """Return a decorator for public views with several formats, chosen by `f` or Accept.

    The view's URL arguments are passed to `seed`.
    """

    def public_view(view: View) -> Callable[..., HttpResponseBase]:
        @reading_only
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            form = format_of(request, formats)
            if form is None:
                raise NotAcceptable
            request.ogc_format = form  # type: ignore[attr-defined]
            response = validators(request, form, *seed(*args, **kwargs)).respond(
                request, lambda: printed(request, view(request, *args, **kwargs), form)
            )
            patch_vary_headers(response, ["Accept"])
            for name, value in FOR_ANYBODY.items():
                response.headers[name] = value
            return response

        return answer

    return public_view


public = in_formats(*FORMATS)


def printed(request: HttpRequest, answer: Answer, form: str) -> HttpResponse:
    if form == "html":
        return render(request, answer.template, answer.context | {"body": answer.body})
    response = HttpResponse(orjson.dumps(answer.body), content_type=answer.media_type)
    response.headers["Link"] = ", ".join(map(header_of, answer.body.get("links", [])))
    return response


def header_of(link: dict[str, Any]) -> str:
    """Return a link of the body for the Link header, without its title."""
    return f'<{link["href"]}>; rel="{link["rel"]}"' + (
        f'; type="{link["type"]}"' if "type" in link else ""
    )


def format_of(request: HttpRequest, formats: tuple[str, ...]) -> str | None:
    """Return one of the formats, or None if Accept names none of them."""
    if asked := read_parameter(request.GET, "f"):
        if asked not in formats:
            raise InvalidQuery({"f": f"Allowed are: {', '.join(formats)}."})
        return asked
    number = preferred(request.META.get("HTTP_ACCEPT", ""), TYPES)
    return None if number is None else "html" if TYPES[number] == HTML else "json"
