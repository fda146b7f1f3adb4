"""Searches to compare on the map: `compare=<query string>`, percent-encoded, at most twice."""

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext

from species.errors import InvalidQuery
from species.filters import ObservationFilter

COMPARE = "compare"
MOST = 2


@dataclass(frozen=True, slots=True)
class Compared:
    """A search in words and as a query string."""

    words: str
    query: str


def compared(query: QueryDict) -> list[Compared]:
    """Return the searches to compare. Raises InvalidQuery for too many or invalid ones."""
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
