"""Read OBIS: pages of occurrences, counts, and the list of datasets."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from species.refresh.fetch.elements import Element
from species.refresh.fetch.envelope import Page, read_envelope
from species.refresh.fetch.errors import NotFound, UpstreamError, printable
from species.refresh.fetch.http import JsonClient
from species.refresh.fetch.page_parser import NotFoundTerms, PageRequest, read_page, total_of
from species.refresh.text import is_uuid

__all__ = ["MAX_PAGE_SIZE", "Obis", "Page", "UnknownTerm", "UpstreamError"]

Read = TypeVar("Read")

MAX_PAGE_SIZE = 10_000  # above, OBIS answers 400
DATASETS_PER_PAGE = 100
TERMS_ASKED_ALONE = 50

# Absences and dropped records are hidden by default, and would look withdrawn.
EVERYTHING = {"absence": "include", "dropped": "include"}


class UnknownTerm(Exception):
    """OBIS does not know these terms, such as "taxonid=1"; a retry would not help."""

    def __init__(self, terms: tuple[str, ...]):
        super().__init__("OBIS does not know " + ", ".join(printable(term) for term in terms) + ".")
        self.terms = terms


class Obis(JsonClient):
    """A client of the OBIS API v3; use it as a context manager.

    Every method raises UpstreamError if OBIS cannot be used, UnknownTerm for unknown search terms.
    Source: api.obis.org, iobis/robis.
    """

    service = "OBIS"
    unusable_datasets = 0  # that were listed, but are no objects or have no id

    def occurrences(
        self,
        dataset_uuid: str | None,
        *,
        after: str | None = None,
        size: int,
        scope: Mapping[str, str] | None = None,
        read: Callable[[bytearray, PageRequest], Read] = read_page,  # type: ignore[assignment]
    ) -> Read:
        """Return one page of at most `size` records with ids above `after`, in order of ids.

        `scope` has further parameters of OBIS (taxonid, geometry, startdate, enddate); without
        `dataset_uuid` it applies to all datasets. Absent and dropped records are included. `read`
        makes the page from the body and the request, as read_page does. An empty page is the end.
        """
        if not 1 <= size <= MAX_PAGE_SIZE:
            raise ValueError(f"A page has 1 to {MAX_PAGE_SIZE:,} records, not {size}.")
        params = (
            _question(dataset_uuid, scope)
            | {"size": str(size)}
            | ({"after": after} if after else {})
        )
        asked = PageRequest(dataset_uuid, after, size)
        return self._ask("occurrence", params, lambda body: read(body, asked))

    def count(self, dataset_uuid: str | None, scope: Mapping[str, str] | None = None) -> int:
        """Return the number of records that OBIS announces (approximate)."""
        params = _question(dataset_uuid, scope) | {"size": "0"}
        return self._ask("occurrence", params, _counted)

    def datasets(self, scope: Mapping[str, str] | None = None) -> Iterator[dict]:
        """Yield every dataset that OBIS lists in a scope, once; the announced total is not used."""
        seen: set[str] = set()
        skip, before = 0, None
        while True:
            params = dict(scope or {}) | {"size": str(DATASETS_PER_PAGE), "skip": str(skip)}
            page = self._ask("dataset", params, _listed)
            fresh = {row["id"]: row for row in page.datasets if row["id"] not in seen}
            if not page.elements or (not fresh and (page.datasets or page == before)):
                return  # the end, or a service that takes no notice of `skip`
            yield from fresh.values()
            seen.update(fresh)
            self.unusable_datasets += page.elements - len(page.datasets)
            skip, before = skip + page.elements, page

    def dataset(self, uuid: str) -> dict | None:
        """Return a dataset by its id; None if OBIS does not know it."""
        try:
            found = self._ask(f"dataset/{uuid}", {}, _listed)
        except (NotFound, UnknownTerm):
            return None
        return next((row for row in found.datasets if row["id"] == uuid), None)

    def _ask(self, path: str, params: Mapping[str, str], read) -> Any:
        try:
            answer = self.get(path, params.items(), read)
        except NotFoundTerms as refused:
            raise UnknownTerm(self._blamed(path, params) or refused.codes) from refused
        if answer is None:
            raise UpstreamError(
                f"{self.service} answered nothing (status 204) where it always answers a list."
            )
        return answer

    def _blamed(self, path: str, params: Mapping[str, str]) -> tuple[str, ...]:
        """Return the unknown terms as name=value.

        OBIS's error names only their kind, so each is requested alone.
        """
        asked = [key for key in ("taxonid", "scientificname") if params.get(key)] or ["datasetid"]
        terms = [(key, value) for key in asked for value in params.get(key, "").split(",") if value]
        if len(terms) == 1:
            return tuple(f"{key}={value}" for key, value in terms)
        blamed = []
        for key, value in terms[:TERMS_ASKED_ALONE]:
            try:
                self.get(path, {key: value, "size": "0"}.items(), _counted)
            except NotFoundTerms:
                blamed.append(f"{key}={value}")
        return tuple(blamed)


def _question(dataset_uuid: str | None, scope: Mapping[str, str] | None) -> dict[str, str]:
    return dict(scope or {}) | EVERYTHING | ({"datasetid": dataset_uuid} if dataset_uuid else {})


def _counted(body: bytearray) -> int:
    return total_of(read_envelope(body, lambda _: None)[0])


class _Listed(NamedTuple):
    """A page of the list of datasets: the number of elements, and the valid datasets."""

    elements: int
    datasets: list[dict]


def _listed(body: bytearray) -> _Listed:
    found: list[Element] = []
    envelope, _, _ = read_envelope(body, found.extend)
    total_of(envelope)
    return _Listed(
        len(found), [row for row in found if isinstance(row, dict) and is_uuid(row.get("id"))]
    )
