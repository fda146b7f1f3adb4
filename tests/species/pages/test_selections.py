"""Saved selections: who may save, what a short address opens, when it expires, and whose it is."""

import json
import math
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from species.filters import ObservationFilter
from species.models import CuratedObservation, SavedArea, SavedSelection
from tests import factories
from tests.users import people

pytestmark = pytest.mark.django_db

SAVE = "/q/"


@pytest.fixture(autouse=True)
def nobody_was_counted():
    cache.clear()


def circle(points, radius=10):
    ring = [
        [radius * math.cos(n * math.tau / points), radius * math.sin(n * math.tau / points)]
        for n in range(points)
    ]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def file_of(content):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return SimpleUploadedFile("area.geojson", body, "application/geo+json")


def saved(client, query="from=2010", **more):
    response = client.post(SAVE, {"query": query, **more})
    assert response.status_code == 302, response.content.decode()
    return SavedSelection.objects.latest("pk")


def test_a_selection_is_saved_under_the_hash_of_the_question_and_opens_from_there(client):
    response = client.post(SAVE, {"query": "to=&from=2010&months=6,7"}, follow=True)
    row = SavedSelection.objects.get()
    assert row.hash == ObservationFilter.from_query({"from": "2010", "months": "6-7"}).digest()
    assert response.redirect_chain == [("/?from=2010-01-01&months=6-7", 302)]
    assert f"/q/{row.hash}/" in response.content.decode()
    assert client.get(f"/q/{row.hash}/").headers["Location"] == "/?from=2010-01-01&months=6-7"


def test_only_a_post_with_the_token_of_the_form_saves():
    client = Client(enforce_csrf_checks=True)
    assert client.post(SAVE, {"query": "from=2010"}).status_code == 403
    assert client.get(SAVE).status_code == 405
    assert not SavedSelection.objects.exists()


def test_opening_writes_nothing(client, django_assert_num_queries):
    row = saved(client)
    with django_assert_num_queries(1) as asked:
        client.get(f"/q/{row.hash}/")
    assert asked.captured_queries[0]["sql"].startswith("SELECT")


def test_an_uploaded_area_too_long_for_an_address_gets_a_short_one_everywhere(client):
    inside, outside = factories.observation(at=(1.0, 1.0)), factories.observation(at=(50.0, 50.0))
    row = saved(client, "from=2010", area=file_of(circle(5_000)))
    area = SavedArea.objects.get()
    assert row.query == f"polygon={area.hash}&from=2010-01-01"
    assert len(client.get("/api/v1/observations/").json()["features"]) == 2
    for asks in (row.query, f"selection={row.hash}"):
        features = client.get(f"/api/v1/observations/?{asks}").json()["features"]
        assert [feature["id"] for feature in features] == [str(inside.key)] != [str(outside.key)]
        assert (
            client.get(f"/tiles/observations/0/0/0.mvt?{asks}").headers["X-Observations-Total"]
            == "1"
        )
    text = client.get(f"/?{row.query}").content.decode()
    assert "area with 5,000 points" in text
    assert f'value="{row.query.replace("&", "&amp;")}"' in text


def test_a_small_uploaded_area_stands_in_the_address(client):
    row = saved(client, "", area=file_of(circle(4)))
    assert row.query.startswith("polygon=POLYGON")
    assert row.area is None


def test_a_saved_selection_may_be_narrowed_further_in_an_address(client):
    row = saved(client, "from=2010&months=6")
    asked = ObservationFilter.from_query(
        {"selection": row.hash, "months": "7", "to": "2011", "q": ""}
    )
    assert asked.canonical == {"from": "2010-01-01", "to": "2011-12-31", "months": "7"}
    text = client.get(f"/observations/?selection={row.hash}").content.decode()
    assert 'value="2010-01-01"' in text
    assert 'name="selection"' not in text


def test_an_area_can_be_taken_away_and_everything_else_kept(client):
    row = saved(client, "from=2010", area=file_of(circle(200)))
    chips = client.get(f"/observations/?{row.query}").context["chips"]
    assert [chip.without for chip in chips] == ["from=2010-01-01", row.query.split("&")[0]]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"type": "Point", "coordinates": [1, 2]}, "not Point"),
        (circle(20_001), "at most 20,000 points"),
        (
            {"type": "Polygon", "coordinates": [[[0, 0], [10, 10], [10, 0], [0, 10], [0, 0]]]},
            "crosses itself",
        ),
        (b"\x00\x01\xff", "UTF-8"),
        (b"\x00", "neither GeoJSON nor WKT"),
        (b"[" * 2_000_001, "at most 2,000,000 bytes"),
    ],
)
def test_a_file_that_is_no_area_is_400_with_the_reason_and_nothing_is_saved(client, content, told):
    response = client.post(SAVE, {"query": "", "area": file_of(content)})
    assert response.status_code == 400
    assert told in response.content.decode()
    assert not SavedSelection.objects.exists()
    assert not SavedArea.objects.exists()


