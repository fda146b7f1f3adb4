"""ORCID iDs: sixteen characters, the last of which is a check digit (ISO 7064 mod 11-2)."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

ADDRESS = re.compile(r"\Ahttps?://(www\.)?orcid\.org/", re.ASCII | re.IGNORECASE)
FORM = re.compile(r"\A\d{4}-\d{4}-\d{4}-\d{3}[\dX]\Z", re.ASCII)


def tidy_orcid(text: str) -> str:
    """Return the iD in pasted text such as an address or an iD without hyphens. Not validated."""
    plain = re.sub(r"[\s-]", "", ADDRESS.sub("", text.strip())).upper()
    return "-".join(plain[i : i + 4] for i in range(0, len(plain), 4))


def check_digit(digits: str) -> str:
    """Return the check digit of the first fifteen digits. Source: support.orcid.org."""
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    rest = (12 - total % 11) % 11
    return "X" if rest == 10 else str(rest)


def validate_orcid(value: str) -> None:
    """Raise ValidationError unless the value is a hyphenated iD with the right check digit."""
    if not FORM.match(value):
        raise ValidationError(_("An ORCID iD looks like 0000-0002-1825-0097."))
    digits = value.replace("-", "")
    if check_digit(digits[:-1]) != digits[-1]:
        raise ValidationError(_("This ORCID iD is not valid. Check for typos."))
