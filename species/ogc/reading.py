"""What a request for items asks: OGC's parameters and filters, translated into the portal's one
filter.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from species.errors import InvalidQuery
from species.filters import ObservationFilter
from species.ogc import cql2
from species.ogc.queryables import Asked, Queryable, parameters
from species.questions import one
from species.taxon_names import is_number

DEFAULT_LIMIT, MAX_LIMIT = 100, 1_000
FILTER_LANGUAGE = "cql2-text"
ITEMS_PARAMETERS = ("limit", "bbox", "datetime", "filter", "filter-lang", "after", "before", "f")
# A day may end in the T of a time that is not there: so GDAL writes it.
INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}(T(\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?)?",
    re.ASCII | re.IGNORECASE,
)
OPEN = {"", ".."}
MAX_TIMES = 10  # `datetime` in one request


@dataclass(frozen=True)
class Question:
    """Which features, from where on, and how many at most."""

    selection: ObservationFilter
    limit: int
    after: str
    before: str


def read(request: HttpRequest, queryables: dict[str, Queryable]) -> Question:
    """Raises InvalidQuery that names every parameter at fault, as the request spells it."""
    refuse_others(request, *ITEMS_PARAMETERS, *parameters(queryables))
    asked = Asked()
    put_place(asked, request)
    times = put_times(asked, request)
    for name, queryable in parameters(queryables).items():
        # Numbers first: four digits after a name are the year of its authorship.
        if given := ",".join(
            sorted(request.GET.getlist(name), key=lambda value: not is_number(value))
        ):
            asked.say(name, queryable.parameter, given)
            for parameter, value in queryable.also.items():
                asked.say(name, parameter, value)
    put_filter(asked, request, queryables)
    if times:
        asked.settle_overlap("datetime")
    after, before = value_of(request, "after"), value_of(request, "before")
    if after and before:
        raise InvalidQuery({"before": "Give either after or before."})
    selection = selection_of(asked)
    return Question(selection, read_limit(request), after, before)


def put_place(asked: Asked, request: HttpRequest) -> None:
    if box := value_of(request, "bbox"):
        numbers = box.split(",")
        # Of six numbers the third and the last are heights, which no place here has.
        asked.say(
            "bbox", "bbox", ",".join(numbers[:2] + numbers[3:5]) if len(numbers) == 6 else box
        )


def put_times(asked: Asked, request: HttpRequest) -> bool:
    """Return whether `datetime` limits the days. Given several times, as GDAL does, all of them
    must be overlapped.
    """
    texts = [text for text in request.GET.getlist("datetime") if text]
    if len(texts) > MAX_TIMES:
        raise InvalidQuery({"datetime": f"Give it at most {MAX_TIMES} times."})
    spans = [read_datetime(text) for text in texts]
    for first, last in spans:
        asked.say_days("datetime", first, last)
    return any(first or last for first, last in spans)


def read_datetime(text: str) -> tuple[str, str]:
    """Return the first and the last day of an instant or an interval, "" where it is open.

    Days are the provider's own, whatever the time zone.
    """
    first, slash, last = text.partition("/")
    days = day_of(first), day_of(last if slash else first)
    if not slash and first in OPEN:
        raise InvalidQuery(
            {"datetime": "Give an instant or an interval, such as 2010-01-01/.. or 2010-06-30."}
        )
    if all(days) and days[0] > days[1]:
        raise InvalidQuery({"datetime": "The interval ends before it begins."})
    return days


def day_of(text: str) -> str:
    if text in OPEN:
        return ""
    try:
        if not INSTANT.fullmatch(text):
            raise ValueError
        return datetime.fromisoformat(text.upper().removesuffix("T")).date().isoformat()
    except ValueError:
        reason = f"“{text[:40]}” is neither a day such as 2010-06-30 nor a time such as 2010-06-30T12:00:00Z."
        raise InvalidQuery({"datetime": reason}) from None


def put_filter(asked: Asked, request: HttpRequest, queryables: dict[str, Queryable]) -> None:
    if value_of(request, "filter-lang") not in {"", FILTER_LANGUAGE}:
        raise InvalidQuery({"filter-lang": f"Only {FILTER_LANGUAGE} is read."})
    texts = [text for text in request.GET.getlist("filter") if text.strip()]
    if len(texts) > 1:
        raise InvalidQuery({"filter": "Give it once."})
    for condition in cql2.read(texts[0]) if texts else []:
        queryable = queryables.get(condition.property)
        if queryable is None:
            known = ", ".join(queryables)
            raise cql2.refused(
                f"There is no queryable “{condition.property[:60]}”; there are {known}."
            )
        queryable.put(asked, condition)


def selection_of(asked: Asked) -> ObservationFilter:
    """Its faults are told of the request's own parameters."""
    low, high = asked.query.pop("shallowest", ""), asked.query.pop("deepest", "")
    if low or high:
        asked.say("filter", "depth", f"{low},{high}")
    try:
        selection = ObservationFilter.from_query(asked.query)
        # A name that nobody has is found out when it is looked up.
        selection.ordinal_ranges()
    except InvalidQuery as error:
        named: dict[str, list[str]] = {}
        for parameter, reason in error.errors.items():
            name = asked.said_by.get(parameter, "filter")
            named.setdefault(name, []).append(
                f"{parameter}: {reason}" if name == "filter" else reason
            )
        raise InvalidQuery({name: " ".join(reasons) for name, reasons in named.items()}) from None
    return selection


def read_limit(request: HttpRequest) -> int:
    """More than the most is the most, as OGC has it."""
    text = value_of(request, "limit")
    if not text:
        return DEFAULT_LIMIT
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not int(text):
        raise InvalidQuery({"limit": f"Whole numbers from 1 to {MAX_LIMIT} are allowed."})
    return min(int(text), MAX_LIMIT)


def value_of(request: HttpRequest, name: str) -> str:
    try:
        return one(request.GET.getlist(name))
    except ValueError as error:
        raise InvalidQuery({name: str(error)}) from None


def refuse_others(request: HttpRequest, *known: str) -> None:
    unknown = [name[:60] for name in request.GET if name not in known]
    if unknown:
        raise InvalidQuery(dict.fromkeys(unknown[:20], "There is no such parameter."))