@pytest.mark.parametrize(
    "query", ["", "from=yesterday", "taxon=Nobody", "colour=blue", "q=%00", "polygon=" + "0" * 20]
)
def test_what_cannot_be_answered_is_not_saved(client, query):
    assert client.post(SAVE, {"query": query}).status_code == 400
    assert not SavedSelection.objects.exists()


def test_a_saved_area_from_before_its_points_were_limited_is_refused_in_words(client):
    row = saved(client, "", area=file_of(circle(200)))
    SavedArea.objects.update(
        wkt=f"MULTIPOLYGON ({'((0 0, 1 0, 1 1, 0 0)), ' * 50_000}((0 0, 1 0, 1 1, 0 0)))"
    )
    for address in (
        "/",
        "/observations/",
        "/summary/",
        "/api/v1/observations/",
        "/tiles/observations/0/0/0.mvt",
    ):
        answer = client.get(f"{address}?{row.query}")
        assert (answer.status_code, b"too many points" in answer.content) == (400, True), address


def test_features_without_a_place_are_passed_over_and_collections_and_ewkt_are_read(client):
    square = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    features = [{"type": "Feature", "geometry": None}, {"type": "Feature", "geometry": square}]
    row = saved(client, "", area=file_of({"type": "FeatureCollection", "features": features}))
    for other in (
        {"type": "GeometryCollection", "geometries": [square]},
        b"SRID=4326;POLYGON((0 0,1 0,1 1,0 0))",
    ):
        assert saved(client, "", area=file_of(other)).query == row.query


def test_a_body_that_is_too_large_is_refused_before_it_is_read(client):
    assert client.post(SAVE, {"query": "", "area": file_of(b" " * 4_000_001)}).status_code == 413


def test_somebody_who_saves_too_often_waits_and_others_do_not(client, monkeypatch):
    monkeypatch.setattr("species.pages.selections.SAVED_AN_HOUR", 2)
    for year in (2001, 2002):
        saved(client, f"from={year}")
    response = client.post(SAVE, {"query": "from=2003"})
    assert response.status_code == 429
    assert 3_500 < int(response.headers["Retry-After"]) <= 3_600
    assert client.post(SAVE, {"query": "from=2003"}, REMOTE_ADDR="192.0.2.7").status_code == 302


def test_a_selection_of_nobody_expires_and_says_so_and_saving_it_again_keeps_it(client):
    row = saved(client)
    assert timedelta(days=89) < row.expires_at - timezone.now() < timedelta(days=91)
    SavedSelection.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert client.get(f"/q/{row.hash}/").status_code == 410
    assert client.get(f"/tiles/observations/0/0/0.mvt?selection={row.hash}").status_code == 400
    assert saved(client).pk == row.pk
    assert client.get(f"/q/{row.hash}/").status_code == 302
    assert client.get("/q/" + "0" * 20 + "/").status_code == 404
    assert client.get("/q/nonsense/").status_code == 404


def test_what_has_long_expired_is_purged_with_its_area_and_nothing_else(client):
    old, young = (
        saved(client, "", area=file_of(circle(200))),
        saved(client, "", area=file_of(circle(201))),
    )
    kept = saved(client, "from=2010")
    now = timezone.now()
    SavedSelection.objects.filter(pk=old.pk).update(expires_at=now - timedelta(days=31))
    SavedSelection.objects.filter(pk=kept.pk).update(expires_at=now - timedelta(days=29))
    SavedArea.objects.update(wanted_at=now - timedelta(days=2))
    assert SavedSelection.objects.purge(now) == 1
    assert set(SavedSelection.objects.all()) == {young, kept}
    assert set(SavedArea.objects.all()) == {young.area}


def test_a_person_owns_names_and_deletes_what_they_saved_and_nobody_else_does(client):
    owner, stranger = people.person("marie"), people.person("carl")
    client.force_login(owner)
    row = saved(client, name="Summers")
    assert row.expires_at is None
    assert list(SavedSelection.objects.visible_to(owner)) == [row]
    assert not SavedSelection.objects.visible_to(stranger).exists()
    client.force_login(stranger)
    for act in ("name", "delete"):
        assert client.post(f"/q/{row.hash}/{act}/", {"name": "Mine"}).status_code == 404
        assert Client().post(f"/q/{row.hash}/{act}/").status_code == 404
        assert Client(enforce_csrf_checks=True).post(f"/q/{row.hash}/{act}/").status_code == 403
        assert client.get(f"/q/{row.hash}/{act}/").status_code == 405
    assert client.get(f"/q/{row.hash}/").status_code == 302  # a short address opens for everybody
    assert "Summers" not in client.get(f"/q/{row.hash}/", follow=True).content.decode()
    client.force_login(owner)
    assert (
        client.post(f"/q/{row.hash}/name/", {"name": " Winters ", "next": "/data/"}).headers[
            "Location"
        ]
        == "/data/"
    )
    row.refresh_from_db()
    assert row.name == "Winters"
    gone = client.post(f"/q/{row.hash}/delete/", {"next": "https://evil.example.org/"})
    assert gone.headers["Location"] == "/"
    assert not SavedSelection.objects.exists()


