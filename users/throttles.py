"""How log-ins are slowed: an account that is guessed at from everywhere answers later, and is never closed."""

import time
from hashlib import sha256

from django.core.cache import cache

WINDOW_SECONDS = 900
FREE_FAILURES = 10
SECONDS_PER_FAILURE = 0.05
MOST_SECONDS = 1.0


def slow_down(account: str, sleep=time.sleep) -> None:
    """Wait for as long as recent failures at this account ask for, whoever caused them: at most MOST_SECONDS."""
    failures = cache.get(key_of(account), 0) - FREE_FAILURES
    if failures > 0:
        sleep(min(MOST_SECONDS, failures * SECONDS_PER_FAILURE))


def count_failure(account: str) -> None:
    cache.add(key_of(account), 0, WINDOW_SECONDS)
    try:
        cache.incr(key_of(account))
    except ValueError:  # it has expired between the two lines
        cache.set(key_of(account), 1, WINDOW_SECONDS)


def key_of(account: str) -> str:
    return f"login-failures:{sha256(account.lower().encode()).hexdigest()}"
