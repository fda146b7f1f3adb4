"""Tiles: every record in exactly one tile and one cell, or said to be poleward of them."""

import gzip
from datetime import UTC, date, datetime

import mapbox_vector_tile
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from species.atlas.grid import Tile, Window, in_windows, latitude, not_drawable
from species.atlas.planner import plan_query
from species.filters import ObservationFilter
from species.models import CuratedObservation, DataVersion
from species.models.grid import MAX_LATITUDE
from tests import factories

HEADERS = ("Observations-Total", "Observations-Shown", "Observations-Sampled", "Data-Version")
EVERYTHING = ObservationFilter()
pytestmark = pytest.mark.django_db


def address(z=0, x=0, y=0, query=""):
    return f"/tiles/observations/{z}/{x}/{y}.mvt{'?' + query if query else ''}"


def layers(response):
    body = response.content
    if response.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    decoded = mapbox_vector_tile.decode(body, default_options={"y_coord_down": True})
    return {name: layer["features"] for name, layer in decoded.items()}


def test_a_tile_holds_a_point_in_the_middle_of_each_cell_and_says_what_it_stands_for(client):
    single = factories.observation(at=(7.9, 54.2))
    for _ in range(3):
        factories.observation(at=(-70.0, -30.0))
    DataVersion.advance()
    response = client.get(address())
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/vnd.mapbox-vector-tile"
    found = layers(response)
    cells = [(cell["geometry"]["coordinates"], cell["properties"]) for cell in found["cells"]]
    assert cells == [
        ([33 * 64 + 32, 20 * 64 + 32], {"n": 1, "key": str(single.key)}),
        ([19 * 64 + 32, 37 * 64 + 32], {"n": 3}),
    ]
    said = {
        "total": 4,
        "shown": 4,
        "low": 4,
        "high": 4,
        "sampled": 0,
        "route": "raw",
        "side": 64,
        "version": 1,
    }
    assert [feature["properties"] for feature in found["meta"]] == [said]
    assert [feature["geometry"]["coordinates"] for feature in found["meta"]] == [[2048, 2048]]
    told = {name: response.headers[f"X-{name}"] for name in HEADERS}
    assert told == dict(zip(HEADERS, ("4", "4", "0", "1"), strict=True))


def test_withdrawn_records_and_absences_are_in_no_tile(client):
    factories.observation(withdrawn_at=datetime(2022, 1, 1, tzinfo=UTC))
    factories.observation(occurrence_status="absent")
    assert client.get(address()).status_code == 204


def test_a_tile_shows_what_the_filter_asks_for(client):
    factories.observation(date_start=date(2010, 5, 5))
    factories.observation(date_start=date(2011, 5, 5))
    assert (
        layers(client.get(address(query="from=2010&to=2010")))["meta"][0]["properties"]["total"]
        == 1
    )
    assert client.get(address(query="taxon=999")).status_code == 204
    assert client.get(address(query="q=unheard")).status_code == 204


@pytest.mark.parametrize(
    "path",
    [
        "23/0/0",
        "0/0/1",
        "1/2/0",
        "22/4194304/0",
        "99999999999/0/0",
        "0/0/" + "9" * 5000,
        "-1/0/0",
        "1/1/1.5",
    ],
)
def test_an_address_outside_the_pyramid_is_404(client, path):
    assert client.get(f"/tiles/observations/{path}.mvt").status_code == 404


def test_a_bad_filter_is_400_with_the_parameter_and_the_reason(client):
    response = client.get(address(query="bbox=1,2,3&colour=blue"))
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert {error["parameter"] for error in response.json()["errors"]} == {"bbox", "colour"}
    assert client.get(address(query="taxon=Nobody")).status_code == 400
    assert client.get(address(query="&".join(["q=1"] * 1_500))).status_code == 400


def test_a_tile_that_has_not_changed_is_304_before_any_record_is_read(
    client, django_assert_num_queries
):
    factories.observation()
    etag = client.get(address()).headers["ETag"]
    assert etag.startswith('"')
    with django_assert_num_queries(1) as asked:
        response = client.get(address(), headers={"If-None-Match": etag})
    assert response.status_code == 304
    assert response.headers["ETag"] == etag
    assert "curatedobservation" not in asked.captured_queries[0]["sql"]
    assert client.get(address(1, 1, 0), headers={"If-None-Match": etag}).status_code == 200
    assert (
        client.get(address(query="from=1999"), headers={"If-None-Match": etag}).status_code == 200
    )
    DataVersion.advance()
    assert client.get(address(), headers={"If-None-Match": etag}).status_code == 200


def test_an_empty_tile_can_be_304_too(client):
    etag = client.get(address()).headers["ETag"]
    assert client.get(address(), headers={"If-None-Match": etag}).status_code == 304


def test_a_tile_of_few_records_costs_four_queries(client, django_assert_num_queries):
    factories.observation()
    # the version, the densities, how many there are, the records
    with django_assert_num_queries(4):
        client.get(address(3, 4, 2, "from=2000"))


def test_a_tile_is_public_and_the_same_for_everybody(client):
    factories.observation()
    plain, with_cookie = (
        client.get(address()),
        client.get(address(), headers={"Cookie": "sessionid=x; csrftoken=y"}),
    )
    assert plain.content == with_cookie.content
    assert plain.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert plain.headers["Vary"] == "Accept-Encoding"
    assert plain.headers["Access-Control-Allow-Origin"] == "*"
    assert not plain.cookies
    assert not with_cookie.cookies


