"""The API on the portal itself: refreshes, numbers, saved selections; nothing of it tells what is
for staff.
"""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.http import http_date

from species.filters import ObservationFilter
from species.models import DataVersion, RefreshRun, RejectedRecord, SavedSelection
from species.selections import save
from tests import factories
from users.models import User

pytestmark = pytest.mark.django_db

RUNS, NUMBERS = "/api/v1/refresh-runs/", "/api/v1/statistics/"


@pytest.fixture
def runs():
    moment = datetime(2026, 7, 1, 9, tzinfo=UTC)
    failed = RefreshRun.objects.create(
        mode="full", state="failed", error="/srv/portal/secret.key: no such file", notes=["password=1234"],
        requested_by="ada@example.org", options={"geometry": "x"}, cursor={"dataset": "x"}, finished_at=moment,
    )  # fmt: skip
    books = {"fetched": 10, "added": 6, "changed": 1, "unchanged": 1, "rejected": 2}
    done = RefreshRun.objects.create(
        mode="incremental",
        state="done",
        started_at=moment,
        reasons={"zero_coordinates": 2},
        **books,
    )
    return failed, done


def test_refreshes_are_listed_newest_first_with_their_books_and_nothing_for_staff(client, runs):
    failed, done = runs
    answer = client.get(RUNS)
    told = answer.json()["results"]
    assert [run["id"] for run in told] == [done.pk, failed.pk]
    assert told[0]["fetched"] == 10 == sum(told[0][name] for name in RefreshRun.OUTCOMES)
    assert told[0]["reasons"] == {"zero_coordinates": 2}
    assert (told[0]["started"], told[1]["state"]) == ("2026-07-01T09:00:00Z", "failed")
    for secret in (b"secret", b"1234", b"ada@", b"geometry", b'dataset"'):
        assert secret not in answer.content
    assert client.get(f"{RUNS}{done.pk}/").json() == told[0]
    assert client.get(f"{RUNS}999/").status_code == 404


def test_refreshes_are_paged_to_the_first(client, runs):
    first = client.get(RUNS, {"limit": 1})
    assert 'rel="next"' in first.headers["Link"]
    last = client.get(first.json()["next"]).json()
    assert [run["id"] for run in last["results"]] == [runs[0].pk]
    assert last["next"] is None
    assert client.get(RUNS, {"state": "done"}).status_code == 400


def test_a_sign_of_life_of_a_refresh_is_news(client, runs):
    # the older one too, while another waits behind it
    for address, run in product((RUNS, NUMBERS), runs):
        etag = client.get(address).headers["ETag"]
        assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
        RefreshRun.objects.filter(pk=run.pk).update(seen_at=timezone.now())
        assert client.get(address, headers={"If-None-Match": etag}).status_code == 200


def test_that_a_refresh_is_due_is_news_though_time_alone_brings_it(client, runs, monkeypatch):
    told = client.get(NUMBERS).headers
    assert "Last-Modified" not in told
    assert client.get(NUMBERS, headers={"If-None-Match": told["ETag"]}).status_code == 304
    later = timezone.now() + timedelta(days=32)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert client.get(NUMBERS, headers={"If-None-Match": told["ETag"]}).status_code == 200


def test_statistics_tell_what_the_page_about_the_data_tells(client, runs):
    made = factories.observation(taxon=factories.taxon("Mola mola"))
    facts = {
        "key": made.key,
        "record_hash": made.key,
        "payload": b"",
        "first_seen": factories.LONG_AGO,
    }
    RejectedRecord.objects.create(
        dataset=made.dataset, reason="zero_coordinates", last_seen=factories.LONG_AGO, **facts
    )
    DataVersion.advance()
    told = client.get(NUMBERS).json()
    held = told["observations"]
    assert (held["published"], held["absent"], held["withdrawn"], held["total"]) == (1, 0, 0, 1)
    assert held["demonstration"] == held["publishedDemonstration"] == 0
    assert (told["datasets"], told["species"], told["dataVersion"]) == (1, 1, DataVersion.current())
    (rejected,) = told["rejected"]
    assert (rejected["reason"], rejected["number"], rejected["isExact"]) == (
        "zero_coordinates",
        1,
        True,
    )
    assert rejected["rule"]
    assert {each["mode"] for each in told["schedule"]} == {"incremental", "full"}
    assert client.get(NUMBERS, {"x": 1}).status_code == 400


def test_a_saved_selection_says_what_it_asks_and_where(client):
    owner = User.objects.create_user(
        "ada@example.org", username="ada", password="an anemone under the pier"
    )
    polygon = "POLYGON ((0 50, 0 60, 8 60, 8 50, 0 50))"
    saved = save(
        ObservationFilter.from_query({"from": "2010", "polygon": polygon}),
        None,
        owner,
        "my secret whales",
    )
    address = f"/api/v1/selections/{saved.hash}/"
    answer = client.get(address)
    told = answer.json()
    assert told["parameters"]["from"] == "2010-01-01"
    assert told["query"] == saved.query
    assert "2010" in told["words"]
    assert told["area"]["coordinates"][0][:2] in (
        [[0, 50], [8, 50]],
        [[8, 60], [0, 60]],
        [[8, 50], [8, 60]],
    )
    assert told["expires"] is None
    assert (
        client.get(told["observations"]).status_code == client.get(told["map"]).status_code == 200
    )
    assert b"secret" not in answer.content
    assert b"ada" not in answer.content
    assert client.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_a_selection_that_is_kept_for_longer_is_told_anew_whenever_it_was_first_saved(client):
    question = ObservationFilter.from_query({"from": "2010"})
    saved = save(question, None, AnonymousUser())
    SavedSelection.objects.update(
        created_at=factories.LONG_AGO, expires_at=timezone.now() + timedelta(days=1)
    )
    address = f"/api/v1/selections/{saved.hash}/"
    etag = client.get(address).headers["ETag"]
    moment = http_date((timezone.now() - timedelta(hours=1)).timestamp())
    save(question, None, AnonymousUser())
    for condition in ({"If-None-Match": etag}, {"If-Modified-Since": moment}):
        assert client.get(address, headers=condition).status_code == 200


def test_a_selection_that_has_expired_is_gone_and_one_that_never_was_is_not_found(client):
    saved = save(ObservationFilter.from_query({"from": "2010"}), None, AnonymousUser())
    SavedSelection.objects.update(expires_at=timezone.now() - timedelta(days=1))
    gone = client.get(f"/api/v1/selections/{saved.hash}/")
    assert (gone.status_code, gone.json()["code"]) == (410, "selection-expired")
    for name in ("0" * 20, "x"):
        answer = client.get(f"/api/v1/selections/{name}/")
        assert (answer.status_code, answer.headers["Content-Type"]) == (
            404,
            "application/problem+json",
        )
