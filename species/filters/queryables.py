"""Properties that OGC clients filter by, and how conditions on them become a query string."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from species.errors import InvalidQuery
from species.filters.values import CERTAIN, OR_UNDATED
from species.parsing.numbers import format_number
from species.taxon_names.identifiers import is_number
from species.taxon_names.lists import join_names

EQUALS, ORDERS = ("=", "IN"), ("<", "<=", ">", ">=")
BY_FILTER = "filter"  # the parameter of OGC requests that the conditions come from
NOT_COMBINED = "These conditions can't be combined. Remove one."


class Condition(NamedTuple):
    """One comparison: a property, an operator in the spelling of CQL2, and its literals.

    Literals are text, int, float, bool, a date, a GeoJSON geometry, or a box as four numbers.
    """

    property: str
    operator: str
    values: tuple[Any, ...]


class QueryDraft:
    """A query string in the making, and which parameter of the request set each part of it."""

    def __init__(self) -> None:
        self.query: dict[str, str] = {}
        self.set_by: dict[str, str] = {}

    def set(self, by: str, parameter: str, value: str) -> None:
        """Set a parameter. Raises InvalidQuery if it already has another value."""
        if self.query.setdefault(parameter, value) != value:
            raise InvalidQuery({by: NOT_COMBINED})
        self.set_by.setdefault(parameter, by)

    def limit_days(self, by: str, first: str = "", last: str = "") -> None:
        """Narrow the days, in ISO 8601; the latest first day and the earliest last day remain."""
        for parameter, day, tighter in (("from", first, max), ("to", last, min)):
            if day:
                self.query[parameter] = tighter(day, self.query.get(parameter, day))
                self.set_by.setdefault(parameter, by)

    def limit_depth(self, by: str, low: str = "", high: str = "") -> None:
        """Set an end of the depths, or both. Raises InvalidQuery if it already has another."""
        ends = self.query.get("depth", ",").split(",")
        for number, end in enumerate((low, high)):
            if end and (len(ends) != 2 or ends[number] not in {"", end}):
                raise InvalidQuery({by: NOT_COMBINED})
            if end:
                ends[number] = end
        self.query["depth"] = ",".join(ends)
        self.set_by.setdefault("depth", by)

    def allow_overlap(self, by: str) -> None:
        """Let records overlap the days, and undated ones match if no condition needs a date.

        Raises InvalidQuery if another condition needs all days of a record to be within.
        """
        if self.query.setdefault("dateMatch", OR_UNDATED) == CERTAIN:
            reason = "It cannot be combined with dateStart from and dateEnd to some day."
            raise InvalidQuery({by: reason})
        self.set_by.setdefault("dateMatch", by)


@dataclass(frozen=True)
class Queryable:
    """A property to filter by.

    `parameter` takes the values of = and IN and makes the property a query parameter as well;
    `translation` handles all other operators; `null` is the text for a missing value; `also` is
    set together with it.
    """

    schema: dict[str, Any]
    parameter: str = ""
    operators: tuple[str, ...] = EQUALS
    translation: Callable[[QueryDraft, Condition], None] | None = None
    null: str = ""
    also: dict[str, str] = field(default_factory=dict)

    def add_condition(self, draft: QueryDraft, condition: Condition) -> None:
        """Translate a condition. Raises InvalidQuery for operators and literals it lacks."""
        name, operator, _values = condition
        if operator not in self.operators:
            allowed = ", ".join(self.operators)
            verb = "is" if len(allowed) < 3 else "are"
            raise filter_error(f"{operator} is not answered for {name}; {allowed} {verb}.")
        try:
            if operator in EQUALS and self.parameter:
                draft.set(BY_FILTER, self.parameter, self.equal_values(condition))
            elif operator == "IS NULL" and self.null:
                draft.set(BY_FILTER, self.parameter, self.null)
            elif self.translation:
                self.translation(draft, condition)
        except (ValueError, OverflowError) as error:
            raise filter_error(f"{name}: {error}") from None
        for parameter, value in self.also.items():
            draft.set(BY_FILTER, parameter, value)

    def equal_values(self, condition: Condition) -> str:
        if self.parameter == "taxon":
            names = sorted(map(read_name, condition.values), key=lambda name: not is_number(name))
            return join_names(names)
        texts = [read_text(value) for value in condition.values]
        if self.null and self.null in texts:
            raise ValueError("Use IS NULL for missing values.")
        return ",".join(texts)


def text_schema(title: str, description: str, choices: Any = None, **options: Any) -> dict:
    """Return the JSON schema of a text, or of one of several terms."""
    listed = {"enum": [value for value in choices if value]} if choices else {}
    return {"title": title, "description": description, "type": "string"} | listed | options


def filter_error(reason: str) -> InvalidQuery:
    return InvalidQuery({BY_FILTER: reason})


def read_name(value: Any) -> str:
    """Return the name of a taxon. It may contain a comma: each literal is one name."""
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip(" ,"):
        raise ValueError("Enter a name as text, or an AphiaID.")
    return str(value).replace('"', " ").strip()


def read_text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("Enter a text or a whole number.")
    if isinstance(value, str) and ("," in value or not value.strip()):
        raise ValueError("A value can't be empty or contain a comma.")
    return str(value)


def read_number(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("Enter a number.")
    return format_number(value) if isinstance(value, float) else str(value)
