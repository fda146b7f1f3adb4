"""What can be asked of the features, and how each condition reads as a parameter of the portal's
own filter.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from species.errors import InvalidQuery
from species.filters import MATCHES, OR_UNDATED
from species.models.observation import MAXIMUM_DEPTH, MAXIMUM_UNCERTAINTY, MINIMUM_DEPTH
from species.ogc.cql2 import Condition, number, refused
from species.questions import plain
from species.taxon_names import is_number, joined
from species.terms import FLAG_NAMES, BasisOfRecord, Evidence, IucnCategory, License, Source

EQUALS, ORDERS = ("=", "IN"), ("<", "<=", ">", ">=")


class Asked:
    """What a request asks, parameter by parameter of the portal's filter, and which of its own
    parameters said so.
    """

    def __init__(self) -> None:
        self.query: dict[str, str] = {}
        self.said_by: dict[str, str] = {}

    def say(self, by: str, parameter: str, value: str) -> None:
        """Raises InvalidQuery when something else was said before: one filter cannot hold both."""
        if self.query.setdefault(parameter, value) != value:
            raise InvalidQuery(
                {by: "Two conditions here limit the same thing in ways that cannot be combined."}
            )
        self.said_by.setdefault(parameter, by)

    def say_days(self, by: str, first: str = "", last: str = "") -> None:
        """Narrow the days, as 2010-06-30. Conditions add up: the latest first day and the earliest
        last one remain.
        """
        for parameter, day, tighter in (("from", first, max), ("to", last, min)):
            if day:
                self.query[parameter] = tighter(day, self.query.get(parameter, day))
                self.said_by.setdefault(parameter, by)

    def settle_overlap(self, by: str) -> None:
        """Let days be overlapped, by undated records as well unless another condition needs a date.

        Raises InvalidQuery where another condition wants all days of a record to lie within.
        """
        if self.query.setdefault("dateMatch", OR_UNDATED) == MATCHES[0]:
            raise InvalidQuery(
                {by: "It cannot be combined with dateStart from and dateEnd to some day."}
            )
        self.said_by.setdefault("dateMatch", by)


Translation = Callable[[Asked, Condition], None]


@dataclass(frozen=True)
class Queryable:
    """A property to ask for: its JSON schema, the operators that are answered, and what they mean
    to the portal.

    `parameter`: the portal's own for values that are equal; a `translation` is for all other
    operators.
    """

    schema: dict[str, Any]
    parameter: str = ""
    operators: tuple[str, ...] = EQUALS
    translation: Translation | None = None
    null: str = ""  # what the portal calls a missing value
    also: dict[str, str] = field(default_factory=dict)  # said together with it

    def put(self, asked: Asked, condition: Condition) -> None:
        name, operator, _ = condition
        if operator not in self.operators:
            allowed = ", ".join(self.operators)
            raise refused(
                f"{operator} is not answered for {name}; {allowed} {'is' if len(allowed) < 3 else 'are'}."
            )
        try:
            if operator in EQUALS and self.parameter:
                asked.say("filter", self.parameter, self.equal(condition))
            elif operator == "IS NULL" and self.null:
                asked.say("filter", self.parameter, self.null)
            elif self.translation:
                self.translation(asked, condition)
        except (ValueError, OverflowError) as error:
            raise refused(f"{name}: {error}") from None
        for parameter, value in self.also.items():
            asked.say("filter", parameter, value)

    def equal(self, condition: Condition) -> str:
        if self.parameter == "taxon":
            return joined(
                sorted(map(name_of, condition.values), key=lambda name: not is_number(name))
            )
        texts = [text_of(value) for value in condition.values]
        if self.null and self.null in texts:
            raise ValueError("Ask for missing values with IS NULL.")
        return ",".join(texts)


def name_of(value: Any) -> str:
    """A name may hold a comma, since each value of a condition is one name."""
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip(" ,"):
        raise ValueError("A name as text or an AphiaID is needed.")
    return str(value).replace('"', " ").strip()


def text_of(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("A text or a whole number is needed.")
    if isinstance(value, str) and ("," in value or not value.strip()):
        raise ValueError("A value can neither be empty nor hold a comma.")
    return str(value)


def put_flags(asked: Asked, condition: Condition) -> None:
    """The features without any of these."""
    asked.say("filter", "notFlag", ",".join(map(text_of, condition.values)))


def put_depth(asked: Asked, condition: Condition) -> None:
    """Ends of a span; a strict one lies just beside the number."""
    if condition.operator == "IS NULL":
        asked.say("filter", "depth", "unknown")
        return
    numbers = [float(number(value)) for value in condition.values]
    low, high = numbers[0], numbers[-1]
    match condition.operator:
        case "<" | "<=":
            asked.say(
                "filter", "deepest", f"<{plain(high)}" if condition.operator == "<" else plain(high)
            )
        case ">" | ">=":
            asked.say(
                "filter",
                "shallowest",
                plain(math.nextafter(low, math.inf) if condition.operator == ">" else low),
            )
        case _:
            asked.say("filter", "shallowest", plain(low))
            asked.say("filter", "deepest", plain(high))


def put_uncertainty(asked: Asked, condition: Condition) -> None:
    if condition.operator == "IS NULL":
        asked.say("filter", "maxUncertainty", "unknown")
        return
    most = float(number(condition.values[0]))
    asked.say(
        "filter",
        "maxUncertainty",
        plain(math.nextafter(most, -math.inf) if condition.operator == "<" else most),
    )


def put_day(asked: Asked, condition: Condition) -> None:
    """dateStart from, dateEnd to: certainly within; dateEnd from, dateStart to: possibly."""
    name, operator, (day,) = condition
    if type(day) is not date:
        raise ValueError("A day is needed, such as DATE('2010-06-30').")
    is_first = operator in {">", ">="}
    step = {">": 1, "<": -1}.get(operator, 0)
    limit = (day + timedelta(days=step)).isoformat()
    asked.say_days("filter", **{"first" if is_first else "last": limit})
    asked.say("filter", "dateMatch", "certain" if (name == "dateStart") == is_first else "possible")


def put_place(asked: Asked, condition: Condition) -> None:
    (place,) = condition.values
    if isinstance(place, tuple):
        asked.say("filter", "bbox", ",".join(map(plain, place)))
    elif place["type"] == "Point":
        longitude, latitude = place["coordinates"][:2]
        asked.say(
            "filter", "bbox", ",".join(map(plain, (longitude, latitude, longitude, latitude)))
        )
    else:
        asked.say("filter", "polygon", json.dumps(place))


def text(title: str, description: str, choices: Any = None, **options: Any) -> dict[str, Any]:
    listed = {"enum": [value for value in choices if value]} if choices else {}
    return {"title": title, "description": description, "type": "string"} | listed | options


SOURCE = Queryable(text("Source", "Where the record came in.", Source.values), "source")
LICENSE = Queryable(text("Licence", "The licence in effect.", License.values), "licence")
DATASET = Queryable(text("Dataset", "Its id at OBIS.", format="uuid"), "dataset")

OF_DATASETS = {"datasetID": DATASET, "source": SOURCE, "license": LICENSE}
OF_OBSERVATIONS = {
    "geometry": Queryable(
        {
            "title": "Place",
            "description": "S_INTERSECTS with a POINT, POLYGON, MULTIPOLYGON or BBOX, edges included.",
            "x-ogc-role": "primary-geometry",
            "format": "geometry-point",
        },
        operators=("S_INTERSECTS",),
        translation=put_place,
    ),
    "taxon": Queryable(
        text(
            "Taxon",
            "An AphiaID or a scientific name of WoRMS; it stands for itself and all taxa below.",
        ),
        "taxon",
    ),
    "name": Queryable(
        text(
            "Part of a name",
            "Text in a scientific or common name, two characters or more.",
            minLength=2,
        ),
        "q",
        operators=("=",),
    ),
    "dateStart": Queryable(
        text(
            "First day",
            "The first day that the event date can mean.",
            format="date",
            **{"x-ogc-role": "primary-interval-start"},
        ),
        operators=ORDERS,
        translation=put_day,
    ),
    "dateEnd": Queryable(
        text(
            "Last day",
            "The last day that the event date can mean.",
            format="date",
            **{"x-ogc-role": "primary-interval-end"},
        ),
        operators=ORDERS,
        translation=put_day,
    ),
    "month": Queryable(
        {
            "title": "Month",
            "description": "Months of any year; some day that the event date can mean lies in one of them.",
            "type": "integer",
            "minimum": 1,
            "maximum": 12,
        },
        "months",
        also={"dateMatch": "possible"},
    ),
    "depth": Queryable(
        {
            "title": "Depth",
            "description": "Metres, positive down; the record's whole span of depths lies within.",
            "type": "number",
            "minimum": MINIMUM_DEPTH,
            "maximum": MAXIMUM_DEPTH,
        },
        operators=("=", "BETWEEN", *ORDERS, "IS NULL"),
        translation=put_depth,
    ),
    "coordinateUncertaintyInMeters": Queryable(
        {
            "title": "Uncertainty of the place",
            "description": "Metres, at most so many.",
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": MAXIMUM_UNCERTAINTY,
        },
        operators=("<", "<=", "IS NULL"),
        translation=put_uncertainty,
    ),
    "evidence": Queryable(
        text("Evidence", "What stands behind the record.", Evidence.values), "evidence"
    ),
    "basisOfRecord": Queryable(
        text("Basis of record", "In Darwin Core's own terms.", BasisOfRecord.values),
        "basis",
        operators=(*EQUALS, "IS NULL"),
        null="unknown",
    ),
    "datasetID": DATASET,
    "source": SOURCE,
    "license": LICENSE,
    "iucnRedListCategory": Queryable(
        text("IUCN Red List", "The taxon's category.", IucnCategory.values),
        "iucn",
        operators=(*EQUALS, "IS NULL"),
        null="unknown",
    ),
    "flag": Queryable(
        text(
            "Flag",
            "A quality flag of OBIS or a finding of this portal; <> and NOT IN: none of them.",
            FLAG_NAMES,
        ),
        "flag",
        operators=(*EQUALS, "<>", "NOT IN"),
        translation=put_flags,
    ),
}


def parameters(queryables: dict[str, Queryable]) -> dict[str, Queryable]:
    """Those that are also query parameters: of which equal values can be asked."""
    return {name: each for name, each in queryables.items() if each.parameter}
