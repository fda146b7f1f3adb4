"""The log on the console. Refused requests are logged briefly and rarely, since anyone can cause
many.
"""

import logging
import time
from collections.abc import Callable
from copy import copy
from threading import Lock

MOST, SECONDS = 30, 60  # lines of refusals of one kind in so many seconds, from each process
LONGEST = 300  # characters of such a line


class Allowance:
    """The number of lines that one kind of refusal may still take."""

    def __init__(self) -> None:
        self.began, self.written, self.held_back = float("-inf"), 0, 0

    def grant(self, now: float) -> int | None:
        """Return the number of lines suppressed since the last window; None to suppress this one."""
        if now - self.began >= SECONDS:
            held_back, self.held_back = self.held_back, 0
            self.began, self.written = now, 1
            return held_back
        if self.written < MOST:
            self.written += 1
            return 0
        self.held_back += 1
        return None


class Console(logging.StreamHandler):
    """Write refusals as single-line warnings without a traceback, and only some of many."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.clock, self.allowances, self.allowing = clock, dict[str, Allowance](), Lock()

    def emit(self, record: logging.LogRecord) -> None:
        if not is_refusal(record):
            super().emit(record)
            return
        with self.allowing:
            held_back = self.allowances.setdefault(record.name, Allowance()).grant(self.clock())
        if held_back is not None:
            super().emit(shortened(record, held_back))


def is_refusal(record: logging.LogRecord) -> bool:
    """Return whether the record is about a request that was refused for its content."""
    if record.name == "django.request":
        return record.levelno < logging.ERROR
    return record.name.startswith("django.security")


def shortened(record: logging.LogRecord, held_back: int) -> logging.LogRecord:
    """Return the record as a warning of one short line."""
    short, text = copy(record), " ".join(record.getMessage().split())
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
    short.msg = f"{text} ({held_back} more such lines were left out before)" if held_back else text
    short.args, short.exc_info, short.exc_text, short.stack_info = (), None, None, None
    short.levelno, short.levelname = logging.WARNING, "WARNING"
    return short
