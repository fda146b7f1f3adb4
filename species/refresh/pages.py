"""Read one page of occurrences out of a body, and refuse what is no step forward within the dataset asked for."""

from collections.abc import Mapping
from typing import Any

from species.refresh.envelope import Page, Text, read_envelope
from species.refresh.faults import FEW_RETRIES, Unusable, printable
from species.refresh.text import read_total


class NotFoundTerms(Exception):
    """The `..._NOT_FOUND` codes of an answer, before it is known which terms they mean."""

    def __init__(self, codes: tuple[str, ...]):
        super().__init__(codes)
        self.codes = codes


def read_page(body: Text, dataset_uuid: str | None, after: str | None) -> Page:
    """The page after the id `after`. Raises Unusable, NotFoundTerms."""
    walked = _Walked(dataset_uuid, after)
    envelope, pieces, text = read_envelope(body, walked.take)
    return Page(total_of(envelope), len(body), walked.count, walked.last_id, pieces, text)


def total_of(envelope: Mapping[str, Any]) -> int:
    """The announced total, once the envelope is known to be a true answer. Raises Unusable, NotFoundTerms.

    OBIS reports trouble inside a 200: a list `error` beside (some) results.
    """
    if error := envelope.get("error"):
        codes = tuple(str(code) for code in (error if isinstance(error, list) else [error]))
        if all(code.endswith("_NOT_FOUND") for code in codes):
            raise NotFoundTerms(codes)
        raise Unusable("an error inside the answer: " + printable(", ".join(codes)))
    total = read_total(envelope.get("total"))
    if total is None:
        raise Unusable("JSON that is no answer of OBIS (no total)", retries=FEW_RETRIES)
    return total


class _Walked:
    """How far a page goes; each piece must be a step forward within the dataset. `take` raises Unusable.

    A service that ignores `after` would be walked for ever, one that ignores `datasetid` would withdraw records.
    """

    def __init__(self, dataset_uuid: str | None, after: str | None):
        self.dataset_uuid, self.after = dataset_uuid, after
        self.count = 0
        self.last_id: str | None = None

    def take(self, records: list[dict]) -> None:
        if self.dataset_uuid and any(record.get("dataset_id") != self.dataset_uuid for record in records):
            raise Unusable("records of another dataset than was asked for", retries=FEW_RETRIES)
        last = records[-1].get("id")
        if not isinstance(last, str) or not last:
            raise Unusable("records without an id", retries=FEW_RETRIES)
        if self.after and last <= self.after:
            raise Unusable("a page that does not go on after the last one", retries=FEW_RETRIES)
        self.count, self.last_id = self.count + len(records), last
