"""Words that the descriptions of several conditions share."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from species.filters.values import OR_UNDATED, POSSIBLE


def join_alternatives(texts: Iterable[str]) -> str:
    """Return "a or b or c"."""
    word = _("or")
    return f" {word} ".join(texts)


def qualify(words: str, match: str) -> str:
    """Return the words of a condition that records must meet certainly or possibly."""
    if match == POSSIBLE:
        return _("possibly %(words)s") % {"words": words}
    if match == OR_UNDATED:
        return _("possibly %(words)s, or undated") % {"words": words}
    return words
