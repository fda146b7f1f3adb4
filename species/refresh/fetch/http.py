"""Fetch JSON from an upstream service: pace, time limits, retries and error messages.

Faults that public services show in outages are retried with growing pauses: 429 (with its
Retry-After), 5xx, 400 (a few times, since it may be meant), dropped connections, silence, bodies
cut off, broken compression, HTML instead of JSON. What remains is an `UpstreamError` with a message
for people.
"""

import random
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from threading import Lock
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from species.refresh.fetch.errors import (
    FEW_RETRIES,
    BadAnswer,
    NotFound,
    UnusableAnswer,
    UpstreamError,
    printable,
)
from species.refresh.fetch.threads import start_thread

Answer = TypeVar("Answer")
Params = Iterable[tuple[str, str]]

CHUNK_BYTES = 1 << 16
# 10,000 records are 45 MB; a much larger body is a fault
MAX_BODY_BYTES = 192 << 20
# a read timeout restarts with each byte, so a dripping body needs its own end
MAX_BODY_SECONDS = 900.0
MAX_EXCHANGE_SECONDS = 960.0  # from looking up the address to the last byte, redirects included
MAX_REDIRECTS = 5
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 120.0
LONGEST_RETRY_AFTER_SECONDS = 600.0

_RETRIED_STATUSES = frozenset({408, 425, 429})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


