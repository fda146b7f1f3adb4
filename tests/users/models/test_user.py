"""One account for one address and one name, even when two people ask at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from tests.users.people import PASSWORD, person, superuser
from users import forms
from users.models import User

NEW = "seven whelks and a limpet"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("email", "username"), [("ADA@Example.ORG", "other"), ("other@example.org", "ADA")]
)
def test_the_database_keeps_addresses_and_names_apart_whatever_their_case(email, username):
    person("ada")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user(email, username, PASSWORD)


@pytest.mark.django_db
def test_an_account_needs_an_address():
    with pytest.raises(ValueError, match="e-mail"):
        User.objects.create_user("", "ada")


@pytest.mark.django_db
def test_letters_that_merge_only_in_upper_case_are_two_addresses():
    plain = User.objects.create_user("kim@xi.example", "kim")
    dotless = User.objects.create_user("kim@x\u0131.example", "k\u0131m")
    assert User.objects.get_by_natural_key("KIM@xi.example") == plain
    assert User.objects.get_by_natural_key("kim@x\u0131.example") == dotless


@pytest.mark.django_db
def test_createsuperuser_makes_an_account_that_may_do_everything(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command(
        "createsuperuser", "--noinput", email="Ada@Example.org", username="ada", verbosity=0
    )
    account = User.objects.get_by_natural_key("ada@example.org")
    assert (account.is_staff, account.is_superuser, account.check_password(PASSWORD)) == (
        True,
        True,
        True,
    )


@pytest.mark.django_db
def test_createsuperuser_refuses_an_address_that_is_taken(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    person("ada")
    with pytest.raises(CommandError, match="already taken"):
        call_command(
            "createsuperuser", "--noinput", email="ADA@example.org", username="captain", verbosity=0
        )


@pytest.mark.django_db(transaction=True)
def test_two_clerks_who_add_one_address_at_once_make_one_account_and_get_an_answer(monkeypatch):
    root, together, look = superuser(), Barrier(2, timeout=20), forms.free
    meeting = {"left": 2}

    def look_together(form, field):
        value = look(form, field)
        if field == "email" and meeting["left"]:
            meeting["left"] -= 1
            together.wait()  # both have seen the address free before either saves
        return value

    monkeypatch.setattr(forms, "free", look_together)

    def add(username: str) -> int:
        client = Client()
        client.force_login(root)
        form = {
            "email": "nemo@example.org",
            "username": username,
            "role": "observer",
            "usable_password": "true",
        }
        try:
            return client.post(
                reverse("admin:users_user_add"), form | {"password1": NEW, "password2": NEW}
            ).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(add, ["nemo", "captain"]))
    assert answers == [200, 302]
    assert User.objects.filter(email="nemo@example.org").count() == 1
