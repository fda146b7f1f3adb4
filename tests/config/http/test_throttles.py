"""Public reads are counted by client, announced in every answer, and refused in words when they are
too many.
"""

import pytest

from config.http import throttles
from config.settings import THROTTLES as DEFAULTS
from tests import factories

pytestmark = pytest.mark.django_db

LIST = "/api/v1/observations/"
TILE = "/tiles/observations/0/0/0.mvt"
OGC_TILE = "/ogc/collections/observations/tiles/WebMercatorQuad/0/0/0"
CHANCES = {
    "tiles": (3, 60),
    "reads": (2, 60),
    "questions": (2, 60),
    "features": (200, 60),
    "exports": (1, 3_600),
}
CHANCES |= {"pages": (2, 60)}


@pytest.fixture(autouse=True)
def chances(settings, monkeypatch):
    """Few, in windows that do not end while a test runs."""
    settings.THROTTLES = CHANCES
    monkeypatch.setattr(throttles, "WINDOWS", {})
    monkeypatch.setattr(throttles.time, "time", lambda: 999_999_990.0)


def test_every_answer_says_what_is_allowed_and_what_is_left(client):
    answer = client.get(LIST)
    assert answer.headers["RateLimit-Policy"] == '"reads";q=2;w=60'
    assert answer.headers["RateLimit"] == '"reads";r=1;t=30'
    assert "RateLimit" in answer.headers["Access-Control-Expose-Headers"]
    assert client.get("/sitemap.xml").headers["RateLimit"] == '"reads";r=0;t=30'
    assert client.get(TILE).headers["RateLimit"] == '"tiles";r=2;t=30'
    assert client.get(OGC_TILE).headers["RateLimit"] == '"tiles";r=1;t=30'


@pytest.mark.parametrize(
    "address", ["/healthz", "/developers/", "/accounts/login/", "/api/v1/auth/csrf/"]
)
def test_accounts_and_pages_without_data_are_not_counted(client, address):
    for _ in range(5):
        assert "RateLimit" not in client.get(address).headers


def test_too_many_are_refused_with_a_problem_that_says_when_to_come_back(
    client, django_assert_num_queries
):
    for _ in range(2):
        client.get(LIST)
    assert client.get("/ogc").status_code == 429
    with django_assert_num_queries(0):
        answer = client.get(LIST)
    assert (answer.status_code, answer.headers["Content-Type"]) == (429, "application/problem+json")
    assert (answer.json()["status"], answer.headers["Retry-After"]) == (429, "30")
    assert answer.headers["RateLimit"] == '"reads";r=0;t=30'
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]
    assert client.get(TILE).status_code == 204
    assert client.get(LIST, REMOTE_ADDR="192.0.2.7").status_code == 200


def test_what_pages_ask_while_somebody_types_or_moves_the_map_is_counted_too(client):
    answers = [
        client.get(address) for address in ("/suggest/?q=cod", "/summary/", "/suggest/?q=cods")
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 429]


@pytest.mark.parametrize(
    "address",
    [
        *(
            "/",
            "/observations/",
            "/absences/",
            "/species/",
            "/datasets/",
            "/data/",
            "/people/nobody/",
        ),
        *("/observations/5f8e6a2b-1c1d-4b5a-9b0e-6a5d3c2b1a00/", "/q/0123456789abcdef0123/"),
    ],
)
def test_pages_are_counted_together_and_refused_with_a_page(
    client, address, django_assert_num_queries
):
    answers = [client.get("/?polygon=x"), client.get("/observations/?from=yesterday")]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert [answer.headers["RateLimit"] for answer in answers] == [
        '"pages";r=1;t=30',
        '"pages";r=0;t=30',
    ]
    # whether the frame has to say that there is demonstration data
    with django_assert_num_queries(1):
        refused = client.get(address, headers={"Accept-Language": "de"})
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "30")
    assert refused.headers["Content-Type"].startswith("text/html")
    assert "Zu viele Anfragen" in refused.content.decode()
    assert client.get(LIST).status_code == 200


def test_uploads_that_fail_are_counted_as_pages_too(client):
    for _ in range(2):
        assert client.post("/q/", {"query": "polygon=x"}).status_code == 400
    assert client.post("/q/", {"query": "polygon=x"}).status_code == 429


def test_a_new_window_is_a_new_chance(client, monkeypatch):
    for _ in range(3):
        refused = client.get(LIST).status_code
    monkeypatch.setattr(throttles.time, "time", lambda: 1_000_000_021.0)
    assert (refused, client.get(LIST).status_code) == (429, 200)


def test_a_read_that_is_counted_late_does_not_begin_the_window_before_anew():
    window = throttles.Window()
    assert [window.count("192.0.2.7", began) for began in (7, 8, 7, 8)] == [1, 1, 2, 3]


def test_files_have_a_limit_of_their_own_beside_that_of_reads(client):
    first = client.get(LIST, {"format": "csv"})
    assert first.headers["RateLimit-Policy"] == '"reads";q=2;w=60, "exports";q=1;w=3600'
    second = client.get(LIST, {"format": "csv"})
    assert (second.status_code, second.headers["Content-Type"]) == (429, "application/problem+json")
    assert second.headers["Retry-After"] == str(3_600 - 999_999_990 % 3_600)


def test_the_head_of_a_file_is_no_export(client):
    head = client.head(LIST, {"format": "csv"})
    assert head.status_code == 200
    assert "exports" not in head.headers["RateLimit-Policy"]
    assert client.get(LIST, {"format": "csv"}).status_code == 200


def test_what_is_counted_in_memory_is_bounded(client, monkeypatch):
    monkeypatch.setattr(throttles, "MOST_CLIENTS", 3)
    for number in range(20):
        client.get(LIST, REMOTE_ADDR=f"192.0.2.{number}")
    assert len(throttles.WINDOWS["reads"].numbers) <= 4


ITEMS = "/ogc/collections/observations/items"


def test_pages_of_features_cost_what_they_deliver_so_that_small_ones_are_not_refused_midway(
    client, settings
):
    settings.THROTTLES = CHANCES | {"features": (throttles.LEAST_COST["features"] * 9, 60)}
    for _ in range(9):
        answer = client.get(ITEMS, {"limit": 10})
        assert answer.status_code == 200
    assert answer.headers["RateLimit"] == '"features";r=0;t=30'
    refused = client.get(ITEMS, {"limit": 10})
    assert (refused.status_code, refused.headers["Content-Type"]) == (
        429,
        "application/problem+json",
    )
    assert refused.headers["Retry-After"] == "30"
    assert client.get("/ogc/conformance").headers["RateLimit"] == '"reads";r=1;t=30'


def test_a_large_page_of_features_counts_every_feature(client, settings, monkeypatch):
    monkeypatch.setitem(throttles.LEAST_COST, "features", 2)
    for _ in range(5):
        factories.observation()
    settings.THROTTLES = CHANCES | {"features": (7, 60)}
    assert client.get(ITEMS).headers["RateLimit"] == '"features";r=2;t=30'
    assert client.get(ITEMS, {"limit": 1}).headers["RateLimit"] == '"features";r=0;t=30'
    assert client.get(ITEMS, {"limit": 1}).status_code == 429


def test_ten_features_a_page_are_never_refused_at_the_speed_of_one_reader():
    """GDAL 3.6 asks for 10 a page, one page after the other: 200 pages a second is more than any
    server here gives.
    """
    quota, seconds = DEFAULTS["features"]
    assert quota / throttles.LEAST_COST["features"] >= 500 * seconds
