"""Reading the parameters of a query string that are not part of the filter."""

import re

from django.http import QueryDict

from species.errors import InvalidQuery
from species.parsing.texts import single_text

DEFAULT_LIMIT, MAX_LIMIT = 100, 1_000


def read_parameter(query: QueryDict, name: str) -> str:
    """Return the value of a parameter, "" without one. Raises InvalidQuery if it is repeated."""
    try:
        return single_text(query.getlist(name))
    except ValueError as error:
        raise InvalidQuery({name: str(error)}) from None


def read_limit(
    query: QueryDict,
    most: int = MAX_LIMIT,
    default: int = DEFAULT_LIMIT,
    *,
    clip: bool = False,
) -> int:
    """Return the parameter `limit`. Raises InvalidQuery unless it is from 1 to `most`.

    With `clip`, a larger number means `most`, as OGC API - Features demands.
    """
    text = read_parameter(query, "limit")
    if not text:
        return default
    number = int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else 0
    if clip:
        number = min(number, most)
    if not 1 <= number <= most:
        raise InvalidQuery({"limit": f"Enter a whole number from 1 to {most}."})
    return number


def refuse_unknown(query: QueryDict, *known: str) -> None:
    """Raise InvalidQuery that names the parameters other than the known ones."""
    unknown = [name[:60] for name in query if name not in known]
    if unknown:
        raise InvalidQuery(dict.fromkeys(unknown[:20], "Unknown parameter."))
