"""A front end for the tests: it keeps cookies, fetches the CSRF token, speaks JSON and reads
problems.
"""

from typing import Any

from django.test import Client

from tests.users.people import PASSWORD

AUTH = "/api/v1/auth/"


class FrontEnd:
    """One browser's tab. The CSRF token is demanded of it as of any browser."""

    def __init__(self, **headers: str) -> None:
        self.client, self.headers = Client(enforce_csrf_checks=True), headers

    def get(self, path: str = "", **headers: str) -> Any:
        return self.client.get(AUTH + path, headers=self.headers | headers)

    def send(
        self, method: str, path: str, body: Any = None, *, csrf: bool = True, **headers: str
    ) -> Any:
        """The answer. A body that is text is sent as it is, anything else as JSON."""
        if csrf:
            headers["X-CSRFToken"] = self.get("csrf/").json()["csrfToken"]
        given = {"data": {} if body is None else body, "content_type": "application/json"}
        return getattr(self.client, method)(AUTH + path, **given, headers=self.headers | headers)

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        return self.send("post", path, body, **options)

    def log_in(self, name: str = "ada", **body: Any) -> Any:
        return self.post("login/", {"email": f"{name}@example.org", "password": PASSWORD} | body)

    @property
    def tokens(self) -> dict[str, str]:
        jar = self.client.cookies
        return {
            name: jar[name].value
            for name in ("access_token", "refresh_token")
            if name in jar and jar[name].value
        }

    def keep(self, tokens: dict[str, str]) -> None:
        for name, value in tokens.items():
            self.client.cookies[name] = value

    def knows(self) -> str | None:
        """Whom the API takes this front end for."""
        answer = self.get("profiles/me/")
        return answer.json()["username"] if answer.status_code == 200 else None


def problem(answer, status: int) -> str:
    """The code of the problem that the answer must be."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (
        status,
        "application/problem+json",
    )
    body = answer.json()
    assert body["status"] == status
    return body.get("code", "")


def reasons(answer) -> dict[str, str]:
    problem(answer, 400)
    return {error["parameter"]: error["reason"] for error in answer.json()["errors"]}
