"""Lanes are bounded across processes, answer 503 when full, and are left by whoever ends, however
that is.
"""

import subprocess
import sys
import time
from datetime import date

import pytest

from config.http import lanes
from tests import factories

HOLD = """
import fcntl, os, sys, time
file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def narrow(settings, tmp_path, monkeypatch):
    """Lanes of one place each, and nobody who waits long."""
    settings.LANES, settings.LANE_FOLDER = (
        {"downloads": 1, "queries": 1, "readers": 1},
        tmp_path / "lanes",
    )
    monkeypatch.setattr(lanes, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(lanes, "READER_PATIENCE_SECONDS", 0.05)
    return settings.LANE_FOLDER


def test_a_lane_has_so_many_places_and_one_is_free_once_it_is_left(narrow):
    place = lanes.take("downloads")
    with pytest.raises(lanes.LaneFull):
        lanes.take("downloads")
    lanes.take("queries").leave()
    place.leave()
    with lanes.take("downloads"):
        assert lanes.free_place("downloads") is None


def test_only_its_owner_may_look_into_the_folder(narrow):
    lanes.take("downloads").leave()
    assert narrow.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in narrow.iterdir()} == {0o600}


def test_another_process_counts_too_and_a_killed_one_leaves_its_place(narrow):
    lanes.take("downloads").leave()
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, narrow / "downloads-0"], stdout=subprocess.PIPE
    )
    assert other.stdout.readline() == b"held\n"
    with pytest.raises(lanes.LaneFull):
        lanes.take("downloads")
    other.kill()
    other.wait()
    lanes.take("downloads").leave()


def test_a_query_waits_for_a_place(narrow):
    place = lanes.take("queries")
    with pytest.raises(lanes.LaneFull):
        lanes.take("queries", patience=0.05)
    place.leave()
    assert lanes.take("queries", patience=0.05)


def test_few_wait_and_the_others_are_refused_at_once(narrow, monkeypatch):
    place = lanes.take("queries")
    taken = [lanes.WAITING.acquire(blocking=False) for _ in range(100)]
    try:
        begun = time.monotonic()
        with pytest.raises(lanes.LaneFull):
            lanes.take("queries", patience=30)
        assert time.monotonic() - begun < 10
    finally:
        for _ in range(sum(taken)):
            lanes.WAITING.release()
        place.leave()


def test_without_a_folder_nothing_is_refused(narrow, settings, tmp_path):
    (tmp_path / "file").write_text("")
    settings.LANE_FOLDER = tmp_path / "file" / "lanes"
    assert [lanes.take("downloads") for _ in range(3)]


@pytest.mark.django_db(transaction=True)
def test_a_download_holds_a_place_until_it_ends_and_the_next_is_told_when_to_come_back(
    narrow, client
):
    factories.observation()
    address = "/api/v1/observations/?format=csv"
    first = client.get(address)
    refused = client.get(address)
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) >= 5
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert "downloads" in refused.json()["detail"]
    assert b"".join(first.streaming_content)
    second = client.get(address)
    assert second.status_code == 200
    second.close()  # the client left before it read anything
    assert client.get(address).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/tiles/observations/0/0/0.mvt?flag=ON_LAND",
        "/api/v1/observations/count/?near=54,8,50",
        "/ogc/collections/observations/items?filter=depth%20%3E%205",
        "/observations/?evidence=dna",
        "/?evidence=dna",
        "/summary/?view=0,0,10,10",
    ],
)
def test_a_search_is_refused_while_all_places_are_taken_and_what_densities_know_is_not(
    narrow, client, address
):
    with lanes.take("queries"):
        refused = client.get(address)
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
        kind = (
            "text/html"
            if address.startswith(("/observations", "/?", "/summary"))
            else "application/problem+json"
        )
        assert refused.headers["Content-Type"].startswith(kind)
        assert client.get("/observations/?taxon=1").status_code != 503
        assert client.get("/tiles/observations/0/0/0.mvt?depth=0,50").status_code in {200, 204}
        assert client.get("/healthz").status_code == 200
    assert client.get(address).status_code != 503


@pytest.mark.django_db
def test_a_reading_by_gdal_goes_on_while_all_places_for_searches_are_taken(narrow, client):
    """R takes a refusal in the middle for missing values, with a warning at most."""
    for day in range(1, 4):
        factories.observation(date_start=date(2020, 1, day))
    items = "/ogc/collections/observations/items"
    body = client.get(items, {"bbox": "-180,-90,180,90", "limit": 1}).json()
    (following,) = (link["href"] for link in body["links"] if link["rel"] == "next")
    with lanes.take("queries"):
        assert client.get(following).json()["numberReturned"] == 1
        assert client.get(f"{items}?bbox=-180,-90,180,90").status_code == 503
        assert (
            client.get("/observations/?bbox=-180,-90,180,90&after=2020-01-02.1").status_code == 503
        )
        with lanes.take("readers"):
            assert client.get(following).status_code == 503


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["utm_source", "fbclid", "GCLID", "mtm_campaign", "amp;utm_medium"]
)
def test_a_tracking_parameter_makes_no_search_of_a_request(narrow, client, name):
    with lanes.take("queries"):
        for address in ("/", "/observations/", "/summary/", "/absences/"):
            assert client.get(address, {name: "x", "taxon": "1"}).status_code == 200
        if name != "amp;utm_medium":  # only pages read copied "&amp;"
            assert client.get("/api/v1/observations/", {name: "x"}).status_code == 400


@pytest.mark.django_db
def test_bodies_are_bounded_and_pages_are_not(narrow, client):
    taken = [lanes.BODIES.acquire(blocking=False) for _ in range(100)]
    try:
        assert client.post("/q/", {"query": ""}).status_code == 503
        assert client.get("/healthz").status_code == 200
    finally:
        for _ in range(sum(taken)):
            lanes.BODIES.release()
    assert client.post("/q/", {"query": ""}).status_code != 503
