"""Rate limits of public reads.

Each server process counts in memory: a request costs no query and no lock between processes. With
several processes a client may get further, never less far. The headers follow draft-ietf-httpapi-
ratelimit-headers: `RateLimit-Policy` has the quota `q` per window of `w` seconds, `RateLimit` the
remainder `r` for the next `t` seconds.
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from threading import Lock
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from config.http.addresses import throttle_key
from config.http.problems import EXPOSED, problem, problem_response

Addresses = Sequence[tuple[re.Pattern[str], str | None]]
# The first match of an address is its limit. Accounts have their own limits, and so do pages
# (`species.pages.throttles`).
ADDRESSES: Addresses = (
    (re.compile(r"/api/v1/auth/"), None),
    (re.compile(r"/tiles/|/ogc/collections/[^/]+/tiles/[^/]+/\d"), "tiles"),
    (re.compile(r"/ogc/collections/[^/]+/items/?$"), "features"),
    (re.compile(r"/api/|/ogc|/sitemap"), "reads"),
)
MOST_CLIENTS = 100_000  # in one window; more are counted anew
# The cost of a request before its response is known. GDAL 3.6 reads pages of 10 features and takes
# a 429 for the end of the data, so pages cost as much as they deliver, and small ones so little
# that a fast reader is never refused.
LEAST_COST = {"features": 50}
DETAIL = "Too many requests. See Retry-After for the number of seconds to wait."


class Limit(NamedTuple):
    """The quota of a client in a window, and the remainder for `reset` seconds."""

    name: str
    quota: int
    window: int
    left: int
    reset: int


class TooManyRequests(Exception):
    """The client has exceeded a limit."""

    def __init__(self, limit: Limit) -> None:
        super().__init__(DETAIL)
        self.limit = limit

    @property
    def problem(self) -> dict:
        return problem(429, DETAIL, retryAfter=self.limit.reset)


class Window:
    """The number of requests of each client in the current window."""

    def __init__(self) -> None:
        self.began, self.numbers, self.lock = 0, Counter[str](), Lock()

    def count(self, client: str, began: int, cost: int = 1) -> int:
        """Add the cost and return the client's sum; late requests count in the current window."""
        with self.lock:
            if began > self.began or len(self.numbers) > MOST_CLIENTS:
                self.began, self.numbers = max(began, self.began), Counter()
            self.numbers[client] += cost
            return self.numbers[client]


WINDOWS: dict[str, Window] = {}


View = Callable[[HttpRequest], HttpResponse]


def throttle_programs(get_response: View) -> View:
    """Return middleware that counts requests of programs and refuses them with a problem."""
    return limited(get_response, ADDRESSES, refused_to_program)


def limited(
    get_response: View,
    addresses: Addresses,
    refused: Callable[[HttpRequest, TooManyRequests], HttpResponse],
) -> View:
    """Return middleware that counts requests before they are answered, so failures count as well."""

    def answer(request: HttpRequest) -> HttpResponse:
        name = next((name for pattern, name in addresses if pattern.match(request.path_info)), None)
        if name is None:
            return get_response(request)
        try:
            charge(request, name)
        except TooManyRequests as refusal:
            response = refused(request, refusal)
        else:
            response = get_response(request)
        add_headers(response, request.rate_limits)  # type: ignore[attr-defined]
        return response

    return answer


def refused_to_program(request: HttpRequest, refusal: TooManyRequests) -> HttpResponse:
    return problem_response(refusal.problem)


def charge(request: HttpRequest, name: str) -> None:
    """Count the request against a limit, which the response reports. Raises TooManyRequests."""
    limit, is_exceeded = counted(request, name, LEAST_COST.get(name, 1))
    request.rate_limits = [*getattr(request, "rate_limits", ()), limit]  # type: ignore[attr-defined]
    if is_exceeded:
        raise TooManyRequests(limit)


def charge_for_features(request: HttpRequest, number: int) -> None:
    """Count the features of a response beyond LEAST_COST; only the next request is refused."""
    if (more := number - LEAST_COST["features"]) > 0:
        limit, _ = counted(request, "features", more)
        others = [each for each in getattr(request, "rate_limits", ()) if each.name != limit.name]
        request.rate_limits = [*others, limit]  # type: ignore[attr-defined]


def counted(request: HttpRequest, name: str, cost: int) -> tuple[Limit, bool]:
    """Return the state of a limit after this cost, and whether it is exceeded."""
    quota, seconds = settings.THROTTLES[name]
    window, passed = divmod(int(time.time()), seconds)
    number = WINDOWS.setdefault(name, Window()).count(throttle_key(request), window, cost)
    return Limit(name, quota, seconds, max(0, quota - number), seconds - passed), number > quota


def add_headers(response: HttpResponse, limits: list[Limit]) -> None:
    response.headers["RateLimit-Policy"] = ", ".join(
        f'"{each.name}";q={each.quota};w={each.window}' for each in limits
    )
    response.headers["RateLimit"] = ", ".join(
        f'"{each.name}";r={each.left};t={each.reset}' for each in limits
    )
    response.headers.setdefault("Access-Control-Expose-Headers", EXPOSED)
