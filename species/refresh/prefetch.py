"""Fetch and prepare the next page while this one is written: upstream, processor and database work
side by side.

Behind the last page of a dataset comes the beginning of the next one, so that nobody waits between
two datasets.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from species.refresh.clean.incoming import Arrival, arrivals
from species.refresh.fetch.envelope import WHOLE_BYTES
from species.refresh.fetch.page_parser import PageRequest, read_page
from species.refresh.fetch.threads import start_thread
from species.refresh.parser_process import WORTH_BYTES, Job, PageHead, Workshop


@dataclass(frozen=True, slots=True)
class PreparedPage:
    """A page as OBIS sent it, and its records in slices, identified."""

    head: PageHead
    slices: Iterable[list[Arrival]]


@dataclass(frozen=True, slots=True)
class FirstPage:
    """How a walk begins: the dataset's state upstream and, read after it, the first page."""

    state: str
    page: PreparedPage


@dataclass(slots=True)
class NextDataset:
    """The next dataset: `read` asks for its opening; whoever met the end of the walk before it
    starts that.
    """

    read: Callable[[], FirstPage]
    opening: "Future[FirstPage] | None" = None

    def start(self) -> None:
        self.opening = self.opening or start_thread(self.read)


def prepare_page(
    body: bytearray, asked: PageRequest, *, clean: bool, keep: bool, shop: Workshop
) -> PreparedPage:
    """The page with its records hashed; where most are expected to be new also cleaned and packed
    (`keep`).

    What is much work is done in another process. A large page is prepared slice by slice when its
    turn comes, so that memory stays bounded. Raises what read_page raises.
    """
    if clean and len(body) > WORTH_BYTES:
        return PreparedPage(*shop.read(body, Job(asked, keep)))
    page = read_page(body, asked)
    slices = arrivals(page, UUID(str(asked.dataset)), clean=clean, keep=keep)
    head = PageHead(page.total, page.bytes, page.count, page.last_id)
    return PreparedPage(head, slices if page.bytes > WHOLE_BYTES else list(slices))


def prefetch_pages(
    read: Callable[[str | None], PreparedPage],
    after: str | None,
    most: int | None,
    first: PreparedPage | None = None,
    upcoming: NextDataset | None = None,
) -> Iterator[PreparedPage]:
    """Pages up to and including the empty one that ends a walk, at most so many; the next is read
    meanwhile.

    `first`: the first of them, where it was read before; `upcoming`: what is begun once the empty
    one is here.
    """

    def read_on(after: str | None) -> PreparedPage:
        page = read(after)
        if upcoming and not page.head.records:
            upcoming.start()
        return page

    current = first or start_thread(partial(read_on, after)).result()
    number = 1
    while current.head.records and number != most:
        # the last records have no ids that anything could come after
        if current.head.last_id is None:
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
