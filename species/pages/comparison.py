"""Selections that the map shows beside its own: `compare=<query string>`, percent-encoded, at most
twice.
"""

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext

from species.errors import InvalidQuery
from species.filters import ObservationFilter

COMPARE = "compare"
MOST = 2


@dataclass(frozen=True, slots=True)
class Compared:
    """A selection in words, and as the query string that stands in the address."""

    words: str
    query: str


def compared(query: QueryDict) -> list[Compared]:
    """Those in the address, in its order. Raises InvalidQuery for too many and for one that is no
    legal question.
    """
    texts = query.getlist(COMPARE)
    if len(texts) > MOST:
        raise InvalidQuery(
            {
                COMPARE: gettext("You can compare this search with at most %(n)d others.")
                % {"n": MOST}
            }
        )
    try:
        selections = [ObservationFilter.from_query(QueryDict(text)) for text in texts]
        return [Compared(each.words(), text) for each, text in zip(selections, texts, strict=True)]
    except InvalidQuery as question:
        reasons = " ".join(f"{name}: {reason}" for name, reason in question.errors.items())
        raise InvalidQuery({COMPARE: reasons}) from None
