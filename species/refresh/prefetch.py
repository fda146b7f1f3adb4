"""Fetch and prepare the next page while this one is written, so that neither side waits.

After the last page of a dataset the first one of the next dataset is fetched.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from species.refresh.clean.clean_record import clean_slice
from species.refresh.clean.incoming import read_slices
from species.refresh.fetch.envelope import WHOLE_BYTES
from species.refresh.fetch.page_parser import PageRequest, read_page
from species.refresh.fetch.threads import start_thread
from species.refresh.parser_process import MIN_BYTES, PageHead, ParserProcess
from species.refresh.records import IncomingRecord


@dataclass(frozen=True, slots=True)
class PreparedPage:
    """A page of OBIS and its records in slices, each with its identity."""

    head: PageHead
    slices: Iterable[list[IncomingRecord]]


@dataclass(frozen=True, slots=True)
class FirstPage:
    """The first page of a dataset, and the dataset's state upstream just before."""

    state: str
    page: PreparedPage


@dataclass(slots=True)
class NextDataset:
    """The dataset that follows; `start` fetches its first page in a thread."""

    read: Callable[[], FirstPage]
    opening: "Future[FirstPage] | None" = None

    def start(self) -> None:
        self.opening = self.opening or start_thread(self.read)


def prepare_page(
    body: bytearray, request: PageRequest, *, clean: bool, keep: bool, parser: ParserProcess
) -> PreparedPage:
    """Return the page with its records identified, and cleaned if most must be new (`clean`).

    A large page that is to be cleaned is parsed in the other process. The slices of a large page
    are made one by one, so that memory stays bounded. Raises what read_page raises.
    """
    if clean and len(body) > MIN_BYTES:
        return PreparedPage(*parser.open_page(body, request, keep=keep))
    page = read_page(body, request)
    slices = read_slices(page, UUID(str(request.dataset)))
    if clean:
        slices = (clean_slice(records, keep=keep) for records in slices)
    head = PageHead(page.total, page.bytes, page.count, page.last_id)
    return PreparedPage(head, slices if page.bytes > WHOLE_BYTES else list(slices))


def prefetch_pages(
    read: Callable[[str | None], PreparedPage],
    after: str | None,
    most: int | None,
    first: PreparedPage | None = None,
    upcoming: NextDataset | None = None,
) -> Iterator[PreparedPage]:
    """Yield at most `most` pages, the last one empty at the end of the dataset.

    `first` is the first page if it was fetched before. `upcoming` starts once the empty page is
    here.
    """

    def read_on(after: str | None) -> PreparedPage:
        page = read(after)
        if upcoming and not page.head.records:
            upcoming.start()
        return page

    current = first or start_thread(partial(read_on, after)).result()
    number = 1
    while current.head.records and number != most:
        if current.head.last_id is None:  # no id to go on from: this was the last page
            yield current
            if upcoming:
                upcoming.start()
            current = PreparedPage(current.head._replace(records=0, size=0), ())
            break
        coming = start_thread(partial(read_on, current.head.last_id))
        yield current
        current = coming.result()
        number += 1
    yield current
