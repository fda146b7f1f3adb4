"""Names that could be mistaken for another person's or the portal's are refused wherever one can be
given.
"""
# ruff: noqa: RUF001  # letters that look alike are what this is about

import unicodedata

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from tests.users.api.front_end import FrontEnd
from tests.users.people import PASSWORD, person, superuser
from users.models import User
from users.names import check_display_name, check_username, is_reserved, skeleton
from users.normalization import normalize_name

MISLEADING = [
    "\u0430dmin",  # Cyrillic a among Latin letters
    "\u0440\u0430\u0441",  # Cyrillic only, and reads "pac"
    "\u03bf\u03c1\u03b1",  # Greek only
    "adm\u0456n",
    "ad\u200bmin",
    "ad\u202emin",
    "ad\u2060min",
    "ada\u0301\u0301\u0301",
    "ada\u3164",
    "\uffa0ada",
    "\u0251dm\u0269n",  # Latin letters of phonetics
    "\u1d00\u1d05\u1d0d\u026a\u0274",  # small capitals
    "ada\u0661",  # Arabic-Indic one
    "..",
    "._.",
    "@ada",
    "\u00bd",  # NFKC writes it with a fraction slash
    "\ufdfa",  # NFKC writes 18 characters, blanks among them
    "\u32a4" * 40 + "\u3300" * 10,  # longer than the column once normalised
]
FINE = [
    "ada",
    "Ada_L",
    "José",
    "Zoë",
    "łukasz",
    "Юлия",
    "Ελένη",
    "田中さくら",
    "김민준",
    "משה-כהן",
    "42",
    "j.verne@nautilus",
]
RESERVED = [
    "admin", "ADMIN", "Adm\u0130n", "adm\u0131n", "\uff41\uff44\uff4d\uff49\uff4e", "ádmin", "a.d.m.i.n", "_admin_",
    "adm1n", "r00t", "\U0001d41aD\U0001d426in", "me", "Mode-rator",
]  # fmt: skip


@pytest.mark.parametrize("name", MISLEADING)
def test_a_misleading_username_is_refused(name):
    with pytest.raises(ValidationError):
        check_username(name)


@pytest.mark.parametrize("name", FINE)
def test_names_of_any_one_script_are_welcome(name):
    check_username(name)


@pytest.mark.django_db
@pytest.mark.parametrize("name", RESERVED)
def test_names_of_the_portal_are_reserved_however_they_are_written(name):
    assert is_reserved(name)


@pytest.mark.django_db
@pytest.mark.parametrize("name", FINE)
def test_other_names_are_not_reserved(name):
    assert not is_reserved(name)


@pytest.mark.parametrize(
    "name", ["Юрий (Yuri) Smirnov", "Marie-Hélène O’Connor", "Dr. Ada L., NIOZ", "", "नरेश"]
)
def test_a_name_shown_may_have_words_of_several_scripts(name, db):
    check_display_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "Ad\u0430 L.",
        "Ada\u202e",
        "A\u0301\u0301\u0301\u0301da",
        "\u0301Ada",
        "Moderator",
        "ADM\u0130N",
        "\ufdfa" * 20,
    ],
)
def test_a_misleading_name_shown_is_refused(name, db):
    with pytest.raises(ValidationError):
        check_display_name(name)


@given(st.text(max_size=60))
def test_a_username_that_passes_is_stable_under_normalisation_and_fits(name):
    try:
        check_username(name)
    except ValidationError:
        return
    kept = normalize_name(name)
    assert normalize_name(kept) == kept
    assert 0 < len(kept) <= 50
    check_username(kept)
    assert not any(unicodedata.category(char)[0] == "C" for char in kept)


@given(st.text(max_size=60))
def test_the_skeleton_of_a_name_does_not_depend_on_its_composition(name):
    assert skeleton(unicodedata.normalize("NFD", name)) == skeleton(
        unicodedata.normalize("NFC", name)
    )


