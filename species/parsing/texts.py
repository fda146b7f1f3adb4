"""Texts, choices and ids from the values of a query parameter."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from uuid import UUID

from django.utils.translation import gettext as _

from species.parsing.printed import normalize_text

MAX_VALUES = 50  # of one parameter, commas and repetitions together
MAX_LENGTH = 200  # characters of one value
UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


def clean_texts(values: Iterable[str]) -> list[str]:
    """Return the non-empty texts, in NFC and with single spaces.

    Raises ValueError for control characters and for more than MAX_LENGTH characters.
    """
    found = []
    for value in values:
        if len(value) > MAX_LENGTH:
            reason = _("Use at most %(max_length)s characters.")
            raise ValueError(reason % {"max_length": MAX_LENGTH})
        text = " ".join(unicodedata.normalize("NFC", value).split())
        if any(unicodedata.category(char) in {"Cc", "Cs"} for char in text):
            raise ValueError(_("Remove control characters."))
        if text:
            found.append(text)
    return found


def single_text(values: Iterable[str]) -> str:
    """Return the only text, or "". Raises ValueError for two different ones."""
    found = sorted(set(clean_texts(values)))
    if len(found) > 1:
        raise ValueError(_("Use this only once."))
    return found[0] if found else ""


def typed_text(values: Iterable[str]) -> str:
    """Return the only text with ASCII digits and signs, or ""."""
    return single_text(map(normalize_text, values))


def split_texts(values: Iterable[str]) -> tuple[str, ...]:
    """Return the sorted texts, separated by commas or given repeatedly, each once."""
    return distinct_texts(
        values, lambda given: (part for value in given for part in value.split(","))
    )


def distinct_texts(
    values: Iterable[str], split: Callable[[list[str]], Iterable[str]]
) -> tuple[str, ...]:
    """Return the sorted texts that `split` finds in the values, each once.

    Raises ValueError for more than MAX_VALUES.
    """
    values = list(values)
    reason = _("Use at most %(max_values)s values.") % {"max_values": MAX_VALUES}
    is_too_long = sum(len(value) for value in values) > MAX_VALUES * MAX_LENGTH
    if is_too_long or len(values) > MAX_VALUES:
        raise ValueError(reason)
    found = set(clean_texts(split(values)))
    if len(found) > MAX_VALUES:
        raise ValueError(reason)
    return tuple(sorted(found))


def parse_choices(values: Iterable[str], choices: Iterable[str]) -> tuple[str, ...]:
    """Return terms of a closed vocabulary in its spelling and order.

    The empty term is written as "unknown". Raises ValueError for other texts.
    """
    names = {(choice or "unknown").lower(): choice for choice in choices}
    given = {text.lower() for text in split_texts(values)}
    if not given <= names.keys():
        allowed = ", ".join(choice or "unknown" for choice in names.values())
        raise ValueError(_("Choose one of: %(allowed)s.") % {"allowed": allowed})
    return tuple(choice for name, choice in names.items() if name in given)


def parse_choice(values: Iterable[str], choices: tuple[str, ...]) -> str:
    """Return one term of a vocabulary, the first by default."""
    names = {choice.lower(): choice for choice in choices}
    text = single_text(values).lower() or choices[0]
    if text not in names:
        raise ValueError(_("Choose one of: %(values)s.") % {"values": ", ".join(choices)})
    return names[text]


def parse_uuids(values: Iterable[str]) -> tuple[UUID, ...]:
    given = split_texts(values)
    for text in given:
        if not UUID_TEXT.fullmatch(text):
            reason = _("“%(text)s” is not a UUID such as 5f8e6a2b-1c1d-4b5a-9b0e-6a5d3c2b1a00.")
            raise ValueError(reason % {"text": text[:40]})
    return tuple(sorted({UUID(text) for text in given}))
