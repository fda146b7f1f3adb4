"""Run work in daemon threads, which never delay the end of the process."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

Made = TypeVar("Made")


def start_thread(act: Callable[[], Made], name: str = "next-page") -> "Future[Made]":
    """Return the future result of work in a daemon thread."""
    future: Future[Made] = Future()

    def work() -> None:
        try:
            future.set_result(act())
        except BaseException as error:
            future.set_exception(error)

    Thread(target=work, daemon=True, name=name).start()
    return future
