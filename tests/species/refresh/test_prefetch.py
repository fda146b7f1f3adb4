"""Pages are read ahead of the writer: the next of this dataset, and behind its end the first of the
next one.
"""

import time

import pytest

from species.refresh.parser_process import PageHead
from species.refresh.prefetch import FirstPage, NextDataset, PreparedPage, prefetch_pages

SECONDS_TO_COME = 10


def page(after: str | None) -> PreparedPage:
    """Two pages, a and b, and the empty one."""
    following = {None: "a", "a": "b", "b": None}[after]
    return PreparedPage(PageHead(2, 10, 1 if following else 0, following), [])


def comes(condition) -> bool:
    end = time.monotonic() + SECONDS_TO_COME
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
    return condition()


def ids(pages) -> list[str | None]:
    return [each.head.last_id for each in pages]


def test_pages_come_in_order_up_to_the_empty_one_or_the_bound():
    assert ids(prefetch_pages(page, None, None)) == ["a", "b", None]
    assert ids(prefetch_pages(page, "a", None)) == ["b", None]
    assert ids(prefetch_pages(page, None, 1)) == ["a"]


def test_a_first_page_that_was_read_before_is_not_read_again():
    asked = []

    def read(after):
        asked.append(after)
        return page(after)

    assert ids(prefetch_pages(read, None, None, first=page(None))) == ["a", "b", None]
    assert asked == ["a", "b"]


def test_the_next_dataset_is_begun_while_the_last_page_of_this_one_is_written():
    upcoming = NextDataset(lambda: FirstPage("2026-01-01", page(None)))
    pages = prefetch_pages(page, None, None, upcoming=upcoming)
    assert ids([next(pages)]) == ["a"]
    assert upcoming.opening is None
    assert ids([next(pages)]) == ["b"]
    assert comes(lambda: upcoming.opening and upcoming.opening.done())
    assert ids([upcoming.opening.result().page, *pages]) == ["a", None]


def test_a_dataset_whose_beginning_cannot_be_read_fails_when_its_turn_comes():
    def fails():
        raise OSError("no connection")

    upcoming = NextDataset(fails)
    assert ids(prefetch_pages(page, None, None, upcoming=upcoming)) == ["a", "b", None]
    with pytest.raises(OSError, match="no connection"):
        upcoming.opening.result()
