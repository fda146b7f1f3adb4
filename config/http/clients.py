"""The client of the current request, whose departure cancels the request's queries."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock


class Client:
    """The client of one request. The server sets `has_left` and then calls `cancel`."""

    def __init__(self) -> None:
        self.has_left = False
        self.lock = Lock()
        self.cancel_work: Callable[[], None] | None = None

    @contextmanager
    def cancelling(self, cancel: Callable[[], None]) -> Iterator[None]:
        """Allow another thread to call `cancel` within the block, and never after it."""
        with self.lock:
            self.cancel_work = cancel
        try:
            yield
        finally:
            # which also waits for a cancellation under way: it must not hit the next request
            with self.lock:
                self.cancel_work = None

    def cancel(self) -> None:
        with self.lock:
            if self.cancel_work:
                self.cancel_work()
