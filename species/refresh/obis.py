"""Read OBIS: occurrences of one dataset page by page, counts, and the list of datasets."""

from collections.abc import Iterator, Mapping
from typing import Any

from species.refresh.envelope import Page, read_envelope
from species.refresh.http import FEW_RETRIES, JsonClient, NotFound, Unusable, UpstreamError, printable
from species.refresh.text import read_total

__all__ = ["MAX_PAGE_SIZE", "Obis", "Page", "UnknownTerm", "UpstreamError"]

MAX_PAGE_SIZE = 10_000  # above, OBIS answers 400
DATASETS_PER_PAGE = 100
TERMS_ASKED_ALONE = 50

# Absences and dropped records are hidden unless asked for; without them they would look withdrawn.
EVERYTHING = {"absence": "include", "dropped": "include"}


class UnknownTerm(Exception):
    """OBIS does not know a term that was asked for; asking again will not help. `terms`: what it does not know."""

    def __init__(self, terms: tuple[str, ...]):
        super().__init__("OBIS does not know " + ", ".join(printable(term) for term in terms) + ".")
        self.terms = terms


class _NotFoundTerms(Exception):
    """The `..._NOT_FOUND` codes of an answer, before it is known which terms they mean."""

    def __init__(self, codes: tuple[str, ...]):
        super().__init__(*codes)
        self.codes = codes


class Obis(JsonClient):
    """A client of the OBIS API v3 (`base_url` such as https://api.obis.org/v3/). Use as a context manager.

    Every call raises UpstreamError when OBIS cannot be used, UnknownTerm when it does not know a term of the question.
    """

    service = "OBIS"

    def occurrences(
        self, dataset_uuid: str | None, *, after: str | None = None, size: int, scope: Mapping[str, str] | None = None
    ) -> Page:
        """ONE page of at most `size` records in ascending id, those after the id `after`; an empty one ends the walk.

        `scope` holds more of OBIS's parameters (taxonid, geometry, startdate, enddate); without `dataset_uuid` the
        walk is over all datasets in that scope. Absent and dropped records are included.
        """
        if not 1 <= size <= MAX_PAGE_SIZE:
            raise ValueError(f"A page has 1 to {MAX_PAGE_SIZE:,} records, not {size}.")
        params = _question(dataset_uuid, scope) | {"size": str(size)} | ({"after": after} if after else {})

        def read(body: bytearray) -> Page:
            walked = _Walked(dataset_uuid, after)
            envelope, pieces, text = read_envelope(body, walked.take)
            return Page(_total(envelope), len(body), walked.count, walked.last_id, pieces, text)

        return self._ask("occurrence", params, read)

    def count(self, dataset_uuid: str | None, scope: Mapping[str, str] | None = None) -> int:
        """How many records OBIS announces for a dataset within a scope (approximate, as OBIS says)."""
        params = _question(dataset_uuid, scope) | {"size": "0"}
        return self._ask("occurrence", params, _counted)

    def datasets(self, scope: Mapping[str, str] | None = None) -> Iterator[dict]:
        """Every dataset that OBIS lists within a scope, each once. The announced total is not relied on."""
        seen: set[str] = set()
        skip = 0
        while True:
            params = dict(scope or {}) | {"size": str(DATASETS_PER_PAGE), "skip": str(skip)}
            page = self._ask("dataset", params, _listed)
            fresh = {d["id"]: d for d in page if d["id"] not in seen}
            if not fresh:  # the end, or a service that takes no notice of `skip`
                return
            yield from fresh.values()
            seen.update(fresh)
            skip += len(page)

    def dataset(self, uuid: str) -> dict | None:
        """One dataset by its id; None when OBIS does not know it."""
        try:
            found = self._ask(f"dataset/{uuid}", {}, _listed)
        except (NotFound, UnknownTerm):
            return None
        return next((d for d in found if d["id"] == uuid), None)

    def _ask(self, path: str, params: Mapping[str, str], read) -> Any:
        try:
            answer = self.get(path, params.items(), read)
        except _NotFoundTerms as refused:
            raise UnknownTerm(self._blamed(path, params) or refused.codes) from refused
        if answer is None:
            raise UpstreamError(f"{self.service} answered nothing (status 204) where it always answers a list.")
        return answer

    def _blamed(self, path: str, params: Mapping[str, str]) -> tuple[str, ...]:
        """Which terms OBIS does not know, as name=value: its error names only their kind, so each is asked alone."""
        asked = [key for key in ("taxonid", "scientificname") if params.get(key)] or ["datasetid"]
        terms = [(key, value) for key in asked for value in params.get(key, "").split(",") if value]
        if len(terms) == 1:
            return tuple(f"{key}={value}" for key, value in terms)
        blamed = []
        for key, value in terms[:TERMS_ASKED_ALONE]:
            try:
                self.get(path, {key: value, "size": "0"}.items(), _counted)
            except _NotFoundTerms:
                blamed.append(f"{key}={value}")
        return tuple(blamed)


def _question(dataset_uuid: str | None, scope: Mapping[str, str] | None) -> dict[str, str]:
    return dict(scope or {}) | EVERYTHING | ({"datasetid": dataset_uuid} if dataset_uuid else {})


def _total(envelope: Mapping[str, Any]) -> int:
    """The announced total, once the envelope is known to be a true answer. Raises Unusable, _NotFoundTerms.

    OBIS reports trouble inside a 200: a list `error` beside (some) results.
    """
    if error := envelope.get("error"):
        codes = tuple(str(code) for code in (error if isinstance(error, list) else [error]))
        if all(code.endswith("_NOT_FOUND") for code in codes):
            raise _NotFoundTerms(codes)
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


def _counted(body: bytearray) -> int:
    return _total(read_envelope(body, lambda _: None)[0])


def _listed(body: bytearray) -> list[dict]:
    found: list[dict] = []
    envelope, _, _ = read_envelope(body, found.extend)
    _total(envelope)
    if not all(isinstance(dataset.get("id"), str) for dataset in found):
        raise Unusable("datasets without an id", retries=FEW_RETRIES)
    return found
