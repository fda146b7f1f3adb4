"""Allow one refresh at a time, by an advisory lock that ends with the process."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

LOCK = 0x0B15_0B15  # a number that nothing else locks in this database
POLL_SECONDS = 5.0
LOCKED_STATUS = 75  # with which a command ends; EX_TEMPFAIL of sysexits.h: try again later


class Locked(Exception):  # an answer, not a fault
    """Another run has the lock."""


@contextmanager
def refresh_lock(wait_seconds: float = 0.0) -> Iterator[None]:
    """Acquire the lock; raise Locked if another run still has it after `wait_seconds`."""
    deadline = time.monotonic() + wait_seconds
    while not _try_lock():
        if time.monotonic() >= deadline:
            raise Locked
        time.sleep(min(POLL_SECONDS, max(0.0, deadline - time.monotonic())))
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def is_locked() -> bool:
    """Return whether any process has the lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = %s"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
            [LOCK],
        )
        return cursor.fetchone()[0]


def holds_lock() -> bool:
    """Return whether this connection has the lock; a new connection does not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = %s"
            " AND pid = pg_backend_pid())",
            [LOCK],
        )
        return cursor.fetchone()[0]


def _try_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        return cursor.fetchone()[0]
