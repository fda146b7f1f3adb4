"""The whole way as a Python program goes it, over real HTTP: log in, profile, refresh, log out."""

import pytest
import requests

from tests.users.people import PASSWORD, person


@pytest.fixture
def quick_passwords():
    """Here passwords are hashed as they are in production."""


def test_a_program_logs_in_reads_its_profile_refreshes_and_logs_out(live_server, transactional_db):
    person("ada")
    auth, session = f"{live_server.url}/api/v1/auth/", requests.Session()

    def post(path: str, **body: str) -> requests.Response:
        token = session.get(auth + "csrf/", timeout=20).json()["csrfToken"]
        return session.post(auth + path, json=body, headers={"X-CSRFToken": token}, timeout=20)

    assert session.get(auth + "profiles/me/", timeout=20).status_code == 401
    assert (
        post("login/", email="ada@example.org", password=PASSWORD).json()["user"]["username"]
        == "ada"
    )
    paths = {cookie.name: cookie.path for cookie in session.cookies}
    assert (paths["access_token"], paths["refresh_token"]) == ("/", "/api/v1/auth/")
    assert session.get(auth + "profiles/me/", timeout=20).json()["email"] == "ada@example.org"
    before = session.cookies["refresh_token"]
    assert post("refresh/").status_code == 200
    assert session.cookies["refresh_token"] != before
    assert session.get(auth + "profiles/me/", timeout=20).status_code == 200
    assert post("logout/").status_code == 204
    assert not {"access_token", "refresh_token"} & {cookie.name for cookie in session.cookies}
    assert session.get(auth + "profiles/me/", timeout=20).status_code == 401
