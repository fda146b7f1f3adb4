"""Reads requests for items: OGC's parameters and filters become one ObservationFilter."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from species.errors import InvalidQuery
from species.filters import ObservationFilter
from species.filters.queryables import BY_FILTER, Queryable, QueryDraft, filter_error
from species.ogc import cql2
from species.ogc.queryables import query_parameters
from species.parsing.query import read_limit, read_parameter, refuse_unknown
from species.taxon_names.identifiers import is_number

FILTER_LANGUAGE = "cql2-text"
ITEMS_PARAMETERS = ("limit", "bbox", "datetime", "filter", "filter-lang", "after", "before", "f")
# GDAL writes a day with the T of a time and no time.
INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}(T(\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?)?",
    re.ASCII | re.IGNORECASE,
)
OPEN = {"", ".."}
MAX_TIMES = 10  # `datetime` in one request


@dataclass(frozen=True)
class ItemsQuery:
    """Which features, after or before which cursor, and how many at most."""

    selection: ObservationFilter
    limit: int
    after: str
    before: str


def read_items_query(request: HttpRequest, queryables: dict[str, Queryable]) -> ItemsQuery:
    """Return the query of a request. Raises InvalidQuery with the request's invalid parameters."""
    refuse_unknown(request.GET, *ITEMS_PARAMETERS, *query_parameters(queryables))
    draft = QueryDraft()
    add_bbox(draft, request)
    has_times = add_times(draft, request)
    add_properties(draft, request, queryables)
    add_filter(draft, request, queryables)
    if has_times:
        draft.allow_overlap("datetime")
    after, before = read_parameter(request.GET, "after"), read_parameter(request.GET, "before")
    if after and before:
        raise InvalidQuery({"before": "Use either after or before."})
    return ItemsQuery(filter_from(draft), read_limit(request.GET, clip=True), after, before)


def add_bbox(draft: QueryDraft, request: HttpRequest) -> None:
    if box := read_parameter(request.GET, "bbox"):
        numbers = box.split(",")
        if len(numbers) == 6:  # with heights, which no place here has
            box = ",".join(numbers[:2] + numbers[3:5])
        draft.set("bbox", "bbox", box)


def add_times(draft: QueryDraft, request: HttpRequest) -> bool:
    """Return whether `datetime` limits the days.

    Given several times, as GDAL does, records must overlap all of them.
    """
    texts = [text for text in request.GET.getlist("datetime") if text]
    if len(texts) > MAX_TIMES:
        raise InvalidQuery({"datetime": f"Use it at most {MAX_TIMES} times."})
    spans = [read_datetime(text) for text in texts]
    for first, last in spans:
        draft.limit_days("datetime", first, last)
    return any(first or last for first, last in spans)


def add_properties(
    draft: QueryDraft, request: HttpRequest, queryables: dict[str, Queryable]
) -> None:
    """Add the properties that are given as query parameters."""
    for name, queryable in query_parameters(queryables).items():
        # Numbers first: four digits after a name are the year of its authorship.
        values = sorted(request.GET.getlist(name), key=lambda value: not is_number(value))
        if given := ",".join(values):
            draft.set(name, queryable.parameter, given)
            for parameter, value in queryable.also.items():
                draft.set(name, parameter, value)


def read_datetime(text: str) -> tuple[str, str]:
    """Return the first and the last day of an instant or an interval, "" where it is open.

    Days are the provider's own, whatever the time zone.
    """
    first, slash, last = text.partition("/")
    days = day_of(first), day_of(last if slash else first)
    if not slash and first in OPEN:
        raise InvalidQuery(
            {"datetime": "Enter a date or an interval, such as 2010-06-30 or 2010-01-01/.."}
        )
    if all(days) and days[0] > days[1]:
        raise InvalidQuery({"datetime": "The interval ends before it starts."})
    return days


def day_of(text: str) -> str:
    if text in OPEN:
        return ""
    try:
        if not INSTANT.fullmatch(text):
            raise ValueError
        return datetime.fromisoformat(text.upper().removesuffix("T")).date().isoformat()
    except ValueError:
        reason = (
            f"“{text[:40]}” is neither a day such as 2010-06-30"
            " nor a time such as 2010-06-30T12:00:00Z."
        )
        raise InvalidQuery({"datetime": reason}) from None


def add_filter(draft: QueryDraft, request: HttpRequest, queryables: dict[str, Queryable]) -> None:
    if read_parameter(request.GET, "filter-lang") not in {"", FILTER_LANGUAGE}:
        raise InvalidQuery({"filter-lang": f"Only {FILTER_LANGUAGE} is supported."})
    texts = [text for text in request.GET.getlist("filter") if text.strip()]
    if len(texts) > 1:
        raise InvalidQuery({"filter": "Use this only once."})
    for condition in cql2.read_conditions(texts[0]) if texts else []:
        queryable = queryables.get(condition.property)
        if queryable is None:
            known = ", ".join(queryables)
            name = condition.property[:60]
            raise filter_error(f"There is no queryable “{name}”; there are {known}.")
        queryable.add_condition(draft, condition)


def filter_from(draft: QueryDraft) -> ObservationFilter:
    """Return the filter. Raises InvalidQuery with the request's own parameters."""
    try:
        selection = ObservationFilter.from_query(draft.query)
        selection.ordinal_ranges()  # raises for unknown names
    except InvalidQuery as error:
        reasons: dict[str, list[str]] = {}
        for parameter, reason in error.errors.items():
            name = draft.set_by.get(parameter, BY_FILTER)
            text = f"{parameter}: {reason}" if name == BY_FILTER else reason
            reasons.setdefault(name, []).append(text)
        raise InvalidQuery({name: " ".join(texts) for name, texts in reasons.items()}) from None
    return selection