def test_who_gives_no_name_finds_the_question_in_words_and_a_name_given_later_stays(client):
    client.force_login(people.person("marie"))
    row = saved(client, "depth=0,50&from=2003")
    assert row.name == ObservationFilter.from_query(QueryDict("depth=0,50&from=2003")).words()
    client.post(f"/q/{row.hash}/name/", {"name": "Shallow"})
    assert saved(client, "depth=0,50&from=2003").name == "Shallow"


def test_what_two_people_saved_each_keeps_alone(client):
    for name in ("marie", "carl"):
        client.force_login(people.person(name))
        row = saved(client)
    client.post(f"/q/{row.hash}/delete/")
    assert SavedSelection.objects.get().owner.username == "marie"
    assert client.get(f"/q/{row.hash}/").status_code == 302


def test_no_public_page_lists_saved_selections(client):
    row = saved(client)
    for address in ("/", "/observations/", "/data/", "/api/v1/datasets/"):
        assert row.hash not in Client().get(address).content.decode()


def test_a_saved_area_is_asked_for_once_in_an_answer(client, django_assert_num_queries):
    row = saved(client, "", area=file_of(circle(200)))
    asked = ObservationFilter.from_query({"polygon": row.area.hash})
    with django_assert_num_queries(1):
        asked.words()
        asked.apply(CuratedObservation.objects.all())


VIEW = "map=5/54.2/7.9&compare=from%3D2015-01-01"


@pytest.mark.parametrize("logged_in", [True, False])
def test_what_the_map_shows_stays_when_its_search_is_saved(client, logged_in):
    if logged_in:
        client.force_login(people.person("marie"))
    response = client.post(
        SAVE, {"query": "from=2010", "shown": f"/?from=2010&{VIEW}&fbclid=x#here=1,2,3,4"}
    )
    row = SavedSelection.objects.get()
    assert response.headers["Location"] == f"/?from=2010-01-01&{VIEW}#here=1,2,3,4"
    assert (row.question, row.hash) == (
        "from=2010-01-01",
        ObservationFilter.from_query({"from": "2010"}).digest(),
    )
    told = client.get(response.headers["Location"]).content.decode()
    assert f"/q/{row.hash}/?{VIEW.replace('&', '&amp;')}" in told
    assert client.get(f"/q/{row.hash}/?{VIEW}").headers["Location"] == f"/?from=2010-01-01&{VIEW}"
    assert (
        client.get(f"/q/{row.hash}/").headers["Location"]
        == f"/?from=2010-01-01{f'&{VIEW}' if logged_in else ''}"
    )
    assert Client().get(f"/q/{row.hash}/").headers["Location"] == "/?from=2010-01-01"
    assert ObservationFilter.from_query({"selection": row.hash}) == ObservationFilter.from_query(
        {"from": "2010"}
    )
    assert client.get(f"/api/v1/selections/{row.hash}/").json()["query"] == "from=2010-01-01"


@pytest.mark.parametrize(
    "shown",
    [
        "/?map=1/2",
        "/?map=5/54/<b>",
        "/?map=99999/1/1",
        "//[",
        "/?map=&compare=",
        "javascript:1",
        "x" * 30_000,
    ],
)
def test_a_view_that_is_none_is_left_out_or_refused(client, shown):
    response = client.post(SAVE, {"query": "from=2010", "shown": shown})
    assert response.status_code == 400 or response.headers["Location"].startswith(
        "/?from=2010-01-01"
    )
    assert "map=" not in response.headers.get("Location", "")


@pytest.mark.parametrize(
    ("fragment", "kept"),
    [
        ("#record=0a1b2c", "#record=0a1b2c"),
        ("#record=<b>", ""),
        ("#map", ""),
        ("#here=1#record=2", ""),
        ("#", ""),
    ],
)
def test_the_open_record_stays_open_when_a_search_is_saved(client, fragment, kept):
    response = client.post(SAVE, {"query": "from=2010", "shown": f"/?from=2010{fragment}"})
    assert response.headers["Location"] == f"/?from=2010-01-01{kept}"


def test_a_comparison_that_is_no_question_is_not_saved(client):
    for shown in ("/?compare=colour%3Dblue", "/?compare=a&compare=b&compare=c"):
        assert client.post(SAVE, {"query": "from=2010", "shown": shown}).status_code == 400
    assert not SavedSelection.objects.exists()
    row = saved(client)
    assert client.get(f"/q/{row.hash}/?compare=colour%3Dblue").status_code == 400


@pytest.mark.parametrize("path", ["/", "/observations/"])
def test_equal_questions_have_one_canonical_address_without_view_or_tracking(client, path):
    for query in (
        "from=2010&fbclid=x&map=5/54/7",
        "from=2010-01-01&to=&compare=to%3D2000&utm_source=y",
    ):
        page = client.get(f"{path}?{query}").content.decode()
        assert f'<link rel="canonical" href="http://testserver{path}?from=2010-01-01">' in page
    assert (
        f'<link rel="canonical" href="http://testserver{path}">'
        in client.get(f"{path}?gclid=1").content.decode()
    )
    assert "canonical" not in client.get(f"{path}?from=x").content.decode()
