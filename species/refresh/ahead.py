"""Fetch and prepare the next page while this one is written: upstream, processor and database work side by side."""

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

from species.refresh.envelope import WHOLE_BYTES, Page
from species.refresh.identity import Arrival, arrival


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page as OBIS sent it, and its records in slices, identified."""

    page: Page
    slices: Iterable[list[Arrival]]


def prepared(page: Page, dataset: UUID, *, clean: bool, keep: bool) -> ReadPage:
    """The page with its records hashed; where most are expected to be new also cleaned and packed (`keep`).

    A large page is prepared slice by slice when its turn comes, so that memory stays bounded.
    """
    slices = (prepare_slice(records, dataset, clean, keep) for records in page.slices())
    return ReadPage(page, slices if page.bytes > WHOLE_BYTES else list(slices))


def prepare_slice(records: list[dict], dataset: UUID, clean: bool, keep: bool) -> list[Arrival]:
    items = [arrival(raw, dataset) for raw in records]
    if clean:
        for item in items:
            item.clean()
            if keep:
                item.pack()
    return items


def pages_ahead(read: Callable[[str | None], ReadPage], after: str | None, most: int | None) -> Generator[ReadPage]:
    """Pages up to and including the empty one that ends a walk, at most so many; the next is read meanwhile.

    Close it (contextlib.closing): a page that is under way is then waited for by nobody.
    """
    pool = ThreadPoolExecutor(1, thread_name_prefix="next-page")
    try:
        coming = pool.submit(read, after)
        number = 0
        while True:
            current = coming.result()
            number += 1
            is_last = not len(current.page) or number == most
            if not is_last:
                coming = pool.submit(read, current.page.last_id)
            yield current
            if is_last:
                return
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