def retry_after_seconds(value: str | None) -> float | None:
    """Return Retry-After (a number or an HTTP date) in seconds; None if missing, past or invalid."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            when = parsedate_to_datetime(value)
        except ValueError:
            return None
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        seconds = (when - datetime.now(UTC)).total_seconds()
    return min(seconds, LONGEST_RETRY_AFTER_SECONDS) if seconds > 0 else None


class JsonClient:
    """A polite client of one service; use it as a context manager.

    `pace` is the least time between two requests and `timeout` is (connect, read), in seconds.
    `on_retry(reason, pause)` is called before each of at most `retries` retries. Raises
    UpstreamError if `base_url` is no http(s) address.
    """

    service = "The service"
    most_bytes: int | None = None  # of an answer, where that is less than MAX_BODY_BYTES

    def __init__(
        self,
        base_url: str,
        *,
        pace: float = 0.0,
        contact: str = "",
        timeout: tuple[float, float] = (10, 60),
        retries: int = 6,
        sleep: Callable[[float], None] = time.sleep,
        on_retry: Callable[[str, float], None] | None = None,
    ):
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UpstreamError(
                f"{self.service}: {printable(base_url)!r} is not an http(s) address."
            )
        self.base_url = base_url.rstrip("/") + "/"
        self.pace, self.timeout, self.retries = pace, timeout, retries
        self.sleep, self.on_retry = sleep, on_retry
        self._next_start, self._pace = 0.0, Lock()
        self._session = requests.Session()
        agent = (
            "marine-species-tracker (" + (f"+{contact}; " if contact else "") + "python-requests)"
        )
        self._session.headers.update(
            {"User-Agent": agent, "Accept": "application/json", "Accept-Encoding": "gzip"}
        )

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def get(self, path: str, params: Params, read: Callable[[bytearray], Answer]) -> Answer | None:
        """Return `read(body)` of an address under the base address; None for status 204.

        `read` raises UnusableAnswer for a body that is worth another request. Raises UpstreamError,
        NotFound.
        """
        address, params = urljoin(self.base_url, path), tuple(params)
        for attempt in range(self.retries + 1):
            try:
                body = self._in_time(address, params)
                return None if body is None else read(body)
            except UnusableAnswer as trouble:
                allowed = (
                    self.retries if trouble.retries is None else min(trouble.retries, self.retries)
                )
                if attempt >= allowed:
                    tries = "once" if attempt == 0 else f"{attempt + 1} times"
                    fault = BadAnswer if trouble.is_whole else UpstreamError
                    raise fault(
                        f"{self.service} at {shown_address(address)}, asked {tries}: {trouble}"
                    ) from trouble
                pause = max(self._backoff(attempt), trouble.pause or 0.0)
                if self.on_retry:
                    self.on_retry(str(trouble), pause)
                self.sleep(pause)
        raise AssertionError("unreachable")

    def _backoff(self, attempt: int) -> float:
        """Return a pause that grows, with jitter so that portals do not retry in step."""
        pause = min(FIRST_PAUSE_SECONDS * 2**attempt, LONGEST_PAUSE_SECONDS)
        return pause * random.uniform(0.75, 1.25)  # noqa: S311 - a pause, not a secret

    def _keep_pace(self) -> None:
        with self._pace:
            wait = self._next_start - time.monotonic()
            if wait > 0:
                self.sleep(wait)
            self._next_start = time.monotonic() + self.pace

    def _in_time(self, address: str, params: Params) -> bytearray | None:
        """Return the body of one request; raise UnusableAnswer after MAX_EXCHANGE_SECONDS.

        The time limits of sockets restart with each byte, and looking up an address has none. So a
        thread makes the request, and is left behind when its time is up.
        """
        self._keep_pace()
        try:
            return start_thread(partial(self._body, address, params), "exchange").result(
                MAX_EXCHANGE_SECONDS
            )
        except TimeoutError as error:
            reason = f"the exchange did not end within {MAX_EXCHANGE_SECONDS:.0f} s"
            raise UnusableAnswer(reason, retries=FEW_RETRIES) from error

    def _body(self, address: str, params: Params) -> bytearray | None:
        """Return the body of one request after redirects within the host; None for 204.

        Raises UnusableAnswer, UpstreamError.
        """
        asked: Params | None = params
        for redirects in range(MAX_REDIRECTS + 1):
            if redirects:
                self._keep_pace()
            try:
                with self._session.get(
                    address, params=asked, timeout=self.timeout, stream=True, allow_redirects=False
                ) as response:
                    if response.status_code in _REDIRECTS:
                        address, asked = (
                            self._redirected(address, response.headers.get("Location", "")),
                            None,
                        )
                        continue
                    return self._checked(address, response)
            except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as error:
                raise UpstreamError(
                    f"{self.service}: {shown_address(address)} is not a usable address."
                ) from error
            except (
                requests.exceptions.RequestException,
                urllib3.exceptions.HTTPError,
                OSError,
            ) as error:
                raise UnusableAnswer(_plain(error)) from error
        raise UnusableAnswer(f"more than {MAX_REDIRECTS} redirects", retries=FEW_RETRIES)

    def _redirected(self, address: str, location: str) -> str:
        """Return the target of a redirect to the same host, not from https to http."""
        target = urljoin(address, location)
        old, new = urlsplit(address), urlsplit(target)
        schemes = ("https",) if old.scheme == "https" else ("http", "https")
        if not location or new.scheme not in schemes or new.hostname != old.hostname:
            raise UpstreamError(
                f"{self.service} at {shown_address(address)} sends us to another place"
                f" ({shown_address(target)}); not followed."
            )
        return target

    def _checked(self, address: str, response: requests.Response) -> bytearray | None:
        """Return the body of a response, or raise what its status means."""
        status = response.status_code
        if status == 204:
            return None
        if status == 200:
            return self._read(response)
        said = self._words(response)
        reason = f"status {status}" + (f", saying: {said}" if said else "")
        if status == 400:
            raise UnusableAnswer(reason, retries=FEW_RETRIES)
        if status >= 500 or status in _RETRIED_STATUSES:
            raise UnusableAnswer(
                reason, pause=retry_after_seconds(response.headers.get("Retry-After"))
            )
        kind = NotFound if status == 404 else UpstreamError
        raise kind(f"{self.service} at {shown_address(address)} answered {reason}")

    def _read(self, response: requests.Response) -> bytearray:
        """Return the decoded body within the limits; a body that was cut off raises in the library."""
        body, end = bytearray(), time.monotonic() + MAX_BODY_SECONDS
        most = self.most_bytes or MAX_BODY_BYTES
        for chunk in response.iter_content(CHUNK_BYTES):
            body += chunk
            if len(body) > most:
                limit = f"{most >> 20} MiB"
                raise UpstreamError(
                    f"{self.service}: an answer of more than {limit} was refused; ask for less at once."
                )
            if time.monotonic() > end:
                raise UnusableAnswer(f"the answer did not end within {MAX_BODY_SECONDS:.0f} s")
        return body

    @staticmethod
    def _words(response: requests.Response) -> str:
        """Return the start of an error's text, as far as it can be read."""
        try:
            start = next(response.iter_content(4096), b"")
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError):
            return ""
        return printable(start.decode("utf-8", "replace"))


def shown_address(address: str) -> str:
    """Return an address for a message, without credentials, query and control characters."""
    parts = urlsplit(address)
    port = f":{parts.port}" if parts.port else ""
    return printable(f"{parts.scheme}://{parts.hostname}{port}{parts.path}")


def _plain(error: Exception) -> str:
    """Return the reason of a transport error; the library's own text may contain the query."""
    match error:
        case requests.exceptions.ConnectTimeout():
            return "no connection within the time limit"
        case requests.exceptions.Timeout():
            return "no answer within the time limit"
        case requests.exceptions.SSLError():
            return "no secure connection (TLS failure)"
        case requests.exceptions.ContentDecodingError():
            return "the answer's compression is broken"
        case requests.exceptions.ChunkedEncodingError():
            return "the answer was cut off"
        case requests.exceptions.ConnectionError() if "timed out" in str(error).lower():
            return "the answer stopped in the middle"
        case requests.exceptions.ConnectionError():
            return "no connection, or it was dropped"
    return f"the connection failed ({type(error).__name__})"