# --- Wherever a name can be given -----------------------------------------------------------------------------------
def by_page(client, name: str) -> bool:
    client.post(
        "/accounts/signup/", {"email": "new@example.org", "username": name, "password1": PASSWORD}
    )
    return User.objects.filter(email="new@example.org").exists()


def by_api(client, name: str) -> bool:
    answer = FrontEnd().post(
        "register/", {"email": "new@example.org", "username": name, "password": PASSWORD}
    )
    assert answer.status_code in (201, 400)
    return User.objects.filter(email="new@example.org").exists()


def by_admin(client, name: str) -> bool:
    client.force_login(superuser())
    passwords = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    client.post(
        "/admin/users/user/add/",
        {"email": "new@example.org", "username": name, "role": "observer"} | passwords,
    )
    return User.objects.filter(email="new@example.org").exists()


def by_command(client, name: str) -> bool:
    try:
        call_command(
            "createsuperuser", "--noinput", email="new@example.org", username=name, verbosity=0
        )
    except CommandError:
        return False
    return True


WAYS = pytest.mark.parametrize("sign_up", [by_page, by_api, by_admin, by_command])


@pytest.fixture(autouse=True)
def password_of_superusers(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)


@WAYS
@pytest.mark.django_db
@pytest.mark.parametrize("name", ["\u0430da", "ad\u200ba", "\u0440\u0430\u0441", ".."])
def test_no_way_leads_to_a_misleading_name(client, sign_up, name):
    assert not sign_up(client, name)


@WAYS
@pytest.mark.django_db
def test_a_full_width_name_is_the_plain_one(client, sign_up):
    assert sign_up(client, "\uff54\uff52\uff49\uff54\uff4f\uff4e")
    assert User.objects.get(email="new@example.org").username == "triton"


@WAYS
@pytest.mark.django_db
@pytest.mark.parametrize("name", ["ADA", "\uff41\uff44\uff41"])
def test_a_taken_name_is_refused_whatever_its_case_and_width(client, sign_up, name):
    person("ada")
    assert not sign_up(client, name)


@WAYS
@pytest.mark.django_db
def test_a_name_that_only_the_database_takes_for_another_is_refused_there(client, sign_up):
    person("iris")
    with connection.cursor() as cursor:
        cursor.execute("SELECT lower('\u0130ris') = 'iris'")
        is_one = cursor.fetchone()[0]
    assert sign_up(client, "\u0130ris") is not is_one


@pytest.mark.parametrize("sign_up", [by_page, by_api, by_admin])
@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["adm\u0130n", "adm\u0131n", "\uff41\uff44\uff4d\uff49\uff4e", "ádmin"]
)
def test_no_form_gives_away_a_reserved_name(client, sign_up, name):
    assert not sign_up(client, name)


@pytest.mark.django_db
def test_nobody_is_shown_under_another_person_s_username(client):
    ada, eve = person("ada"), person("eve")
    client.force_login(eve)
    client.post("/accounts/me/", {"display_name": "A\uff24a", "units": "metric"})
    tab = FrontEnd()
    tab.log_in("eve")
    for name in ("ADA", "Ad\u0430", "Moderator"):
        assert tab.send("patch", "profiles/me/", {"displayName": name}).status_code == 400
    for account in (ada, eve):
        account.refresh_from_db()
        assert account.display_name == ""


@pytest.mark.django_db
def test_people_with_older_names_still_save_their_profile_and_log_in(client):
    old = person("old")
    User.objects.filter(pk=old.pk).update(username="\u0430dmin", display_name="Ad\u0430")
    assert (
        client.post(
            "/accounts/login/", {"login": "old@example.org", "password": PASSWORD}
        ).status_code
        == 302
    )
    client.post("/accounts/me/", {"display_name": "Ad\u0430", "units": "imperial"})
    old.refresh_from_db()
    assert (old.username, old.display_name, old.units) == ("\u0430dmin", "Ad\u0430", "imperial")
    client.force_login(superuser())
    form = {
        "email": old.email,
        "username": old.username,
        "display_name": old.display_name,
        "role": "observer",
    }
    assert client.post(f"/admin/users/user/{old.pk}/change/", form).status_code == 302
