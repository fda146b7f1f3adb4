"""How public answers are kept: by anybody, asked about again each time, and the same while the
data's version is.
"""

import hashlib
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from species.models import DataVersion

REVALIDATE = "public, max-age=0, must-revalidate"
UNSETTLED_SECONDS = 2  # beyond that of a change
# A text that changes with what an answer tells beside the data, and when that last changed.
EtagSeed = Callable[..., tuple[str, datetime | None]]


class Validators(NamedTuple):
    """By what a client asks whether its copy still holds; `moment` is in seconds since 1970."""

    etag: str
    moment: int | None

    def unchanged(self, request: HttpRequest) -> HttpResponseBase | None:
        """304 (or 412) where the client's copy decides, else None."""
        return get_conditional_response(request, self.etag, self.moment)

    def mark(self, response: HttpResponseBase) -> None:
        """Say how the answer is kept and asked about again."""
        response.headers["ETag"] = self.etag
        response.headers["Cache-Control"] = REVALIDATE
        if self.moment is not None:
            response.headers["Last-Modified"] = http_date(self.moment)


def cache_version(version: int | None = None) -> str:
    """What answers change with, whoever asks: the data's version (None: the latest) and the
    portal's build.
    """
    return f"{DataVersion.current() if version is None else version}-{settings.BUILD}"


def validators(
    request: HttpRequest, form: str, more: str = "", at: datetime | None = None
) -> Validators:
    """Of one address in one format, as this build prints it from the data, and from `more` that
    changed `at`.

    One query. The ETag is weak: a time stamp in the answer may differ.
    """
    published = DataVersion.latest()
    told = f"{request.build_absolute_uri()} {more}"
    etag = f'W/"{cache_version(published.number)}-{form}-{hashlib.sha256(told.encode()).hexdigest()[:16]}"'
    return Validators(
        etag, settled_second(max(published.published_at, at or published.published_at))
    )


def no_seed(**address: Any) -> tuple[str, datetime | None]:
    """The sign of an answer that tells of nothing else."""
    return "", None


def settled_second(changed: datetime) -> int | None:
    """The second of a change; None until it is well over.

    Another of the same second may follow, which shows when it is committed and this process reads
    the version again.
    """
    moment = int(changed.timestamp())
    return moment if moment + UNSETTLED_SECONDS < int(time.time()) else None
