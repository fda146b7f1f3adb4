"""Who may keep an answer, and on what it depends."""

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/", "/data/", "/accounts/login/", "/nothing-here/", "/people/nobody/"])
def test_pages_are_private_and_vary_on_who_asks_how_and_in_what(client, path):
    answer = client.get(path)
    assert "private" in answer["Cache-Control"]
    assert {"Cookie", "Accept-Language", "HX-Request"} <= {part.strip() for part in answer["Vary"].split(",")}


def test_what_is_no_page_says_itself_how_long_it_keeps(client):
    assert client.get("/healthz").headers.get("Cache-Control") != "private, no-cache"
