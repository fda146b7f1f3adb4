"""Parse a page of occurrences, and refuse one that is no step forward in its dataset."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from species.refresh.fetch.elements import Element, Text
from species.refresh.fetch.envelope import Page, read_envelope
from species.refresh.fetch.errors import FEW_RETRIES, UnusableAnswer, printable
from species.refresh.text import is_uuid, read_total


class NotFoundTerms(Exception):
    """The `..._NOT_FOUND` codes of an answer, before it is known which terms they mean."""

    def __init__(self, codes: tuple[str, ...]):
        super().__init__(codes)
        self.codes = codes


class PageRequest(NamedTuple):
    """The dataset (None: all), the id that the page follows, and the most records on it."""

    dataset: str | None
    after: str | None
    size: int


def read_page(body: Text, asked: PageRequest) -> Page:
    """Return the page in a body. Raises UnusableAnswer, NotFoundTerms."""
    walked = _Walked(asked)
    envelope, pieces, text = read_envelope(body, walked.take)
    total = total_of(envelope)
    walked.check()
    return Page(total, len(body), walked.count, walked.last_id, pieces, text)


def total_of(envelope: Mapping[str, Any]) -> int:
    """Return the announced total of a valid envelope. Raises UnusableAnswer, NotFoundTerms.

    OBIS reports errors with status 200, as a list `error` beside the results.
    """
    if error := envelope.get("error"):
        codes = tuple(str(code) for code in (error if isinstance(error, list) else [error]))
        if all(code.endswith("_NOT_FOUND") for code in codes):
            raise NotFoundTerms(codes)
        raise UnusableAnswer("an error inside the answer: " + printable(", ".join(codes)))
    total = read_total(envelope.get("total"))
    if total is None:
        raise UnusableAnswer("JSON that is no answer of OBIS (no total)", retries=FEW_RETRIES)
    return total


class _Walked:
    """The progress of a page. A service that ignores `after` would be read for ever.

    One that ignores `datasetid` would cause withdrawals.
    """

    def __init__(self, asked: PageRequest) -> None:
        self.asked = asked
        self.count = self.strangers = 0
        self.last_id: str | None = None
        self.ends_with_an_id = False

    def take(self, elements: list[Element]) -> None:
        """Count elements, and those of other datasets, and note the last usable id."""
        self.count += len(elements)
        if wanted := self.asked.dataset:
            others = [element for element in elements if element.get("dataset_id") != wanted]
            named = [str(element.get("dataset_id")).lower() for element in others]
            self.strangers += sum(name != wanted and is_uuid(name) for name in named)
        self.ends_with_an_id = self.goes_on_from(elements[-1])
        last = next(filter(self.goes_on_from, reversed(elements)), None)
        self.last_id = last.get("id") if last else self.last_id

    def goes_on_from(self, element: Element) -> bool:
        """Return whether the next page can follow this element."""
        last = element.get("id")
        return isinstance(last, str) and is_uuid(last) and last > (self.asked.after or "")

    def check(self) -> None:
        """Raise UnusableAnswer unless the page is a step forward, or the end, of its dataset."""
        if self.count > self.asked.size:
            raise UnusableAnswer(
                "more records than were asked for", retries=FEW_RETRIES, is_whole=True
            )
        if self.strangers * 2 > self.count:
            raise UnusableAnswer(
                "records of another dataset than was asked for", retries=FEW_RETRIES, is_whole=True
            )
        if self.count < self.asked.size and not self.ends_with_an_id:
            # a short page is the last one; the next request would repeat its end
            self.last_id = None
        elif self.last_id is None:
            raise UnusableAnswer(
                "a page that does not go on after the last one", retries=FEW_RETRIES, is_whole=True
            )
