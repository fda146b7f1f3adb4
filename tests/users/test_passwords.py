"""Passwords that are refused although they look long, and those that are not."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import translation

from tests.users.people import PASSWORD
from users.models import User

NEMO = User(username="Captain-Nemo", email="j.verne@example.org", display_name="Prinz Dakkar 1857")


def why(password: str, user=NEMO) -> set[str]:
    try:
        validate_password(password, user)
    except ValidationError as error:
        return {each.code for each in error.error_list}
    return set()


@pytest.mark.parametrize(
    "password",
    [
        *(
            "Password123!",
            "PASSWORD123!",
            "P@ssw0rd2024",
            "p4$$w0rd2026!!",
            "Welcome2024!",
            "iloveyou2020",
            "qwertzuiop1",
        ),
        *(
            "Passwort123!",
            "Hallo12345!",
            "ichliebedich1",
            "sommer2019",
            "trustno1trustno1",
            "1q2w3e4r5t6z",
            "  Monkey1234  ",
        ),
    ],
)
def test_what_breach_lists_hold_is_refused_however_it_is_dressed_up(password):
    assert "leaked" in why(password)


@pytest.mark.parametrize(
    "password",
    [
        "CAPTAIN-nemo under the sea",
        "my own nemo's harpoon",
        "xxVERNExx and a whale",
        "prinz of the deep",
        "dakkar 20,000 leagues",
    ],
)
def test_what_holds_a_name_or_the_address_is_refused(password):
    assert why(password) == {"own_data"}


@pytest.mark.parametrize(
    "password",
    [
        "nine dusky groupers",
        "seven whelks and a limpet",
        "x7Gq!92kLm-w",
        "blaumeise am kai",
        "j 1857 example org!",
    ],
)
def test_others_are_taken(password):
    assert why(password) == set()


def test_half_a_character_is_no_failure():
    assert why("\ud800" * 12) == {"leaked"}  # which JSON can hold; read as question marks


def test_a_short_name_stands_in_too_many_words_to_count():
    assert why(PASSWORD + ", adapted", User(username="ada", email="a.b@example.org")) == set()


def test_nobody_in_particular_has_no_own_data():
    assert why("captain nemo under the sea", None) == set()


def test_the_reason_is_told_in_the_reader_s_language():
    with translation.override("de"), pytest.raises(ValidationError) as refused:
        validate_password("captain-nemo123!", NEMO)
    assert any("captain-nemo" in text and "Passwort" in text for text in refused.value.messages)
