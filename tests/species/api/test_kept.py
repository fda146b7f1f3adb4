"""Every public read is kept until the data change: 304 for the same question, by ETag and by date."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from django.utils.http import http_date

from species import caching
from species.models import DataVersion, RefreshRun
from tests import factories

pytestmark = pytest.mark.django_db

LIST = "/api/v1/observations/"
HOUR = timedelta(hours=1)


@pytest.fixture
def addresses():
    made = factories.observation(taxon=factories.taxon("Mola mola", aphia_id=127_405))
    change(timezone.now() - HOUR)
    return [
        *(
            LIST,
            f"{LIST}?format=csv",
            f"{LIST}?format=ndjson",
            f"{LIST}{made.key}/",
            f"{LIST}count/",
        ),
        *(
            "/api/v1/taxa/",
            "/api/v1/taxa/127405/",
            "/api/v1/datasets/",
            f"/api/v1/datasets/{made.dataset.uuid}/",
        ),
        *("/ogc/collections/observations/items", "/tiles/observations/0/0/0.mvt"),
    ]


def change(moment):
    DataVersion.advance()
    DataVersion.objects.update(published_at=moment)


def test_the_same_question_is_304_by_etag_and_by_date_until_the_data_change(
    client, addresses, django_assert_max_num_queries
):
    for address in addresses:
        answer = client.get(address)
        etag, date = answer.headers["ETag"], answer.headers["Last-Modified"]
        assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        for condition in ({"If-None-Match": etag}, {"If-Modified-Since": date}):
            # the data's version; of datasets the refreshes too
            with django_assert_max_num_queries(2):
                again = client.get(address, headers=condition)
            assert (again.status_code, again.content) == (304, b""), address
            assert again.headers["ETag"] == etag
            assert "Content-Type" not in again.headers
    before = {address: client.get(address).headers for address in addresses}
    change(timezone.now() - HOUR / 2)
    for address, told in before.items():
        for name, header in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
            assert client.get(address, headers={name: told[header]}).status_code == 200


def test_in_the_second_of_a_change_no_date_is_told_since_another_may_follow(client):
    # or this second would be over before it is asked on a busy machine
    change(timezone.now() + HOUR / 60)
    answer = client.get(LIST)
    assert "Last-Modified" not in answer.headers
    assert client.get(LIST, headers={"If-Modified-Since": http_date()}).status_code == 200


def test_a_change_has_a_date_from_the_third_second_after_it(monkeypatch):
    monkeypatch.setattr(caching.time, "time", lambda: 1_000_000.9)
    dates = [
        caching.settled_second(datetime.fromtimestamp(1_000_000 - ago, UTC)) for ago in range(5)
    ]
    assert dates == [None, None, None, 999_997, 999_996]


def test_another_build_prints_all_anew(client, addresses, settings):
    for address in (*addresses, "/ogc/", "/sitemap.xml"):
        etag = client.get(address).headers["ETag"]
        assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
        settings.BUILD += "x"
        assert client.get(address, headers={"If-None-Match": etag}).status_code == 200, address


def test_formats_and_questions_have_their_own_etags(client, addresses):
    asked = [
        f"{LIST}?limit=1",
        f"{LIST}?limit=2",
        f"{LIST}?limit=1&format=csv",
        f"{LIST}?limit=1&format=json",
    ]
    assert len({client.get(address).headers["ETag"] for address in asked}) == len(asked)
    etag = client.get(LIST).headers["ETag"]
    assert (
        client.get(LIST, headers={"If-None-Match": etag, "Accept": "text/csv"}).status_code == 200
    )


def test_a_refusal_is_not_kept(client):
    answer = client.get(f"{LIST}?bbox=1")
    assert not {"ETag", "Last-Modified"} & set(answer.headers)


def test_what_datasets_say_of_their_refresh_is_as_fresh_as_the_newest_run(client, addresses):
    told = client.get("/api/v1/datasets/").headers
    RefreshRun.objects.create(mode="full", state="running", seen_at=timezone.now() - HOUR / 4)
    RefreshRun.objects.update(queued_at=timezone.now() - HOUR / 2)
    for condition in (
        {"If-None-Match": told["ETag"]},
        {"If-Modified-Since": told["Last-Modified"]},
    ):
        assert client.get("/api/v1/datasets/", headers=condition).status_code == 200


def test_geojson_goes_out_as_plain_json_too(client, addresses):
    assert (
        client.get(LIST, {"format": "json"}).json()["features"]
        == client.get(LIST).json()["features"]
        != []
    )
