"""The one reader of query strings: what a visitor or client asks for, as an immutable value that can say itself."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict

from species import questions
from species.asked_taxa import AskedTaxon, is_number, merged, taxa_called, taxa_mentioning
from species.masking import mask
from species.models import Dataset
from species.models.observation import MAXIMUM_DEPTH, MINIMUM_DEPTH
from species.models.observation_queries import OrdinalRange
from species.models.terms import BasisOfRecord, Evidence, License, Source
from species.questions import BadQuestion, Bbox, Span

__all__ = ["NOT_FILTERS", "NOT_YET", "PARAMETERS", "AskedTaxon", "BadQuestion", "Bbox", "ObservationFilter", "Span"]

# Named once and for ever: they stand in links that people keep.
PARAMETERS = (
    *("taxon", "q", "bbox", "polygon", "near", "from", "to", "dateMatch", "months", "depth", "depthMatch", "evidence"),
    *("basis", "dataset", "source", "licence", "iucn", "flag", "notFlag", "maxUncertainty"),
)
NOT_YET = frozenset({"polygon", "near", "months", "iucn", "flag", "notFlag", "maxUncertainty"})
# Parameters of pages, lists and the map that say nothing about which records are meant.
NOT_FILTERS = frozenset({"after", "map", "limit", "format"})
MATCHES = ("certain", "possible")
UNKNOWN_DEPTH = "unknown"
MAX_NAMES = 10  # of `taxon`; each is a look-up
MAX_APHIA_ID = 2**31 - 1


@dataclass(frozen=True)
class ObservationFilter:
    """Which observations are meant. Equal questions are equal values, whatever the order they were written in.

    Reading one asks nothing of the database; only `taxa`, `found`, `datasets`, `words()` and `matching()` do, once.
    """

    taxon: tuple[str, ...] = ()
    q: str = ""
    bbox: Bbox | None = None
    date_from: date | None = None
    date_to: date | None = None
    date_match: str = "certain"
    depth: Span | None = None
    depth_unknown: bool = False
    depth_match: str = "certain"
    evidence: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    dataset: tuple[UUID, ...] = ()
    source: tuple[str, ...] = ()
    licence: tuple[str, ...] = ()

    @classmethod
    def from_query(cls, query: QueryDict | Mapping[str, Any], also: Iterable[str] = ()) -> Self:
        """The question that a query string asks; `also` names parameters of the caller's own, passed over here.

        Raises BadQuestion with every parameter at fault.
        """
        values = {name: values_of(query, name) for name in query}
        errors = refusals(values, also)
        fields: dict[str, Any] = {}
        for name, read in READERS.items():
            try:
                fields |= read(values.get(name, []))
            except ValueError as error:
                errors.setdefault(name, str(error))
        first, last = fields.get("date_from"), fields.get("date_to")
        if first and last and first > last:
            errors["to"] = f"The last day, {last}, lies before the first, {first}."
        if errors:
            raise BadQuestion(errors)
        if not (first or last):
            del fields["date_match"]  # says nothing without a date
        if fields["depth"] is None:
            del fields["depth_match"]
        return cls(**fields)

    @cached_property
    def canonical(self) -> dict[str, str]:
        """Parameter: value, in the fixed order, without what says nothing; the same for equal questions."""
        depth = UNKNOWN_DEPTH if self.depth_unknown else ",".join(map(plain, self.depth)) if self.depth else ""
        told = {
            "taxon": ",".join(self.taxon),
            "q": self.q,
            "bbox": ",".join(map(plain, self.bbox)) if self.bbox else "",
            "from": self.date_from.isoformat() if self.date_from else "",
            "to": self.date_to.isoformat() if self.date_to else "",
            "dateMatch": self.date_match if self.date_match != MATCHES[0] else "",
            "depth": depth,
            "depthMatch": self.depth_match if self.depth_match != MATCHES[0] else "",
            "evidence": ",".join(self.evidence),
            "basis": ",".join(basis or "unknown" for basis in self.basis),
            "dataset": ",".join(map(str, self.dataset)),
            "source": ",".join(self.source),
            "licence": ",".join(self.licence),
        }
        return {name: told[name] for name in PARAMETERS if told.get(name)}

    def query_string(self, **others: object) -> str:
        """The question as it stands in an address, without "?"; `others` are added (after=..., map=...)."""
        return urlencode(self.canonical | {name: str(value) for name, value in others.items()}, safe=",")

    def digest(self) -> str:
        """20 hexadecimal digits that stand for the question: the same in every process and at every time."""
        canonical = json.dumps(self.canonical, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:20]

    @property
    def is_everything(self) -> bool:
        return not self.canonical

    @cached_property
    def taxa(self) -> tuple[AskedTaxon, ...]:
        """What `taxon` means here. Raises BadQuestion for a name that nobody has."""
        return taxa_called(self.taxon)

    @cached_property
    def found(self) -> tuple[AskedTaxon, ...]:
        """The taxa whose names hold the text of `q`. Raises BadQuestion when they are too many to tell apart."""
        return taxa_mentioning(self.q) if self.q else ()

    @cached_property
    def datasets(self) -> tuple[Dataset, ...]:
        """Those of `dataset` that are held, by title."""
        return tuple(Dataset.objects.filter(uuid__in=self.dataset).only("uuid", "title").order_by("title", "pk"))

    def ordinal_ranges(self) -> list[list[OrdinalRange]]:
        """Parts of the tree that observations must lie in, all of them; each is a union of ranges."""
        asked = ([self.taxa] if self.taxon else []) + ([self.found] if self.q else [])
        return [merged(taxon.ordinals for taxon in taxa if taxon.ordinals) for taxa in asked]

    def closed_terms(self) -> dict[str, tuple]:
        """Conditions on columns with a closed vocabulary, as Django's look-ups."""
        terms = {
            "evidence__in": self.evidence,
            "basis_of_record__in": self.basis,
            "source__in": self.source,
            "license__in": self.licence,
        }
        asked = {lookup: values for lookup, values in terms.items() if values}
        # Ids instead of a join: only of ids does the planner know how many records a dataset has.
        return asked | ({"dataset__in": tuple(row.pk for row in self.datasets)} if self.dataset else {})

    def phrases(self) -> list[tuple[str, str]]:
        """What is asked for as (parameter, words for people), one for each condition; nothing for everything."""
        told = [("taxon", " or ".join(map(str, self.taxa))), ("q", f"names with “{self.q}”" if self.q else "")]
        if self.bbox:
            west, south, east, north = map(plain, self.bbox)
            told.append(("bbox", f"between {west}° and {east}° of longitude, {south}° and {north}° of latitude"))
        told.append(("from" if self.date_from else "to", self.date_words()))
        if self.depth or self.depth_unknown:
            told.append(("depth", self.depth_words()))
        for name, choices, values in (
            ("evidence", Evidence, self.evidence),
            ("basis", BasisOfRecord, self.basis),
            ("source", Source, self.source),
            ("licence", License, self.licence),
        ):
            told.append((name, " or ".join(str(choices(value).label) for value in values)))
        if self.dataset:
            titles = {row.uuid: mask(row.title) for row in self.datasets}
            told.append(("dataset", " or ".join(titles.get(uuid, f"dataset {uuid}") for uuid in self.dataset)))
        return [(name, phrase) for name, phrase in told if phrase]

    def words(self) -> str:
        """The whole question for people, such as "Mola mola, 2010-01-01 to 2019-12-31, 0 to 50 m"."""
        return ", ".join(phrase for _, phrase in self.phrases()) or "Everything"

    def date_words(self) -> str:
        if self.date_from and self.date_to:
            words = f"{self.date_from} to {self.date_to}"
        elif self.date_from or self.date_to:
            words = f"from {self.date_from} on" if self.date_from else f"until {self.date_to}"
        else:
            return ""
        return f"possibly {words}" if self.date_match == "possible" else words

    def depth_words(self) -> str:
        if self.depth is None:
            return "depth unknown"
        low, high = map(plain, self.depth)
        words = f"{low} to {high} m" if low and high else f"{low} m and deeper" if low else f"down to {high} m"
        return f"possibly {words}" if self.depth_match == "possible" else words


