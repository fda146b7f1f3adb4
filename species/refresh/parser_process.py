"""Parse and clean large pages in a second process, while this one waits for the database.

A page is two kinds of tasks for a pool of one process: opening it returns its head, and each
further task returns its next slice. The process starts with the first page that is large enough.
"""

import gc
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import count
from multiprocessing import get_context, parent_process
from threading import Lock, Thread
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from species.refresh.clean.clean_record import clean_slice
from species.refresh.clean.incoming import read_slices
from species.refresh.fetch.errors import DatasetFault
from species.refresh.fetch.page_parser import PageRequest, read_page
from species.refresh.records import IncomingRecord

Result = TypeVar("Result")

MIN_BYTES = 1 << 20  # a smaller page is parsed and cleaned sooner in this process
OBJECTS_BETWEEN_COLLECTIONS = 50_000
MOST_OPEN_PAGES = 2  # one is being written, the next one is being fetched

_open_pages: dict[int, Iterator[list[IncomingRecord]]] = {}  # in the second process


class PageHead(NamedTuple):
    """The total that OBIS announces for the dataset; bytes, records and last id of one page."""

    total: int
    size: int
    records: int
    last_id: str | None


class ParserProcessEnded(DatasetFault):
    """The second process ended while it was needed; the next page starts another one."""

    def __init__(self) -> None:
        super().__init__("The process that prepares pages ended (killed, or out of memory).")


class ParserProcess:
    """A pool of one process. One thread may open a page while another takes slices of one."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._lock = Lock()
        self._numbers = count()
        self._is_closed = False

    def open_page(
        self, body: bytearray, request: PageRequest, *, keep: bool
    ) -> tuple[PageHead, Iterator[list[IncomingRecord]]]:
        """Return the head of a page and its slices of cleaned records; `keep` as in clean_record.

        Raises what read_page raises, and ParserProcessEnded.
        """
        number, pool = next(self._numbers), self._find_pool()
        opening = _submit(pool, _open_page, number, bytes(body), request, keep)
        body.clear()  # a page is tens of megabytes
        head = _wait_for(opening)
        return head, _take_slices(pool, number, _submit(pool, _read_slice, number))

    def close(self) -> None:
        """Let the process end after the task that it is at; waiting tasks are cancelled."""
        with self._lock:
            self._is_closed = True
            if self._pool:
                self._pool.shutdown(wait=False, cancel_futures=True)

    def _find_pool(self) -> ProcessPoolExecutor:
        """Return the pool if its process is alive, or another one. Raises ParserProcessEnded."""
        pool = self._pool
        if pool:
            try:
                _wait_for(_submit(pool, os.getpid))
            except ParserProcessEnded:
                pool = None
        with self._lock:
            if self._is_closed:
                raise ParserProcessEnded
            if pool is None:
                self._pool = pool = _start_pool()
            return pool


def _submit(
    pool: ProcessPoolExecutor, act: Callable[..., Result], *arguments: Any
) -> "Future[Result]":
    try:
        return pool.submit(act, *arguments)
    except RuntimeError as error:  # the pool is broken or closed
        raise ParserProcessEnded from error


def _wait_for(future: "Future[Result]") -> Result:
    try:
        return future.result()
    except (BrokenProcessPool, CancelledError) as error:
        raise ParserProcessEnded from error


def _take_slices(
    pool: ProcessPoolExecutor, number: int, coming: "Future[list[IncomingRecord]]"
) -> Iterator[list[IncomingRecord]]:
    """Yield the slices of a page; one is made while the one before it is written."""
    while records := _wait_for(coming):
        coming = _submit(pool, _read_slice, number)
        yield records


def _start_pool() -> ProcessPoolExecutor:
    # A forked process would inherit the connection to the database and our signal handlers.
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_set_up_process)


def _set_up_process() -> None:
    """Prepare the second process: Ctrl-C is for its parent, and it ends with its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)


def _end_with_parent() -> None:
    if parent := parent_process():
        parent.join()
        os._exit(0)


def _open_page(number: int, body: bytes, request: PageRequest, keep: bool) -> PageHead:
    page = read_page(body, request)
    slices = read_slices(page, UUID(str(request.dataset)))
    while len(_open_pages) >= MOST_OPEN_PAGES:  # given up by the other process
        del _open_pages[next(iter(_open_pages))]
    _open_pages[number] = (clean_slice(records, keep=keep) for records in slices)
    return PageHead(page.total, page.bytes, page.count, page.last_id)


def _read_slice(number: int) -> list[IncomingRecord]:
    """Return the next slice of an open page; an empty list at its end."""
    records = next(_open_pages[number], [])
    if not records:
        del _open_pages[number]
    return records
