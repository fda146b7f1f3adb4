"""Lanes: limits on concurrent downloads and demanding queries, across worker processes.

A place in a lane is a lock (flock) on a file. The kernel releases it when its process ends, however
that happens, and taking it needs no query, so lanes work while the database is down.

A worker has THREADS (config/server/granian_server.py). In the worst case these are busy with all
places of all lanes, `WAITING` and `READERS_WAITING` requests that wait for one, and `BODIES` forms
and files, which may wait for a mail server. The remaining threads serve pages and /healthz.
"""

import fcntl
import logging
import os
import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Condition, Lock
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from config.http.tracking import TRACKING
from config.http.unavailable import Unavailable, unavailable

PATIENCE_SECONDS, POLL_SECONDS = 2.0, 0.02  # how long a query waits for a place
WAITING = BoundedSemaphore(8)
# Programs that read a collection page by page are not refused midway for others' sake: ogrinfo and
# R print a warning at most, and R fills the records it did not get with missing values. They have
# places of their own, and wait longer.
READER_PATIENCE_SECONDS = 20.0
READERS_WAITING = BoundedSemaphore(2)
ITEMS = re.compile(r"/ogc/collections/[^/]+/items/?$")
BODIES = BoundedSemaphore(6)
MAKING = Lock()  # of downloads: a worker makes one piece at a time ...
PAGES_FIRST_SECONDS = 3.0  # ... and lets requests under way end before it, for so long
# Where queries read observations, and which parameters densities and covering indexes answer at
# once. Any other one may mean a search.
OBSERVATIONS = (
    "/tiles/",
    "/api/v1/observations/",
    "/ogc/collections/",
    "/observations/",
    "/summary/",
    "/absences/",
)
QUICK = {
    *("taxon", "q", "from", "to", "dateMatch", "months", "depth", "depthMatch", "dataset"),
    *("limit", "after", "format", "f", "v", "map", "language"),
}
BUSY = _("The portal is busy with other searches. Try again in a few seconds.")
log = logging.getLogger(__name__)


class LaneFull(Unavailable):
    """All places of a lane are taken."""

    reasons = {
        "downloads": _("Too many downloads are being prepared right now. Try again in a minute."),
        "queries": BUSY,
        "readers": BUSY,
        "bodies": _("Too many forms and files are arriving right now. Try again in a few seconds."),
    }

    def __init__(self, lane: str) -> None:
        super().__init__(self.reasons[lane], retry_after=60 if lane == "downloads" else 5)


class Requests:
    """The number of requests in progress in this worker, without downloads that have started."""

    def __init__(self) -> None:
        self.number, self.changed = 0, Condition()

    def __enter__(self) -> None:
        with self.changed:
            self.number += 1

    def __exit__(self, *error: Any) -> None:
        with self.changed:
            self.number -= 1
            self.changed.notify_all()

    def wait_for_none(self, seconds: float) -> None:
        with self.changed:
            self.changed.wait_for(lambda: not self.number, seconds)


UNDER_WAY = Requests()


class Place:
    """A place in a lane, until `leave` or the end of the process."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor: int | None = descriptor

    def leave(self) -> None:
        descriptor, self.descriptor = self.descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    __del__ = leave

    def __enter__(self) -> "Place":
        return self

    def __exit__(self, *error: Any) -> None:
        self.leave()


class Held:
    """An iterator that leaves its place at its end, or when its response is closed."""

    def __init__(self, pieces: Iterator[str], place: Place) -> None:
        self.pieces, self.place = pieces, place

    def __iter__(self) -> "Held":
        return self

    def __next__(self) -> str:
        try:
            with MAKING:
                UNDER_WAY.wait_for_none(PAGES_FIRST_SECONDS)
                return next(self.pieces)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        getattr(self.pieces, "close", lambda: None)()
        self.place.leave()


def take(lane: str, patience: float = 0, room: BoundedSemaphore = WAITING) -> Place:
    """Return a place. Raises LaneFull if none becomes free in time, or too many requests wait."""
    place = free_place(lane)
    if place is None and patience:
        with waiting(lane, room):
            end = time.monotonic() + patience
            while place is None and time.monotonic() < end:
                time.sleep(POLL_SECONDS)
                place = free_place(lane)
    if place is None:
        raise LaneFull(lane)
    return place


@contextmanager
def waiting(lane: str, room: BoundedSemaphore = WAITING) -> Iterator[None]:
    """Wait without a database connection. Raises LaneFull if too many requests wait already."""
    if not room.acquire(blocking=False):
        raise LaneFull(lane)
    try:
        if not connection.in_atomic_block:
            connection.close()
        yield
    finally:
        room.release()


def free_place(lane: str) -> Place | None:
    """Return a free place, or None. If no file can be locked, nothing is limited."""
    numbers = list(range(settings.LANES[lane]))
    random.shuffle(numbers)
    try:
        settings.LANE_FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
        for number in numbers:
            descriptor = os.open(
                settings.LANE_FOLDER / f"{lane}-{number}",
                os.O_RDWR | os.O_CREAT | os.O_CLOEXEC,
                0o600,
            )
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
            else:
                return Place(descriptor)
    except OSError:
        log.exception(
            "LANE_FOLDER (%s) cannot be used: downloads and queries are not bounded.",
            settings.LANE_FOLDER,
        )
        return Place(os.open(os.devnull, os.O_RDONLY))
    return None


def limit_concurrency(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Return middleware that limits requests with bodies and searches; 503 beyond the limits.

    It comes after the language middleware, and before anything that reads a body.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        with UNDER_WAY:
            return in_lane(request)

    def in_lane(request: HttpRequest) -> HttpResponse:
        try:
            if request.method not in {"GET", "HEAD", "OPTIONS"}:
                return with_body(request)
            if may_search(request):
                with place_for(request):
                    return get_response(request)
        except LaneFull as refusal:
            return unavailable(request, refusal)
        return get_response(request)

    def with_body(request: HttpRequest) -> HttpResponse:
        if not BODIES.acquire(blocking=False):
            with waiting("bodies"):
                if not BODIES.acquire(timeout=PATIENCE_SECONDS):
                    raise LaneFull("bodies")
        try:
            return get_response(request)
        finally:
            BODIES.release()

    return answer


def place_for(request: HttpRequest) -> Place:
    """Return a place for a request that may search. Raises LaneFull."""
    if ITEMS.match(request.path_info) and request.GET.keys() & {"after", "before"}:
        return free_place("queries") or take("readers", READER_PATIENCE_SECONDS, READERS_WAITING)
    return take("queries", PATIENCE_SECONDS)


def may_search(request: HttpRequest) -> bool:
    """Return whether the request filters observations by a parameter without densities.

    Tracking parameters do not count: pages drop them, and APIs refuse them without a query.
    """
    is_about_observations = request.path_info == "/" or request.path_info.startswith(OBSERVATIONS)
    return is_about_observations and any(
        name not in QUICK and not TRACKING.fullmatch(name) for name in request.GET
    )
