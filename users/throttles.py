"""Throttles of log-ins: a failing client must wait; an account under attack answers slowly."""

import time
from hashlib import sha256
from math import ceil
from typing import Any, NamedTuple

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import ngettext

from config.http.addresses import throttle_key

APP = "allauth.account"  # its settings hold the limits
WINDOW_SECONDS = 900  # after the last failure
FREE_FAILURES = 10
SECONDS_PER_FAILURE = 0.05
MOST_SECONDS = 1.0


class TooManyTries(ValidationError):
    """The client has failed too often, and may try again after `seconds`."""

    def __init__(self, seconds: int) -> None:
        minutes = ceil(seconds / 60)
        told = ngettext(
            "Too many failed attempts. Try again in %(minutes)d minute.",
            "Too many failed attempts. Try again in %(minutes)d minutes.",
            minutes,
        )
        super().__init__(told % {"minutes": minutes}, code="too_many_login_attempts")
        self.seconds = seconds


class Attempt(NamedTuple):
    """An attempt to log in, which counts as a failure until `succeeded` is called."""

    request: HttpRequest
    action: str
    key: str
    here: ratelimit.RateLimitUsage

    def succeeded(self) -> None:
        """Forget the client's failures with this account, but not those with others."""
        self.here.rollback()
        ratelimit.clear(self.request, app=APP, action=self.action, key=self.key)


def admit(request: HttpRequest, action: str, account: str) -> Attempt:
    """Count an attempt, then wait as long as recent failures with the account demand.

    `action` is "wrong_password" or "wrong_code". Raises TooManyTries without waiting, so that
    refused clients occupy no thread.
    """
    key = f"{throttle_key(request)} {account}"
    here = ratelimit.consume(request, app=APP, action="wrong_here")
    if here is None or not ratelimit.consume(request, app=APP, action=action, key=key):
        raise TooManyTries(
            max(seconds_until(request, "wrong_here"), seconds_until(request, action, key=key))
        )
    slow_down(account)
    return Attempt(request, action, key, here)


def forgive(request: HttpRequest, email: str) -> None:
    """Forget the client's wrong passwords for this address, after its owner has set a new one."""
    ratelimit.clear(
        request, app=APP, action="wrong_password", key=f"{throttle_key(request)} {email}"
    )


def seconds_until(request: HttpRequest, action: str, *, app: str = APP, **whose: Any) -> int:
    """Return the seconds until the action is allowed again, at least 1."""
    now, waits = time.time(), [1.0]
    for rate in ratelimit.get_rates(app=app, action=action):
        times = cache.get(
            ratelimit.get_cache_key(request, app=app, action=action, rate=rate, **whose), []
        )
        if len(times) >= rate.amount:
            waits.append(times[-1] + rate.duration - now)
    return ceil(max(waits))


def slow_down(account: str, sleep=time.sleep) -> None:
    """Wait for up to MOST_SECONDS, by the number of recent failures with the account."""
    failures = cache.get(key_of(account), 0) - FREE_FAILURES
    if failures > 0:
        sleep(min(MOST_SECONDS, failures * SECONDS_PER_FAILURE))


def count_failure(account: str) -> int:
    """Count a failure with the account and return their number."""
    failures = cache.get(key_of(account), 0) + 1
    cache.set(key_of(account), failures, WINDOW_SECONDS)
    return failures


def key_of(account: str) -> str:
    return f"login-failures:{sha256(account.lower().encode()).hexdigest()}"
