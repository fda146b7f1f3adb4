"""A password is the same however the keyboard composed its letters, on every way to log in and to
set one.
"""

import unicodedata

import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from tests.users.api.front_end import FrontEnd
from tests.users.hashers import CountingHasher
from tests.users.people import person, superuser
from users.models import User

pytestmark = pytest.mark.django_db
COMPOSED = "f\u00fcnf sch\u00f6ne \u00c4schen"
DECOMPOSED = unicodedata.normalize("NFD", COMPOSED)
WIDE = "sieben Wellhorn\uff53chnecken"
BOTH = pytest.mark.parametrize(("given", "typed"), [(COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED)])


def logs_in(typed: str) -> bool:
    by_page = (
        Client()
        .post("/accounts/login/", {"login": "ada@example.org", "password": typed})
        .status_code
        == 302
    )
    by_api = FrontEnd().log_in(password=typed).status_code == 200
    assert by_page is by_api
    return by_page


def with_hash_of(raw: str) -> User:
    """An account from before passwords were normalised."""
    ada = person("ada")
    User.objects.filter(pk=ada.pk).update(password=make_password(raw))
    ada.refresh_from_db()
    return ada


@BOTH
def test_a_password_logs_in_in_either_composition(given, typed):
    ada = person("ada")
    ada.set_password(given)
    ada.save()
    assert logs_in(typed)
    assert logs_in(given)
    assert not logs_in("funf schone Aschen")


@BOTH
def test_an_older_hash_of_either_composition_still_logs_in_and_is_upgraded(given, typed):
    ada = with_hash_of(given)
    assert logs_in(given)
    ada.refresh_from_db()
    assert check_password(COMPOSED, ada.password)
    assert logs_in(typed)


def test_an_older_hash_of_wide_letters_still_logs_in():
    with_hash_of(WIDE)
    assert logs_in(WIDE)
    assert logs_in("sieben Wellhornschnecken")


def test_an_older_hash_proves_who_somebody_is_without_ending_the_log_in():
    ada = with_hash_of(DECOMPOSED)
    browser = Client()
    browser.force_login(ada)
    answer = browser.post(
        "/accounts/reauthenticate/", {"password": DECOMPOSED, "next": "/accounts/me/tokens/"}
    )
    assert answer.status_code == 302
    assert browser.get("/accounts/me/").status_code == 200


def test_an_older_hash_is_enough_to_change_the_password():
    with_hash_of(DECOMPOSED)
    tab = FrontEnd()
    tab.log_in(password=DECOMPOSED)
    body = {
        "currentPassword": DECOMPOSED,
        "newPassword": unicodedata.normalize("NFD", "öfter übersetzen"),
    }
    assert tab.post("password/change/", body).status_code == 200
    assert logs_in("öfter übersetzen")


@BOTH
def test_sign_up_and_the_admin_keep_the_normalised_password(client, given, typed):
    client.post(
        "/accounts/signup/", {"email": "new@example.org", "username": "newt", "password1": given}
    )
    assert User.objects.get(username="newt").check_password(typed)
    client.force_login(superuser())
    form = {"password1": given, "password2": typed, "usable_password": "true"}
    ada = person("ada")
    client.post(f"/admin/users/user/{ada.pk}/password/", form | {"password2": given})
    ada.refresh_from_db()
    assert ada.check_password(typed)


@pytest.mark.parametrize(
    "password",
    [
        # a leaked one in wide letters
        "\uff30\uff41\uff53\uff53\uff57\uff4f\uff52\uff44\uff11\uff12\uff13",
        "a\u0301" * 5,  # ten code points, five letters
        "my name is \uff21\uff44\uff41\uff4c\uff4f\uff56\uff45",
    ],
)
def test_the_rules_for_passwords_read_the_normalised_one(password):
    with pytest.raises(ValidationError):
        validate_password(password, User(username="adalove", email="ada@example.org"))


@pytest.mark.parametrize("typed", ["plain ascii letters", COMPOSED, WIDE + "\u0308"])
def test_an_unknown_address_costs_as_many_hashes_as_a_wrong_password(settings, typed):
    settings.PASSWORD_HASHERS = ["tests.users.hashers.CountingHasher"]
    person("ada")
    counts = []
    for login in ("ada@example.org", "nobody@example.org"):
        before = CountingHasher.hashed
        Client().post("/accounts/login/", {"login": login, "password": typed})
        counts.append(CountingHasher.hashed - before)
    assert counts[0] == counts[1] > 0
