"""Fetch and prepare the next page while this one is written: upstream, processor and database work side by side."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Thread
from uuid import UUID

from species.refresh.arrivals import Arrival, arrivals
from species.refresh.envelope import WHOLE_BYTES
from species.refresh.pages import read_page
from species.refresh.workshop import WORTH_BYTES, Head, Job, Workshop


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page as OBIS sent it, and its records in slices, identified."""

    head: Head
    slices: Iterable[list[Arrival]]


def prepared(body: bytearray, dataset: UUID, after: str | None, *, clean: bool, keep: bool, shop: Workshop) -> ReadPage:
    """The page with its records hashed; where most are expected to be new also cleaned and packed (`keep`).

    What is much work is done in another process. A large page is prepared slice by slice when its turn comes, so that
    memory stays bounded. Raises what read_page raises.
    """
    if clean and len(body) > WORTH_BYTES:
        return ReadPage(*shop.read(body, Job(dataset, after, keep)))
    page = read_page(body, str(dataset), after)
    slices = arrivals(page, dataset, clean=clean, keep=keep)
    head = Head(page.total, page.bytes, page.count, page.last_id)
    return ReadPage(head, slices if page.bytes > WHOLE_BYTES else list(slices))


def pages_ahead(read: Callable[[str | None], ReadPage], after: str | None, most: int | None) -> Iterator[ReadPage]:
    """Pages up to and including the empty one that ends a walk, at most so many; the next is read meanwhile."""
    coming = started(read, after)
    number = 0
    while True:
        current = coming.result()
        number += 1
        is_last = not current.head.records or number == most
        if not is_last:
            coming = started(read, current.head.last_id)
        yield current
        if is_last:
            return


def started(read: Callable[[str | None], ReadPage], after: str | None) -> "Future[ReadPage]":
    """The page, read by a thread that nobody waits for when the run ends before it: an upstream may be silent long."""
    future: Future[ReadPage] = Future()

    def work() -> None:
        try:
            future.set_result(read(after))
        except BaseException as error:
            future.set_exception(error)

    Thread(target=work, daemon=True, name="next-page").start()
    return future
