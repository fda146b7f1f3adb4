"""The accounts' API describes itself: what is sent, what comes back, what is refused, who may ask."""

import pytest
from drf_spectacular.generators import SchemaGenerator

from tests.users.api.front_end import AUTH
from tests.users.api.test_profile import READ

EVERYBODYS = {"csrf/", "register/", "login/", "password/reset/", "password/reset/confirm/"}
EVERYBODYS |= {"verify-email/", "verify-email/resend/"}


@pytest.fixture(scope="module")
def operations():
    """Method and path to the operation, as OpenAPI has it."""
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    return {
        (method, path.removeprefix(AUTH)): operation
        for path, methods in paths.items()
        if path.startswith(AUTH)
        for method, operation in methods.items()
    }


def test_every_address_is_described(operations):
    assert set(operations) == {
        *(
            ("post", path)
            for path in (
                "register/",
                "login/",
                "logout/",
                "refresh/",
                "password/change/",
                "tokens/",
            )
        ),
        *(("post", f"password/reset/{rest}") for rest in ("", "confirm/")),
        *(("post", f"verify-email/{rest}") for rest in ("", "resend/")),
        *((method, "profiles/me/") for method in ("get", "patch")),
        *(("get", path) for path in ("csrf/", "tokens/")),
        ("delete", "tokens/{key}/"),
    }


def test_every_operation_says_what_it_does_takes_answers_and_refuses_by_examples(operations):
    for (method, path), operation in operations.items():
        assert operation["summary"], path
        assert operation["description"], path
        body = operation.get("requestBody")
        assert (body is None) == (method in {"get", "delete"} or path in {"logout/", "refresh/"}), (
            path
        )
        contents = [*([body] if body else []), *operation["responses"].values()]
        for kind in (kind for each in contents for kind in each.get("content", {}).values()):
            assert kind["examples"], path


def test_every_operation_says_who_may_ask(operations):
    for (_, path), operation in operations.items():
        asked = {name for scheme in operation.get("security", []) for name in scheme}
        assert (not asked) == (path in EVERYBODYS), path
        assert ("personalAccessToken" in asked) == (path == "profiles/me/"), path


def test_what_changes_something_by_cookie_names_the_csrf_header(operations):
    for (method, path), operation in operations.items():
        named = [each["name"] for each in operation.get("parameters", [])]
        without = method == "get" or path in EVERYBODYS - {"register/", "login/"}
        assert ("X-CSRFToken" in named) != without, path


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "profiles/me/", None),
        ("post", "refresh/", None),
        ("get", "tokens/", None),
        ("post", "tokens/", {"name": "export", "scopes": [READ]}),
    ],
)
def test_an_answer_has_the_fields_of_its_example(operations, logged_in, method, path, body):
    answer = logged_in.get(path) if method == "get" else logged_in.post(path, body)
    responses = operations[method, path]["responses"][str(answer.status_code)]
    (example,) = responses["content"]["application/json"]["examples"].values()
    assert set(answer.json()) == set(example["value"])
