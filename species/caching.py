"""ETag, Last-Modified and 304 for public responses, which change only with the data or the build."""

import hashlib
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from species.models import DataVersion

REVALIDATE = "public, max-age=0, must-revalidate"
UNSETTLED_SECONDS = 2  # after a change
# Returns a text that changes with the response although the data do not, and the time of that change.
EtagSeed = Callable[..., tuple[str, datetime | None]]


class Validators(NamedTuple):
    """The ETag and the Last-Modified time (seconds since 1970) of a response."""

    etag: str
    moment: int | None = None

    def respond(self, request: HttpRequest, render: Callable[[], Any]) -> Any:
        """Return 304 or 412 if the client's copy decides, else the rendered response, marked."""
        response = get_conditional_response(request, self.etag, self.moment)
        if response is None:
            response = render()
        return self.mark(response)

    def mark(self, response: Any) -> Any:
        """Set ETag, Cache-Control and Last-Modified, and return the response."""
        response.headers["ETag"] = self.etag
        response.headers["Cache-Control"] = REVALIDATE
        if self.moment is not None:
            response.headers["Last-Modified"] = http_date(self.moment)
        return response


def cache_version(version: int | None = None) -> str:
    """Return the version of the data (by default the latest) with the portal's build."""
    return f"{DataVersion.current() if version is None else version}-{settings.BUILD}"


def validators(
    request: HttpRequest, media: str, seed: str = "", changed_at: datetime | None = None
) -> Validators:
    """Return the validators of an address in one format; `seed` and `changed_at` are an EtagSeed's.

    One query. The ETag is weak, since a time stamp in the response may differ.
    """
    published = DataVersion.latest()
    text = f"{request.build_absolute_uri()} {seed}"
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    changed = max(published.published_at, changed_at or published.published_at)
    etag = f'W/"{cache_version(published.number)}-{media}-{digest}"'
    return Validators(etag, settled_second(changed))


def no_seed(**address: Any) -> tuple[str, datetime | None]:
    """Return the EtagSeed of a response that depends on nothing but the data."""
    return "", None


def settled_second(changed: datetime) -> int | None:
    """Return the second of a change, or None until UNSETTLED_SECONDS later.

    Another change in the same second may still be committed, or be unknown to this process.
    """
    moment = int(changed.timestamp())
    return moment if moment + UNSETTLED_SECONDS < int(time.time()) else None
