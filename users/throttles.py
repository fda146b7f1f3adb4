"""How log-ins are throttled: a client that fails has to wait, alone; an account that many guess at
answers later.
"""

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
    """This client has failed too often; it may try again after `seconds`."""

    def __init__(self, seconds: int) -> None:
        minutes = ceil(seconds / 60)
        told = ngettext(
            "Too many failed tries from here. Try again in %(minutes)d minute.",
            "Too many failed tries from here. Try again in %(minutes)d minutes.",
            minutes,
        )
        super().__init__(told % {"minutes": minutes}, code="too_many_login_attempts")
        self.seconds = seconds


class Attempt(NamedTuple):
    """One try to prove to be somebody. It counts as a failure until it is said to have succeeded."""

    request: HttpRequest
    action: str
    key: str
    here: ratelimit.RateLimitUsage

    def succeeded(self) -> None:
        """The client's earlier failures at this account are forgotten, those at other accounts are
        not.
        """
        self.here.rollback()
        ratelimit.clear(self.request, app=APP, action=self.action, key=self.key)


def admit(request: HttpRequest, action: str, account: str) -> Attempt:
    """Count a try, then wait for as long as others' failures at the account ask for. Raises
    TooManyTries.

    `action` is "wrong_password" or "wrong_code". Who is refused waits for nothing, and so keeps no
    thread busy.
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
    """Whoever has just set a new password was proved to be the owner: wrong old ones from here
    count no more.
    """
    ratelimit.clear(
        request, app=APP, action="wrong_password", key=f"{throttle_key(request)} {email}"
    )


def seconds_until(request: HttpRequest, action: str, *, app: str = APP, **whose: Any) -> int:
    """In how many seconds whoever is refused now may do this again; 1 when nothing refuses them."""
    now, waits = time.time(), [1.0]
    for rate in ratelimit.get_rates(app=app, action=action):
        times = cache.get(
            ratelimit.get_cache_key(request, app=app, action=action, rate=rate, **whose), []
        )
        if len(times) >= rate.amount:
            waits.append(times[-1] + rate.duration - now)
    return ceil(max(waits))


def slow_down(account: str, sleep=time.sleep) -> None:
    """Wait for as long as recent failures at this account ask for, whoever caused them: at most
    MOST_SECONDS.
    """
    failures = cache.get(key_of(account), 0) - FREE_FAILURES
    if failures > 0:
        sleep(min(MOST_SECONDS, failures * SECONDS_PER_FAILURE))


def count_failure(account: str) -> int:
    """How many there are now."""
    failures = cache.get(key_of(account), 0) + 1
    cache.set(key_of(account), failures, WINDOW_SECONDS)
    return failures


def key_of(account: str) -> str:
    return f"login-failures:{sha256(account.lower().encode()).hexdigest()}"
