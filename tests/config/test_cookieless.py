"""No cookie changes a public answer, and no public answer sets one."""

import pytest

GARBLED = {"Cookie": "sessionid=x; csrftoken=y; django_language=de"}
ADDRESSES = (
    *("/tiles/observations/0/0/0.mvt", "/api/v1/observations/", "/api/v1/nowhere/", "/words/de.js", "/robots.txt"),
    *("/sitemap.xml", "/sitemap-pages.xml"),
)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_garbled_cookie_is_neither_read_nor_replaced(client, address):
    plain, with_cookie = client.get(address), client.get(address, headers=GARBLED)
    assert with_cookie.content == plain.content
    assert not with_cookie.cookies
    assert "cookie" not in with_cookie.headers.get("Vary", "").lower()
    german = client.get(address, headers={"Accept-Language": "de"})
    assert german.content == plain.content
    assert "language" not in german.headers.get("Vary", "").lower()
