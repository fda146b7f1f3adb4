"""End a process cleanly on SIGTERM (from `docker stop` and shutdowns) or Ctrl-C."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType

from django.db import connection

TERMINATED_STATUS = 143  # as shells report SIGTERM
PATIENCE_SECONDS = 5.0
SECONDS_BETWEEN_LOOKS = 0.05


class Terminated(SystemExit):
    """SIGTERM arrived; if uncaught, the process ends with the usual exit status."""

    def __init__(self) -> None:
        super().__init__(TERMINATED_STATUS)

    def __str__(self) -> str:
        return "SIGTERM"


@contextmanager
def handle_stop_signals() -> Iterator[None]:
    """Raise Terminated on SIGTERM and KeyboardInterrupt on SIGINT, between transactions.

    An exception inside a transaction can leave the connection unable to commit, unnoticed. A
    transaction gets PATIENCE_SECONDS to end; a second signal acts at once.
    """
    if current_thread() is not main_thread():  # only there can Python take signals
        yield
        return
    asked, asked_at = 0, 0.0

    def stop(number: int, _frame: FrameType | None) -> None:
        nonlocal asked, asked_at
        if number != signal.SIGALRM:
            asked, asked_at = number, time.monotonic()
            signal.signal(number, before[signal.Signals(number)])
        if is_in_transaction() and time.monotonic() < asked_at + PATIENCE_SECONDS:
            signal.setitimer(signal.ITIMER_REAL, SECONDS_BETWEEN_LOOKS)
            return
        raise Terminated if asked == signal.SIGTERM else KeyboardInterrupt

    before = {
        number: signal.signal(number, stop)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)
    }
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


def is_in_transaction() -> bool:
    """Return whether the connection has an open transaction."""
    return connection.in_atomic_block or (
        connection.connection is not None and not connection.autocommit
    )
