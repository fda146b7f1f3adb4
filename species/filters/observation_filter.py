"""The filter on observations: from a query string to its text, its words and its rows."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from species.areas import Area
from species.errors import InvalidQuery
from species.filters.parameters import PARAMETERS
from species.filters.taxon import ordinal_ranges
from species.filters.values import SAVED_HASH, FilterValues
from species.models import SavedSelection
from species.models.observation_queries import ObservationQuerySet
from species.parsing.texts import single_text
from species.ranges import OrdinalRange

Query = QueryDict | Mapping[str, Any]

# All conditions of a saved search; those given beside it replace its own.
SELECTION = "selection"
# Parameters of pages, lists and the map that do not select records.
NOT_FILTERS = frozenset({"after", "map", "compare", "limit", "format"})
MAX_UNKNOWN_NAMED = 20

EMPTY = {
    field: value
    for parameter in PARAMETERS.values()
    for field, value in parameter.parse([]).items()
}


class ObservationFilter(FilterValues):
    """Conditions on observations, immutable and equal whatever order they were written in.

    Reading one needs no query unless it names a saved search; `taxa`, `found`, `datasets`,
    `area`, `words()` and `apply()` run theirs once.
    """

    def __init__(self, **values: Any) -> None:
        if unknown := values.keys() - EMPTY.keys():
            raise TypeError(f"There is no attribute {min(unknown)}.")
        self.__dict__.update(without_idle_qualifiers(EMPTY | values))

    @classmethod
    def from_query(cls, query: Query, also: Iterable[str] = ()) -> Self:
        """Return the filter of a query string; `also` names parameters of the caller's own.

        Raises InvalidQuery with every invalid parameter.
        """
        texts = {name: texts_of(query, name) for name in query}
        errors = dict.fromkeys(unknown_names(texts, also), _("Unknown parameter."))
        return cls(**parse_values(with_saved_search(texts), errors))

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("A filter cannot be changed.")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ObservationFilter) and self.values == other.values

    def __hash__(self) -> int:
        return hash(tuple(self.values.items()))

    def __repr__(self) -> str:
        return f"ObservationFilter({self.query_string()!r})"

    @property
    def values(self) -> dict[str, Any]:
        return {field: getattr(self, field) for field in EMPTY}

    @cached_property
    def canonical(self) -> dict[str, str]:
        """Return the text of each parameter that is set, in fixed order."""
        texts = {name: parameter.format(self) for name, parameter in PARAMETERS.items()}
        return {name: text for name, text in texts.items() if text}

    def query_string(self, **others: object) -> str:
        """Return the canonical query string, without "?"; `others` are added."""
        added = {name: str(value) for name, value in others.items()}
        return urlencode(self.canonical | added, safe=",")

    def digest(self) -> str:
        """Return 20 hexadecimal digits, the same for equal filters in every process."""
        canonical = json.dumps(self.canonical, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:20]

    @property
    def is_everything(self) -> bool:
        return not self.canonical

    def without(self, *names: str) -> Self:
        """Return the filter without these parameters."""
        removed: dict[str, Any] = {}
        for name in names:
            removed |= PARAMETERS[name].parse([])
        return type(self)(**self.values | removed)

    def within(self, area: Area) -> Self:
        """Return the same filter in this area, which must be saved if too long for an address."""
        polygon = area.wkt if area.fits_into_address else area.hash
        return type(self)(**self.values | {"polygon": polygon})

    def apply(self, rows: ObservationQuerySet) -> ObservationQuerySet:
        """Return the rows that meet all conditions.

        Raises InvalidQuery for unknown names and for saved areas that have expired.
        """
        for parameter in PARAMETERS.values():
            rows = parameter.apply(rows, self)
        return rows

    def ordinal_ranges(self) -> list[list[OrdinalRange]]:
        """Return the parts of the tree that records must be in, each a union of ranges.

        Raises InvalidQuery for unknown names.
        """
        taxa = ([self.taxa] if self.taxon else []) + ([self.found] if self.q else [])
        return [ordinal_ranges(some) for some in taxa]

    def phrases(self) -> list[tuple[str, str]]:
        """Return (parameter, words) of each condition."""
        in_order = sorted(PARAMETERS.values(), key=lambda parameter: parameter.words_order)
        found = ((parameter.name, parameter.describe(self)) for parameter in in_order)
        return [(name, words) for name, words in found if words]

    def words(self) -> str:
        """Return all conditions in words, such as "Mola mola, June to August, 0 to 50 m"."""
        return ", ".join(words for _name, words in self.phrases()) or _("All records")


def texts_of(query: Query, name: str) -> list[str]:
    values = query.getlist(name) if isinstance(query, QueryDict) else query[name]
    return [str(value) for value in (values if isinstance(values, list | tuple) else [values])]


def unknown_names(names: Iterable[str], also: Iterable[str]) -> list[str]:
    """Return the first names that are no parameters, shortened."""
    known = {*PARAMETERS, *NOT_FILTERS, SELECTION, *also}
    return [name[:60] for name in names if name not in known][:MAX_UNKNOWN_NAMED]


def with_saved_search(texts: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the texts with those of the saved search that they name.

    Raises InvalidQuery if it does not exist (any more).
    """
    try:
        name = single_text(texts.get(SELECTION, [])).lower()
        if not name:
            return texts
        live = SavedSelection.objects.live()
        saved = live.with_hash(name).first() if SAVED_HASH.fullmatch(name) else None
        if saved is None:
            reason = _("This saved search doesn't exist or has expired.")
            raise ValueError(reason)
    except ValueError as error:
        raise InvalidQuery({SELECTION: str(error)}) from None
    given = {name: values for name, values in texts.items() if any(values)}
    return {name: [text] for name, text in parse_qsl(saved.query)} | given


def parse_values(texts: Mapping[str, list[str]], errors: dict[str, str]) -> dict[str, Any]:
    """Return the attributes of a filter. Raises InvalidQuery with these errors and its own."""
    values = dict(EMPTY)
    for name, parameter in PARAMETERS.items():
        if not texts.get(name):
            continue
        try:
            parsed = parameter.parse(texts[name])
            if any(values[field] not in {EMPTY[field], value} for field, value in parsed.items()):
                reason = _("Leave this empty: the other date already has a start and an end.")
                raise ValueError(reason)
            values |= parsed
        except ValueError as error:
            errors.setdefault(name, str(error))
    for name, parameter in PARAMETERS.items():
        try:
            parameter.check(values)
        except ValueError as error:
            errors[name] = str(error)
    if errors:
        raise InvalidQuery(errors)
    return values


def without_idle_qualifiers(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values without those that qualify only conditions that are not set."""
    idle = {
        parameter.field
        for parameter in PARAMETERS.values()
        if parameter.qualifies and all(values[it] == EMPTY[it] for it in parameter.qualifies)
    }
    return {field: EMPTY[field] if field in idle else value for field, value in values.items()}
