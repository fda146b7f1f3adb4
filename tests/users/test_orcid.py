"""Which ORCID iDs are real ones."""

import pytest
from django.core.exceptions import ValidationError

from users.orcid import tidy_orcid, validate_orcid

# From ORCID's own documentation, the second with the check character X.
REAL = ("0000-0002-1825-0097", "0000-0002-1694-233X", "0000-0001-5109-3700")


@pytest.mark.parametrize("orcid", REAL)
def test_a_real_one_is_taken(orcid):
    assert validate_orcid(orcid) is None


@pytest.mark.parametrize(
    "text",
    [
        "https://orcid.org/0000-0002-1694-233X",
        " 0000 0002 1694 233x ",
        "000000021694233X",
        "0000-0002-1694-233X",
    ],
)
def test_what_people_paste_is_tidied(text):
    assert tidy_orcid(text) == "0000-0002-1694-233X"


@pytest.mark.parametrize("at", range(19))
def test_one_wrong_digit_is_noticed_wherever_it_stands(at):
    orcid = REAL[0]
    for digit in set("0123456789") - {orcid[at]}:
        with pytest.raises(ValidationError):
            validate_orcid(orcid[:at] + digit + orcid[at + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0000-0002-1825-0098",
        "0000000218250097",
        "\u0660\u0660\u0660\u0660-0002-1825-0097",
        "x" * 19,
        "0000-0002-1825-0097\n",
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(ValidationError):
        validate_orcid(text)
