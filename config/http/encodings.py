"""Compression and Content-Length of responses."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils.cache import patch_vary_headers
from django.utils.text import compress_sequence, compress_string

from config.http.cookieless import is_public
from config.http.negotiation import quality

LEAST_BYTES = 200  # below that a compressed body is no shorter
TEXTS = (
    *(
        "text/",
        "application/json",
        "application/geo+json",
        "application/x-ndjson",
        "application/xml",
    ),
    *("application/problem+json", "application/schema+json", "application/vnd.oai.openapi"),
)
BODILESS = (204, 304)


def compress_responses(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Return middleware that compresses public text.

    Responses to users are not compressed: the length of a page that repeats an attacker's input
    would reveal its secrets (BREACH).
    """

    def answer(request: HttpRequest) -> Any:
        response = get_response(request)
        if response.status_code in BODILESS:
            # that of the answer with its body, which 0 is not (RFC 9110, 8.6)
            del response.headers["Content-Length"]
        if is_public(request) and "Content-Encoding" not in response.headers:
            compress(request, response)
        return response

    return answer


def compress(request: HttpRequest, response: Any) -> None:
    """Compress a text response with gzip if the client accepts it. Streams stay streams."""
    if response.status_code not in BODILESS and not response.get("Content-Type", "").startswith(
        TEXTS
    ):
        return
    patch_vary_headers(response, ["Accept-Encoding"])
    is_short = not response.streaming and len(response.content) < LEAST_BYTES
    if response.status_code in BODILESS or is_short or not takes_gzip(request):
        return
    if response.streaming:
        response.streaming_content = compress_sequence(response.streaming_content)
        del response.headers["Content-Length"]
    else:
        response.content = compress_string(response.content)
        response.headers["Content-Length"] = str(len(response.content))
    response.headers["Content-Encoding"] = "gzip"
    etag = response.get("ETag", "")
    if etag.startswith('"'):
        response.headers["ETag"] = f"W/{etag}"  # the same answer, but not the same bytes


def takes_gzip(request: HttpRequest) -> bool:
    return quality(request.META.get("HTTP_ACCEPT_ENCODING", ""), "gzip") > 0
