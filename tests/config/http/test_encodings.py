"""Public texts are compressed where a client asks for it; what has no body has no length."""

import gzip
import zlib

import pytest

from tests import factories

pytestmark = pytest.mark.django_db

LIST = "/api/v1/observations/"
ITEMS = "/ogc/collections/observations/items"
TEXTS = (
    *(
        LIST,
        f"{LIST}?format=csv",
        f"{LIST}?format=ndjson",
        f"{LIST}?format=geojsonseq",
        f"{LIST}summary/",
    ),
    *(
        ITEMS,
        f"{ITEMS}?f=html",
        "/ogc/collections",
        "/ogc/api",
        "/api/v1/schema/",
        "/api/v1/datasets/",
    ),
    "/sitemap.xml",
)


@pytest.fixture(autouse=True)
def held():
    for _ in range(3):
        factories.observation()


def body_of(answer):
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.mark.parametrize("address", TEXTS)
def test_a_text_is_the_same_compressed_or_not_and_its_etag_holds_for_both(client, address):
    plain = client.get(address)
    packed = client.get(address, headers={"Accept-Encoding": "br;q=1, gzip;q=0.5"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    for answer in (plain, packed):
        assert "accept-encoding" in answer.headers["Vary"].lower()
    assert zlib.decompress(body_of(packed), 31) == body_of(plain)
    if "ETag" in plain.headers:
        assert packed.headers["ETag"].startswith("W/")
        for etag in (plain.headers["ETag"], packed.headers["ETag"]):
            for encoding in ("gzip", "identity"):
                again = client.get(
                    address, headers={"If-None-Match": etag, "Accept-Encoding": encoding}
                )
                assert again.status_code == 304, (address, etag)
                assert "accept-encoding" in again.headers["Vary"].lower()


@pytest.mark.parametrize(
    "refusal", ["", "identity", "gzip;q=0", "gzip; q=0.000", "*;q=0", "br", "gzip;q=0, *;q=1"]
)
def test_nothing_is_compressed_for_those_who_do_not_want_it(client, refusal):
    for address in (ITEMS, f"{LIST}?format=csv", "/api/v1/schema/"):
        answer = client.get(address, headers={"Accept-Encoding": refusal})
        assert "Content-Encoding" not in answer.headers
        assert body_of(answer)[:2] != b"\x1f\x8b"


def test_a_star_takes_gzip_too(client):
    assert client.get(ITEMS, headers={"Accept-Encoding": "*"}).headers["Content-Encoding"] == "gzip"


def test_files_are_compressed_as_they_are_streamed(client):
    answer = client.get(LIST, {"format": "csv"}, headers={"Accept-Encoding": "gzip"})
    assert answer.streaming
    assert "Content-Length" not in answer.headers
    assert gzip.decompress(body_of(answer)).count(b"\r\n") == 4


def test_answers_to_people_are_not_compressed_beside_their_secrets(client):
    for address in ("/accounts/login/", "/api/v1/auth/csrf/"):
        assert (
            "Content-Encoding"
            not in client.get(address, headers={"Accept-Encoding": "gzip"}).headers
        )


@pytest.mark.parametrize("address", [*TEXTS, "/tiles/observations/0/0/0.mvt"])
def test_what_has_no_body_claims_no_length_of_zero(client, address):
    answer = client.get(address)
    if "ETag" in answer.headers:
        unchanged = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
        assert unchanged.status_code == 304
        assert "Content-Length" not in unchanged.headers
    head = client.head(address)
    assert head.status_code == 200
    assert head.headers.get("Content-Length") != "0"


def test_an_address_that_is_too_long_is_a_problem(client):
    for path in (LIST, ITEMS, "/tiles/observations/0/0/0.mvt"):
        answer = client.get(path, {"q": "x" * 9_000})
        assert (answer.status_code, answer.headers["Content-Type"]) == (
            414,
            "application/problem+json",
        )
        assert answer.json()["status"] == 414
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_redirection_to_the_slash_may_be_followed_by_scripts_of_other_origins(client):
    for path in ("/api/v1/observations", "/api/v1/datasets", "/api/v1/observations/count"):
        answer = client.get(path)
        assert answer.status_code == 301
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_ids_in_addresses_may_be_written_in_capitals_and_the_canonical_link_has_them_small(client):
    made = factories.observation()
    key, uuid = str(made.key), str(made.dataset.uuid)
    for pattern, value in (
        ("/api/v1/observations/{}/", key),
        ("/api/v1/datasets/{}/", uuid),
        ("/ogc/collections/observations/items/{}", key),
        ("/ogc/collections/datasets/items/{}", uuid),
    ):
        small, capital = (client.get(pattern.format(text)) for text in (value, value.upper()))
        assert (small.status_code, capital.status_code) == (200, 200), pattern
        canonical = f'<http://testserver{pattern.format(value)}>; rel="canonical"'
        assert canonical in small.headers["Link"]
        assert canonical in capital.headers["Link"]
    for path in (f"/observations/{key.upper()}/", f"/datasets/{uuid.upper()}/"):
        page = client.get(path)
        assert page.status_code == 200
        assert f'rel="canonical" href="http://testserver{path.lower()}"' in page.content.decode()
