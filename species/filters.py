"""The one reader of query strings: what a visitor or client asks for, as an immutable value that
can say itself.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext as _

from species import phrases, printed, printed_dates, questions
from species.areas import MAX_CHARACTERS_STORED, Area, read_area
from species.asked_taxa import AskedTaxon, merged, taxa_called, taxa_mentioning
from species.errors import InvalidQuery
from species.models import Dataset, SavedArea, SavedSelection
from species.models.observation import MAXIMUM_DEPTH, MAXIMUM_UNCERTAINTY, MINIMUM_DEPTH
from species.questions import plain, upper_end_text
from species.ranges import Bbox, Circle, DepthRange, OrdinalRange, month_runs
from species.taxon_names import MAX_APHIA_ID, aphia_id_of, joined, split_names
from species.terms import FLAG_NAMES, BasisOfRecord, Evidence, IucnCategory, License, Source

# Named once and for ever: they stand in links that people keep.
PARAMETERS = (
    *(
        "taxon",
        "q",
        "bbox",
        "polygon",
        "near",
        "from",
        "to",
        "dateMatch",
        "months",
        "depth",
        "depthMatch",
        "evidence",
    ),
    *("basis", "dataset", "source", "licence", "iucn", "flag", "notFlag", "maxUncertainty"),
)
# Stands for all that a saved selection asks; what is given beside it takes the place of its own.
SELECTION = "selection"
# Parameters of pages, lists and the map that say nothing about which records are meant.
NOT_FILTERS = frozenset({"after", "map", "compare", "limit", "format"})
MATCHES = ("certain", "possible")
# possible, and records without a date match too: what OGC API - Features asks for
OR_UNDATED = "possibleOrUndated"
DATE_MATCHES = (*MATCHES, OR_UNDATED)
UNKNOWN = "unknown"  # of a depth or an uncertainty: those that have none
MAX_NAMES = 10  # of `taxon`; each is a look-up
HASH = re.compile(r"[0-9a-f]{20}", re.ASCII)  # of a saved area or selection


@dataclass(frozen=True)
class ObservationFilter:
    """Which observations are meant. Equal questions are equal values, whatever the order they were
    written in.

    Reading one asks nothing of the database, unless it names a saved selection; only `taxa`,
    `found`, `datasets`, `area`, `words()` and `matching()` do, once. Values of one parameter are
    alternatives; parameters add up.
    """

    taxon: tuple[str, ...] = ()
    q: str = ""
    bbox: Bbox | None = None
    date_from: date | None = None
    date_to: date | None = None
    date_unknown: bool = False
    date_match: str = "certain"
    depth: DepthRange | None = None
    depth_unknown: bool = False
    depth_match: str = "certain"
    evidence: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    dataset: tuple[UUID, ...] = ()
    source: tuple[str, ...] = ()
    licence: tuple[str, ...] = ()
    polygon: str = ""  # canonical WKT, or the hash of a saved area; what it means is `area`
    near: Circle | None = None
    months: tuple[int, ...] = ()
    iucn: tuple[str, ...] = ()
    flag: tuple[str, ...] = ()
    not_flag: tuple[str, ...] = ()
    max_uncertainty: float | None = None  # metres
    uncertainty_unknown: bool = False

    @classmethod
    def from_query(cls, query: QueryDict | Mapping[str, Any], also: Iterable[str] = ()) -> Self:
        """The question that a query string asks; `also` names parameters of the caller's own,
        passed over here.

        Raises InvalidQuery with every parameter at fault.
        """
        values = {name: values_of(query, name) for name in query}
        errors = refusals(values, also)
        values = expanded(values)
        fields = dict(UNASKED)
        for name in filter(values.get, READERS):
            try:
                read = READERS[name](values[name])
                if any(
                    fields[field] not in {UNASKED[field], value} for field, value in read.items()
                ):
                    raise ValueError(
                        _(
                            "Leave it out: “from” or “to” names both the first and the last day already."
                        )
                    )
                fields |= read
            except ValueError as error:
                errors.setdefault(name, str(error))
        first, last = fields.get("date_from"), fields.get("date_to")
        if last and fields["date_unknown"]:
            errors["to"] = _("Leave it out: records of an unknown date have no last day.")
        if first and last and first > last:
            errors["to"] = _("The last day, %(last)s, lies before the first, %(first)s.") % {
                "last": last,
                "first": first,
            }
        if errors:
            raise InvalidQuery(errors)
        if not (first or last or fields["months"]):
            del fields["date_match"]  # says nothing without a date
        if fields["depth"] is None:
            del fields["depth_match"]
        return cls(**fields)

    @cached_property
    def canonical(self) -> dict[str, str]:
        """Parameter: value, in the fixed order, without what says nothing; the same for equal
        questions.
        """
        depth = f"{plain(self.depth.low)},{upper_end_text(self.depth.high)}" if self.depth else ""
        told = {
            "taxon": joined(self.taxon),
            "q": self.q,
            "bbox": ",".join(map(plain, self.bbox)) if self.bbox else "",
            "polygon": self.polygon,
            "near": ",".join(map(plain, self.near)) if self.near else "",
            "from": UNKNOWN
            if self.date_unknown
            else self.date_from.isoformat()
            if self.date_from
            else "",
            "to": self.date_to.isoformat() if self.date_to else "",
            "dateMatch": self.date_match if self.date_match != MATCHES[0] else "",
            "months": ",".join(map(season, month_runs(self.months))),
            "depth": UNKNOWN if self.depth_unknown else depth,
            "depthMatch": self.depth_match if self.depth_match != MATCHES[0] else "",
            "evidence": ",".join(self.evidence),
            "basis": ",".join(basis or UNKNOWN for basis in self.basis),
            "dataset": ",".join(map(str, self.dataset)),
            "source": ",".join(self.source),
            "licence": ",".join(self.licence),
            "iucn": ",".join(category or UNKNOWN for category in self.iucn),
            "flag": ",".join(self.flag),
            "notFlag": ",".join(self.not_flag),
            "maxUncertainty": UNKNOWN if self.uncertainty_unknown else plain(self.max_uncertainty),
        }
        return {name: told[name] for name in PARAMETERS if told.get(name)}

    def query_string(self, **others: object) -> str:
        """The question as it stands in an address, without "?"; `others` are added (after=...,
        map=...).
        """
        return urlencode(
            self.canonical | {name: str(value) for name, value in others.items()}, safe=","
        )

    def digest(self) -> str:
        """20 hexadecimal digits that stand for the question: the same in every process and at every
        time.
        """
        canonical = json.dumps(self.canonical, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:20]

    @property
    def is_everything(self) -> bool:
        return not self.canonical

    def without(self, *parameters: str) -> Self:
        """The question that remains when these parameters are taken away."""
        fields = {field: value for name in parameters for field, value in READERS[name]([]).items()}
        fields = {"date_match": self.date_match, "depth_match": self.depth_match} | fields
        rest = replace(self, **fields)
        if not (rest.date_from or rest.date_to or rest.months):
            rest = replace(rest, date_match=MATCHES[0])
        return rest if rest.depth else replace(rest, depth_match=MATCHES[0])

    def within(self, area: Area) -> Self:
        """The same question of this area; one that is too long for an address must be saved to be
        found again.
        """
        return replace(self, polygon=area.wkt if area.fits_into_address else area.hash)

    def constrained(self) -> frozenset[str]:
        """The dimensions that the question narrows down, by the names in DIMENSIONS."""
        return frozenset(DIMENSIONS[name] for name in self.canonical if name in DIMENSIONS)

    @cached_property
    def taxa(self) -> tuple[AskedTaxon, ...]:
        """What `taxon` means here. Raises InvalidQuery for a name that nobody has."""
        return taxa_called(self.taxon)

    @cached_property
    def found(self) -> tuple[AskedTaxon, ...]:
        """The taxa whose names hold the text of `q`. Raises InvalidQuery when they are too many to
        tell apart.
        """
        return taxa_mentioning(self.q) if self.q else ()

    @cached_property
    def datasets(self) -> tuple[Dataset, ...]:
        """Those of `dataset` that are held, by title."""
        held = Dataset.objects.filter(uuid__in=self.dataset).order_by("title", "pk")
        return tuple(held.only("uuid", "title", "published_count"))

    @cached_property
    def area(self) -> Area | None:
        """What `polygon` means. Raises InvalidQuery for a saved area that is not held (any more)."""
        if not HASH.fullmatch(self.polygon):
            return Area(self.polygon) if self.polygon else None
        saved = SavedArea.objects.filter(hash=self.polygon).first()
        if saved is None:
            raise InvalidQuery(
                {"polygon": _("There is no saved area of this name; it may have expired.")}
            )
        # from before the points of joined parts were limited
        if len(saved.wkt) > MAX_CHARACTERS_STORED:
            raise InvalidQuery(
                {
                    "polygon": _(
                        "This saved area has too many points. Simplify it and upload it again."
                    )
                }
            )
        return saved.area

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
        return asked | (
            {"dataset__in": tuple(row.pk for row in self.datasets)} if self.dataset else {}
        )

    def phrases(self) -> list[tuple[str, str]]:
        """What is asked for as (parameter, words for people), one for each condition; nothing for
        everything.
        """
        return phrases.of(self)

    def words(self) -> str:
        """The whole question for people, such as "Mola mola, 2010-01-01 to 2019-12-31, June to
        August, 0 to 50 m".
        """
        return ", ".join(phrase for _, phrase in self.phrases()) or gettext("Everything")


def values_of(query: QueryDict | Mapping[str, Any], name: str) -> list[str]:
    """All values of a parameter as texts, from a query string or a plain mapping."""
    values = query.getlist(name) if isinstance(query, QueryDict) else query[name]
    return [str(value) for value in (values if isinstance(values, list | tuple) else [values])]


def refusals(values: Mapping[str, list[str]], also: Iterable[str]) -> dict[str, str]:
    """Parameters that do not exist (the first 20)."""
    unknown = [
        name
        for name in values
        if name not in READERS and name not in NOT_FILTERS | {SELECTION, *also}
    ]
    return {name[:60]: _("There is no such parameter.") for name in unknown[:20]}


def expanded(values: dict[str, list[str]]) -> dict[str, list[str]]:
    """The values with those of the saved selection that they name. Raises InvalidQuery when it is
    not held.
    """
    try:
        name = questions.one(values.get(SELECTION, [])).lower()
        if not name:
            return values
        saved = (
            SavedSelection.objects.live().filter(hash=name).first()
            if HASH.fullmatch(name)
            else None
        )
        if saved is None:
            raise ValueError(_("There is no saved selection of this name; it may have expired."))
    except ValueError as error:
        raise InvalidQuery({SELECTION: str(error)}) from None
    given = {name: texts for name, texts in values.items() if any(texts)}
    return {name: [text] for name, text in parse_qsl(saved.query)} | given


def read_taxon(values: list[str]) -> dict[str, Any]:
    asked = questions.distinct(values, split_names)
    numbers = {number for text in asked if (number := aphia_id_of(text)) is not None}
    if any(not 0 < number <= MAX_APHIA_ID for number in numbers):
        raise ValueError(
            _("AphiaIDs run from 1 to %(max_aphia_id)s.") % {"max_aphia_id": MAX_APHIA_ID}
        )
    names = [text for text in asked if aphia_id_of(text) is None]
    if len(names) > MAX_NAMES:
        raise ValueError(
            _("At most %(max_names)s names are allowed; AphiaIDs may be up to %(max_values)s.")
            % {"max_names": MAX_NAMES, "max_values": questions.MAX_VALUES}
        )
    return {"taxon": (*map(str, sorted(numbers)), *names)}


def read_text(values: list[str]) -> dict[str, Any]:
    text = questions.one(values)
    if len(text) == 1:
        raise ValueError(_("Please type at least two characters."))
    return {"q": text}


def read_first_day(values: list[str]) -> dict[str, Any]:
    """The first day, and of a range such as "2010 to 2019" the last day too."""
    text = questions.typed(values)
    if text.lower() == UNKNOWN or printed.is_printed(printed.NO_DATE, text):
        return {"date_from": None, "date_unknown": True}
    period = questions.period(values)
    if period and not period.first:
        raise ValueError(_("Give the last day as “to”."))
    is_range = period and not printed_dates.is_single(text) and period.last
    return {
        "date_from": period and period.first,
        "date_unknown": False,
        **({"date_to": period.last} if period and is_range else {}),
    }


def read_last_day(values: list[str]) -> dict[str, Any]:
    """The last day, and of a range such as "2010 to 2019" the first day too."""
    period = questions.period(values)
    if period and not period.last:
        raise ValueError(_("Give the first day as “from”."))
    is_range = period and not printed_dates.is_single(questions.typed(values)) and period.first
    return {
        "date_to": period and period.last,
        **({"date_from": period.first} if period and is_range else {}),
    }


def read_depth(values: list[str]) -> dict[str, Any]:
    text = questions.typed(values)
    if text.lower() == UNKNOWN or printed.is_printed(printed.NO_DEPTH, text):
        return {"depth": None, "depth_unknown": True}
    return {"depth": questions.span(values, MINIMUM_DEPTH, MAXIMUM_DEPTH), "depth_unknown": False}


def read_polygon(values: list[str]) -> dict[str, Any]:
    found = {text for value in values if (text := value.strip())}
    if len(found) > 1:
        raise ValueError(_("Give it once."))
    text = found.pop() if found else ""
    return {
        "polygon": text.lower()
        if HASH.fullmatch(text.lower())
        else read_area(text).wkt
        if text
        else ""
    }


def read_flags(values: list[str]) -> tuple[str, ...]:
    names = {text.upper() for text in questions.several(values)}
    if unknown := sorted(names.difference(FLAG_NAMES)):
        raise ValueError(
            _("“%(unknown)s” is no flag of OBIS nor a finding; /data/rules/ names them all.")
            % {"unknown": unknown[0][:60]}
        )
    return tuple(sorted(names))


def read_uncertainty(values: list[str]) -> dict[str, Any]:
    text = questions.typed(values)
    is_unknown = text.lower() == UNKNOWN or printed.is_printed(printed.NO_UNCERTAINTY, text)
    if not text or is_unknown:
        return {"max_uncertainty": None, "uncertainty_unknown": is_unknown}
    phrases = [
        (language, distance)
        for message in (printed.KNOWN_TO, printed.AROUND_POINT)
        for language, found in printed.filled_in(message, text)
        for distance in found.values()
    ]
    metres = questions.only(
        (questions.length(distance, language) for language, distance in phrases or [("", text)]),
        text,
    )
    if not 0 < metres <= MAXIMUM_UNCERTAINTY:
        raise ValueError(
            _("More than 0 and at most %(maximum_uncertainty)s m are allowed, or unknown.")
            % {"maximum_uncertainty": f"{MAXIMUM_UNCERTAINTY:,.0f}"}
        )
    return {"max_uncertainty": metres, "uncertainty_unknown": False}


READERS: dict[str, Callable[[list[str]], dict[str, Any]]] = {
    "taxon": read_taxon,
    "q": read_text,
    "bbox": lambda values: {"bbox": questions.bbox(values)},
    "polygon": read_polygon,
    "near": lambda values: {"near": questions.near(values)},
    "from": read_first_day,
    "to": read_last_day,
    "dateMatch": lambda values: {"date_match": questions.one_of(values, DATE_MATCHES)},
    "months": lambda values: {"months": questions.months(values)},
    "depth": read_depth,
    "depthMatch": lambda values: {"depth_match": questions.one_of(values, MATCHES)},
    "evidence": lambda values: {"evidence": questions.chosen(values, Evidence.values)},
    "basis": lambda values: {"basis": questions.chosen(values, BasisOfRecord.values)},
    "dataset": lambda values: {"dataset": questions.uuids(values)},
    "source": lambda values: {"source": questions.chosen(values, Source.values)},
    "licence": lambda values: {"licence": questions.chosen(values, License.values)},
    "iucn": lambda values: {"iucn": questions.chosen(values, IucnCategory.values)},
    "flag": lambda values: {"flag": read_flags(values)},
    "notFlag": lambda values: {"not_flag": read_flags(values)},
    "maxUncertainty": read_uncertainty,
}
UNASKED = {field: value for read in READERS.values() for field, value in read([]).items()}
# What each parameter narrows down, for whoever has to choose a way to the answer (`species.atlas`).
DIMENSIONS = {
    **{"taxon": "taxon", "q": "taxon", "bbox": "bbox", "polygon": "polygon", "near": "near"},
    **{"from": "dates", "to": "dates", "months": "months", "depth": "depth"},
    **{name: name for name in ("evidence", "basis", "dataset", "source", "licence", "iucn")},
    **{"flag": "flags", "notFlag": "flags", "maxUncertainty": "uncertainty"},
}


def season(months: tuple[int, int]) -> str:
    first, last = months
    return f"{first}" if first == last else f"{first}-{last}"
