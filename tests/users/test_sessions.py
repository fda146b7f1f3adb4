"""How a log-in through the API goes on and how it ends: rotation, reuse, forgery, log out
everywhere.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import jwt
import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings as portal
from django.contrib import auth
from django.db import connection
from django.test import RequestFactory
from django.utils import timezone
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from tests.users.people import PASSWORD, person
from users import sessions
from users.models import AuditEntry, Role, TokenFamily

ASKED = RequestFactory().post(
    "/api/v1/auth/refresh/", headers={"User-Agent": "A diver's own\x00 script"}
)
KEY = portal.SIMPLE_JWT["SIGNING_KEY"]


@pytest.fixture
def ada(db):
    return person("ada")


@pytest.fixture
def tokens(ada):
    return sessions.start(ASKED, ada)


def whoever(access) -> str | None:
    family = sessions.family_of(AccessToken, str(access))
    return family.user.username if family else None


def refreshed(token):
    return sessions.refresh(ASKED, str(token))


def some_time_ago(**fields) -> None:
    TokenFamily.objects.update(**{name: timezone.now() - span for name, span in fields.items()})


def test_an_access_token_names_a_person_in_one_query(tokens, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert whoever(tokens.access) == "ada"


def test_tokens_hold_no_personal_data(tokens):
    for token in (tokens.access, tokens.refresh):
        assert set(token.payload) <= {"token_type", "exp", "iat", "jti", "iss", "sid", "generation"}
        assert jwt.get_unverified_header(str(token))["alg"] == "HS256"


def test_a_refresh_makes_the_next_generation_of_the_same_log_in(tokens):
    later = refreshed(tokens.refresh)
    assert later.family == tokens.family
    assert str(later.refresh) != str(tokens.refresh)
    assert whoever(later.access) == whoever(tokens.access) == "ada"


def test_within_ten_seconds_an_old_refresh_token_gets_the_same_successor(tokens):
    first, again = refreshed(tokens.refresh), refreshed(tokens.refresh)
    assert str(first.refresh) == str(again.refresh)
    assert refreshed(first.refresh) is not None


def test_an_old_refresh_token_that_comes_late_ends_the_log_in_and_is_told_to_the_log(tokens):
    later = refreshed(tokens.refresh)
    some_time_ago(rotated_at=timedelta(seconds=11))
    assert refreshed(tokens.refresh) is None
    assert refreshed(later.refresh) is None
    assert whoever(later.access) is None
    assert (
        AuditEntry.objects.filter(
            action="token_reused", target=f"user:{tokens.family.user_id}"
        ).count()
        == 1
    )


def test_a_token_two_generations_old_ends_the_log_in_at_once(tokens):
    latest = refreshed(refreshed(tokens.refresh).refresh)
    assert refreshed(tokens.refresh) is None
    assert refreshed(latest.refresh) is None


@pytest.mark.django_db(transaction=True)
def test_one_refresh_token_used_by_two_tabs_at_once_gives_both_the_same_successor():
    tokens, together = sessions.start(ASKED, person("ada")), Barrier(2, timeout=20)

    def use(number: int) -> str:
        try:
            together.wait()
            return str(refreshed(tokens.refresh).refresh)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(use, range(2))
    assert first == second != str(tokens.refresh)
    assert TokenFamily.objects.get().generation == 2


def test_a_log_in_that_nobody_refreshes_ends_after_fourteen_days(tokens):
    some_time_ago(rotated_at=timedelta(days=14))
    assert whoever(tokens.access) is None
    assert not TokenFamily.objects.exists()


def test_a_new_log_in_sweeps_expired_ones_away(tokens, ada):
    some_time_ago(rotated_at=timedelta(days=15))
    new = sessions.start(ASKED, ada)
    assert list(TokenFamily.objects.all()) == [new.family]


def forged(key: str = KEY, algorithm: str = "HS256", **claims) -> str:
    token = AccessToken()
    token["sid"] = TokenFamily.objects.get().key.hex
    return jwt.encode(
        {**token.payload, "iss": portal.SIMPLE_JWT["ISSUER"], **claims}, key, algorithm
    )


def test_a_token_made_with_our_key_is_taken_so_that_the_forgeries_below_fail_for_their_own_reason(
    tokens,
):
    assert whoever(forged()) == "ada"


@pytest.mark.parametrize(
    "forge",
    [
        lambda: forged(key="", algorithm="none"),
        lambda: forged(key="k" * 64),
        lambda: forged(key=portal.SECRET_KEY),
        lambda: forged(algorithm="HS512"),
        lambda: forged(exp=1),
        lambda: forged(exp="tomorrow"),
        lambda: forged(iss="somebody else"),
        lambda: forged(token_type="sliding"),
        lambda: forged(jti=None),
        lambda: forged()[:-4] + "AAAA",
        lambda: forged().replace(".", "", 1),
        lambda: "x" * 5_000,
        lambda: "é.\x00.ü",
        lambda: "e30.e30.e30",
        lambda: "",
    ],
)
def test_a_forged_tampered_or_expired_token_is_nobodys(tokens, forge):
    assert whoever(forge()) is None
    assert refreshed(forge()) is None


def test_each_token_is_good_for_its_own_purpose_only(tokens):
    assert whoever(tokens.refresh) is None
    assert sessions.family_of(RefreshToken, str(tokens.access)) is None


@pytest.mark.parametrize(
    "change",
    [
        {"role": Role.RESEARCHER},
        {"is_active": False},
        {"is_staff": True},
        {"is_superuser": True},
        {"password": "!"},
    ],
)
def test_a_new_password_role_or_right_ends_tokens_and_sessions_at_once_and_for_good(
    tokens, ada, client, change
):
    client.force_login(ada)
    before = {name: getattr(ada, name) for name in change}
    type(ada).objects.filter(pk=ada.pk).update(**change)
    assert whoever(tokens.access) is None
    assert auth.get_user(client).is_anonymous
    type(ada).objects.filter(pk=ada.pk).update(**before)
    assert whoever(tokens.access) is None
    assert refreshed(tokens.refresh) is None


def test_a_deleted_person_has_no_log_in_left(tokens, ada):
    ada.delete()
    assert whoever(tokens.access) is None


def test_log_out_everywhere_ends_every_kind_of_log_in_of_this_person_alone(tokens, ada, client, rf):
    others = sessions.start(ASKED, person("grace"))
    client.force_login(ada)
    UserSession.objects.create(user=ada, ip="127.0.0.1", session_key=client.session.session_key)
    sessions.end_all(ada)
    assert whoever(tokens.access) is None
    assert refreshed(tokens.refresh) is None
    assert "_auth_user_id" not in client.session
    assert not UserSession.objects.exists()
    assert whoever(others.access) == "grace"


def test_a_page_knows_whoever_logged_in_through_the_api(client, db):
    captain = person("captain", is_staff=True, is_superuser=True)
    client.cookies["access_token"] = str(sessions.start(ASKED, captain).access)
    assert b"captain" in client.get("/admin/").content


def test_a_page_that_logs_the_person_out_ends_the_log_in_of_the_api_too(client, db):
    captain = person("captain", is_staff=True, is_superuser=True)
    client.cookies["access_token"] = str(sessions.start(ASKED, captain).access)
    answer = client.post("/admin/logout/")
    assert (answer.cookies["access_token"].value, answer.cookies["refresh_token"].value) == ("", "")
    assert not TokenFamily.objects.exists()


def test_a_session_counts_more_than_a_token(client, db):
    client.force_login(person("captain", is_staff=True, is_superuser=True))
    client.cookies["access_token"] = str(sessions.start(ASKED, person("ada")).access)
    assert b"captain" in client.get("/admin/").content


def test_the_browser_is_kept_short_and_without_nul_bytes(tokens):
    assert tokens.family.user_agent == "A diver's own script"
    assert PASSWORD not in str(tokens.family.__dict__)
