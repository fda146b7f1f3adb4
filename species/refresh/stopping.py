"""Let a process that is told to stop (SIGTERM, as `docker stop` and shutdowns send it) end in words, as with Ctrl-C."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType

TERMINATED_STATUS = 143  # as shells tell SIGTERM


class Terminated(SystemExit):
    """SIGTERM came. Where nobody catches it, the process ends with the status that shells give to that."""

    def __init__(self) -> None:
        super().__init__(TERMINATED_STATUS)

    def __str__(self) -> str:
        return "SIGTERM"


@contextmanager
def heeding_sigterm() -> Iterator[None]:
    """SIGTERM raises Terminated within; a second one ends the process at once."""
    if current_thread() is not main_thread():  # only there can Python take signals
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