def values_of(query: QueryDict | Mapping[str, Any], name: str) -> list[str]:
    """All values of a parameter as texts, from a query string or a plain mapping."""
    values = query.getlist(name) if isinstance(query, QueryDict) else query[name]
    return [str(value) for value in (values if isinstance(values, list | tuple) else [values])]


def refusals(values: Mapping[str, list[str]], also: Iterable[str]) -> dict[str, str]:
    """Parameters that cannot be answered: those still to come, and those that do not exist (the first 20)."""
    errors = {name: "This filter is not supported yet." for name in sorted(NOT_YET) if any(values.get(name, []))}
    unknown = [name for name in values if name not in READERS and name not in NOT_YET | NOT_FILTERS | set(also)]
    return errors | {name[:60]: "There is no such parameter." for name in unknown[:20]}


def read_taxon(values: list[str]) -> dict[str, Any]:
    asked = questions.several(values)
    numbers = {int(text) for text in asked if is_number(text)}
    if any(not 0 < number <= MAX_APHIA_ID for number in numbers):
        raise ValueError(f"AphiaIDs run from 1 to {MAX_APHIA_ID}.")
    names = [text for text in asked if not is_number(text)]
    if len(names) > MAX_NAMES:
        raise ValueError(f"At most {MAX_NAMES} names are allowed; AphiaIDs may be up to {questions.MAX_VALUES}.")
    return {"taxon": (*map(str, sorted(numbers)), *names)}


def read_text(values: list[str]) -> dict[str, Any]:
    text = questions.one(values)
    if len(text) == 1:
        raise ValueError("Please type at least two characters.")
    return {"q": text}


def read_depth(values: list[str]) -> dict[str, Any]:
    if questions.one(values).lower() == UNKNOWN_DEPTH:
        return {"depth": None, "depth_unknown": True}
    return {"depth": questions.span(values, MINIMUM_DEPTH, MAXIMUM_DEPTH)}


READERS: dict[str, Callable[[list[str]], dict[str, Any]]] = {
    "taxon": read_taxon,
    "q": read_text,
    "bbox": lambda values: {"bbox": questions.bbox(values)},
    "from": lambda values: {"date_from": questions.day(values)},
    "to": lambda values: {"date_to": questions.day(values, last=True)},
    "dateMatch": lambda values: {"date_match": questions.one_of(values, MATCHES)},
    "depth": read_depth,
    "depthMatch": lambda values: {"depth_match": questions.one_of(values, MATCHES)},
    "evidence": lambda values: {"evidence": questions.chosen(values, Evidence.values)},
    "basis": lambda values: {"basis": questions.chosen(values, BasisOfRecord.values)},
    "dataset": lambda values: {"dataset": questions.uuids(values)},
    "source": lambda values: {"source": questions.chosen(values, Source.values)},
    "licence": lambda values: {"licence": questions.chosen(values, License.values)},
}


def plain(value: float | None) -> str:
    """A number as short as it goes without losing a bit of it; None is nothing."""
    return "" if value is None else repr(value).removesuffix(".0")