def test_an_address_that_names_data_and_build_is_kept_for_ever_while_they_are_those(
    client, settings
):
    DataVersion.advance()
    factories.observation()
    settings.BUILD = "b"
    assert "immutable" in client.get(address(query="v=1-b")).headers["Cache-Control"]
    for other in ("1", "2-b", "1-a"):
        assert "immutable" not in client.get(address(query=f"v={other}")).headers["Cache-Control"]


def test_pages_ask_for_tiles_of_the_data_and_the_build(client, settings):
    settings.BUILD = "b"
    made = factories.observation()
    places = ("/", f"/species/{made.taxon_id}/", f"/datasets/{made.dataset.uuid}/")
    for page in places:
        assert (
            f'data-version="{DataVersion.current()}-b"'
            in client.get(page, follow=True).content.decode()
        ), page


def test_gzip_is_another_representation_with_another_etag(client):
    factories.observation()
    plain, zipped = (
        client.get(address()),
        client.get(address(), headers={"Accept-Encoding": "br, gzip;q=1.0"}),
    )
    assert gzip.decompress(zipped.content) == plain.content
    assert zipped.headers["ETag"] != plain.headers["ETag"]
    assert zipped.content == client.get(address(), headers={"Accept-Encoding": "gzip"}).content
    assert (
        "Content-Encoding"
        not in client.get(address(), headers={"Accept-Encoding": "gzip;q=0"}).headers
    )


def test_only_reading_is_allowed(client):
    refused = client.post(address())
    assert refused.status_code == 405
    assert "RateLimit" in refused.headers["Access-Control-Expose-Headers"]
    assert client.head(address()).status_code == 204


@pytest.mark.django_db(transaction=True)
def test_a_question_that_takes_too_long_is_503_with_a_reason_and_the_next_one_is_answered(
    client, monkeypatch
):
    factories.observation()
    monkeypatch.setattr(
        "species.atlas.from_rows.KEYED",
        "WITH record AS ({records}), feature AS ({features}) SELECT pg_sleep(60), 1, 1 FROM feature",
    )
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 50")
        response = client.get(address())
        cursor.execute("RESET statement_timeout")
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "10"
    assert "too long" in response.json()["detail"]
    monkeypatch.undo()
    assert client.get(address()).status_code == 200


def edges(zoom):
    """Longitudes and latitudes that lie on borders of tiles and cells, or a hair beside them."""
    size = 1 << (zoom + 6)
    columns = st.integers(0, size).map(lambda column: column * 360 / size - 180)
    rows = st.integers(0, size).map(lambda row: latitude(row, zoom + 6))
    return columns, rows


def places():
    columns, rows = edges(3)
    hair = st.sampled_from([0.0, 1e-13, -1e-13, 1e-9, -1e-9])
    longitudes = st.builds(lambda a, b: max(-180.0, min(180.0, a + b)), columns, hair) | st.floats(
        -180, 180, allow_subnormal=False
    )
    latitudes = (
        st.builds(lambda a, b: a + b, rows, hair)
        | st.floats(-90, 90, allow_subnormal=False)
        | st.sampled_from([90.0, -90.0, MAX_LATITUDE])
    )
    return st.tuples(longitudes, latitudes).filter(lambda place: place != (0, 0))


def tiles_with_records(rows, zoom):
    """Totals of all tiles of a zoom that any record is in, found by walking down the pyramid."""
    tiles = [Tile(0, 0, 0)]
    for _ in range(zoom):
        tiles = [
            Tile(tile.z + 1, tile.x * 2 + right, tile.y * 2 + down)
            for tile in tiles
            for right in (0, 1)
            for down in (0, 1)
            if in_windows(rows, [Window.of_tile(tile)]).exists()
        ]
    return {tile: plan_query(EVERYTHING).tile(*tile).total for tile in tiles}


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(places(), min_size=1, max_size=8), st.integers(1, 3))
def test_at_each_zoom_the_tiles_and_what_lies_poleward_are_all_records(some_places, zoom):
    CuratedObservation.objects.all().delete()
    taxon, dataset = factories.taxon(), factories.dataset()
    for place in some_places:
        factories.observation(taxon=taxon, dataset=dataset, at=place)
    rows = EVERYTHING.apply(CuratedObservation.objects.published())
    poleward = not_drawable(rows).count()
    assert poleward == sum(abs(place[1]) > MAX_LATITUDE for place in some_places)
    assert plan_query(EVERYTHING).tile(0, 0, 0).total + poleward == len(some_places)
    assert sum(tiles_with_records(rows, zoom).values()) + poleward == len(some_places)


@pytest.mark.parametrize("zoom", [5, 12, 22])
def test_deep_tiles_hold_their_record_and_their_neighbours_do_not(zoom):
    made = factories.observation(at=(7.9, 54.2))
    (lon, lat), size = made.location.coords, 360 / (1 << zoom)
    x = int((lon + 180) // size)
    y = next(
        y
        for y in range(int((1 << zoom) * 0.3), 1 << zoom)
        if latitude(y, zoom) >= lat > latitude(y + 1, zoom)
    )
    around = {
        (dx, dy): plan_query(EVERYTHING).tile(zoom, x + dx, y + dy).total
        for dx in (-1, 0, 1)
        for dy in (-1, 0, 1)
    }
    assert {offset for offset, total in around.items() if total} == {(0, 0)}


def test_the_antimeridian_is_one_meridian():
    for longitude in (180.0, -180.0):
        factories.observation(at=(longitude, 10.0))
    rows = CuratedObservation.objects.published()
    assert tiles_with_records(rows, 2)[Tile(2, 0, 1)] == 2
