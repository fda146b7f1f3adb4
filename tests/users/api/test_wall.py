"""What does not get through to the accounts' API: forged requests, strange bodies, other sites."""

import json

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from tests.users.api.front_end import AUTH, FrontEnd, problem, reasons
from tests.users.people import PASSWORD, person
from users.models import TokenFamily, User

LOG_IN = {"email": "ada@example.org", "password": PASSWORD}
FRONT_END = "https://atlas.example"
POSTS = [
    "register/",
    "login/",
    "logout/",
    "refresh/",
    "password/change/",
    "password/reset/",
    "password/reset/confirm/",
    "verify-email/",
    "verify-email/resend/",
    "tokens/",
]


# --- CSRF -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["register/", "login/", "logout/", "refresh/"])
@pytest.mark.parametrize(
    "headers", [{}, {"X-CSRFToken": "x" * 64}, {"Authorization": "Bearer mst_x"}]
)
def test_logging_in_and_out_demands_the_csrf_token_of_everybody(logged_in, path, headers):
    before = logged_in.tokens
    answer = logged_in.post(path, LOG_IN | {"username": "forged"}, csrf=False, **headers)
    assert problem(answer, 403) == "csrf-failed"
    assert not answer.cookies
    assert logged_in.tokens == before
    assert logged_in.knows() == "ada"
    assert not User.objects.filter(username="forged").exists()


@pytest.mark.parametrize("by", ["token", "session"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("patch", "profiles/me/"),
        ("post", "password/change/"),
        ("post", "tokens/"),
        ("delete", f"tokens/{'0' * 32}/"),
    ],
)
def test_a_cookie_changes_nothing_without_the_csrf_token(tab, ada, by, method, path):
    tab.log_in() if by == "token" else tab.client.force_login(ada)
    path = path.replace("0" * 32, "5f8e6a2b-1c1d-4b5a-9b0e-6a5d3c2b1a00")
    assert (
        problem(tab.send(method, path, {"displayName": "forged"}, csrf=False), 403) == "csrf-failed"
    )
    ada.refresh_from_db()
    assert ada.display_name == ""
    assert tab.knows() == "ada"


def test_the_token_of_one_browser_is_no_good_in_another(tab, ada):
    token = FrontEnd().get("csrf/").json()["csrfToken"]
    tab.get("csrf/")
    assert (
        problem(tab.post("login/", LOG_IN, csrf=False, **{"X-CSRFToken": token}), 403)
        == "csrf-failed"
    )


def test_another_origin_is_refused_even_with_the_token(logged_in):
    answer = logged_in.post("refresh/", Origin="https://evil.example")
    assert problem(answer, 403) == "csrf-failed"


# --- Bodies ---------------------------------------------------------------------------------------------------------
STRANGE = [
    ("", 400),
    ("{", 400),
    ("null", 400),
    ('"text"', 400),
    ("[]", 400),
    ("[" * 30_000, 400),
    ('{"a":' * 10_000, 400),
    ('{"email": NaN}', 400),
    (b"\xff\xfe", 400),
    (b'{"email": "\xff"}', 400),
    ('{"email": "\\ud800"}', 400),
    ("1" * 5_000, 400),
    ('{"email": "' + "a" * 70_000 + '"}', 413),
]


@pytest.mark.parametrize("path", POSTS)
def test_strange_bodies_are_refused_in_words(logged_in, path):
    token = {"X-CSRFToken": logged_in.get("csrf/").json()["csrfToken"]}
    for body, status in STRANGE:
        if path in {"logout/", "refresh/"}:  # which read no body
            continue
        answer = logged_in.post(path, body, csrf=False, **token)
        problem(answer, status)
    assert logged_in.knows() == "ada"


@pytest.mark.parametrize("value", ["1e999", "7", "1.5", "true", "[]", "{}"])
def test_where_the_schema_says_text_nothing_else_is_taken_for_it(logged_in, value):
    document = SchemaGenerator().get_schema(public=True)
    token = {"X-CSRFToken": logged_in.get("csrf/").json()["csrfToken"]}
    tried = set()
    for path, method, body in bodies_in(document):
        properties = document["components"]["schemas"][body["schema"]["$ref"].rpartition("/")[2]][
            "properties"
        ]
        (example, *_) = body["examples"].values()
        texts = [name for name, each in properties.items() if is_text(each)]
        for name in texts:
            sent = json.dumps(example["value"] | {name: "HERE"}).replace('"HERE"', value)
            answer = logged_in.send(method, path, sent, csrf=False, **token)
            assert answer.status_code == 400, (path, name, answer.content)
            assert list(reasons(answer)) == [name], (path, name)
            tried.add(name)
    assert tried >= {
        "email",
        "username",
        "password",
        "code",
        "key",
        "newPassword",
        "displayName",
        "name",
    }
    assert tried >= {"language", "units", "vernacularLanguage"}


def is_text(described):
    return described.get("type", "string") == "string" and not described.get("readOnly")


def bodies_in(document):
    """Yield each address of the accounts' API that takes a body, with its method and the body's
    description.
    """
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if path.startswith(AUTH) and "requestBody" in operation:
                yield (
                    path.removeprefix(AUTH),
                    method,
                    operation["requestBody"]["content"]["application/json"],
                )


@pytest.mark.parametrize(
    "kind",
    ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "text/plain", ""],
)
def test_only_json_is_read_and_a_form_of_another_site_is_not(logged_in, kind):
    token = {"X-CSRFToken": logged_in.get("csrf/").json()["csrfToken"]}
    for path in POSTS:
        problem(
            logged_in.client.post(
                AUTH + path, "email=ada%40example.org", content_type=kind, headers=token
            ),
            415,
        )


def test_a_large_body_is_refused_before_it_is_read(tab, ada):
    answer = tab.client.post(
        AUTH + "refresh/", "x" * 70_000, content_type="multipart/form-data; boundary=x"
    )
    problem(answer, 413)


def test_zeros_before_its_length_let_no_body_pass(tab):
    body = '{"key": "' + "a" * 70_000 + '"}'
    answer = tab.client.post(
        AUTH + "verify-email/",
        body,
        content_type="application/json",
        CONTENT_LENGTH=f"{len(body):020}",
    )
    problem(answer, 413)


@pytest.mark.parametrize(
    "body",
    [{"language": "\ud800"}, {"units": "\udc00"}, {"language": ["\ud83d"]}],
    ids=["half", "other half", "list"],
)
def test_a_refusal_that_repeats_half_a_surrogate_pair_can_be_written(logged_in, body):
    token = {"X-CSRFToken": logged_in.get("csrf/").json()["csrfToken"]}
    problem(
        logged_in.client.patch(
            AUTH + "profiles/me/", json.dumps(body), "application/json", headers=token
        ),
        400,
    )


def test_a_scope_of_half_a_surrogate_pair_is_refused(logged_in):
    problem(logged_in.post("tokens/", {"name": "n", "scopes": ["\ud800"]}), 400)


@pytest.mark.parametrize("path", [path for path in POSTS if path != "tokens/"])
def test_what_changes_something_is_not_done_by_a_link(logged_in, path):
    problem(logged_in.get(path), 405)


def test_an_address_that_is_not_there_says_so_whatever_the_method(tab, db):
    problem(tab.get("nowhere/"), 404)
    problem(tab.post("nowhere/", csrf=False), 404)


def test_an_agent_with_a_nul_byte_logs_in_all_the_same(tab, ada):
    assert tab.log_in().status_code == 200
    token = tab.get("csrf/").json()["csrfToken"]
    agent = {"X-CSRFToken": token, "User-Agent": "a\x00" * 300}
    assert tab.post("login/", LOG_IN, csrf=False, **agent).status_code == 200
    assert len(TokenFamily.objects.get().user_agent) <= 200


# --- Front ends at other origins ------------------------------------------------------------------------------------
@pytest.fixture
def elsewhere(settings) -> FrontEnd:
    settings.CORS_ALLOWED_ORIGINS = settings.CSRF_TRUSTED_ORIGINS = [FRONT_END]
    settings.AUTH_COOKIE_SAMESITE, settings.AUTH_COOKIE_SECURE = "None", True
    return FrontEnd(Origin=FRONT_END)


def test_a_front_end_on_the_list_asks_before_it_sends(elsewhere, db):
    asked = {
        "Origin": FRONT_END,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-csrftoken",
    }
    answer = Client().options(AUTH + "login/", headers=asked)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, FRONT_END)
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "x-csrftoken" in answer.headers["access-control-allow-headers"]


def test_a_front_end_on_the_list_logs_in_goes_on_and_out(elsewhere, ada):
    answer = elsewhere.log_in()
    assert answer.status_code == 200
    assert (
        answer.cookies["access_token"]["samesite"],
        answer.cookies["access_token"]["secure"],
    ) == ("None", True)
    assert answer.headers["access-control-allow-origin"] == FRONT_END
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "origin" in answer.headers["Vary"].lower()
    assert elsewhere.knows() == "ada"
    assert elsewhere.post("refresh/").status_code == 200
    assert elsewhere.post("logout/").status_code == 204


def test_any_other_origin_may_neither_read_nor_send(elsewhere, ada):
    elsewhere.log_in()
    elsewhere.headers = {"Origin": "https://evil.example"}
    assert "access-control-allow-origin" not in elsewhere.get("profiles/me/").headers
    assert problem(elsewhere.post("logout/"), 403) == "csrf-failed"


@pytest.mark.parametrize("origin", [FRONT_END, "https://anybody.example"])
def test_public_reads_are_everybodys_and_without_credentials(elsewhere, db, origin):
    answer = Client().get("/api/v1/taxa/", headers={"Origin": origin})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


def test_cookies_reach_nothing_else_of_the_api(logged_in):
    person("other")
    plain = Client().get("/api/v1/taxa/")
    asked = logged_in.client.get("/api/v1/taxa/")
    assert asked.content == plain.content
    assert "Cookie" not in asked.headers.get("Vary", "")
