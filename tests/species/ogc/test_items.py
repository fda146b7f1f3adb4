"""OGC API - Features: the items of the collections, asked as the standard has it, by the portal's
one filter.
"""

import re
from datetime import UTC, date, datetime
from itertools import count, product
from types import SimpleNamespace
from uuid import uuid4

import pytest

from species.errors import InvalidQuery
from species.filters import ObservationFilter
from species.models import CuratedObservation
from species.ogc.cql2 import read_conditions as read_filter
from species.terms import ObisFlag
from tests import factories

pytestmark = pytest.mark.django_db

ITEMS = "/ogc/collections/observations/items"


def ask(client, status=200, **query):
    response = client.get(ITEMS, {name.replace("_", "-"): value for name, value in query.items()})
    assert response.status_code == status, response.content
    return response.json()


def ids(body):
    return [feature["id"] for feature in body["features"]]


def refused(client, **query):
    """The parameters at fault, with the reasons."""
    body = ask(client, status=400, **query)
    return {each["parameter"]: each["reason"] for each in body["errors"]}


def test_a_page_of_items_is_geojson_with_licence_dataset_and_the_members_of_the_standard(client):
    made = factories.observation(at=(7.9, 54.2))
    response = client.get(ITEMS)
    assert response.headers["Content-Type"] == "application/geo+json"
    body = response.json()
    assert "crs" not in body
    assert (body["numberMatched"], body["numberReturned"]) == (1, 1)
    assert body["bbox"] == [7.9, 54.2, 7.9, 54.2]
    assert "OBIS" in body["attribution"]
    (feature,) = body["features"]
    assert (feature["id"], feature["geometry"]["coordinates"]) == (str(made.key), [7.9, 54.2])
    told = feature["properties"]
    assert (told["license"], told["datasetID"]) == ("cc-by", str(made.dataset.uuid))
    assert {link["rel"] for link in body["links"]} == {
        *(
            "self",
            "alternate",
            "license",
            "describedby",
            "http://www.opengis.net/def/rel/ogc/1.0/queryables",
        )
    }


def test_pages_lead_to_the_last_item_and_back_through_equal_days_and_undated_ones(client):
    days = [date(2020, 5, 1), date(2020, 5, 1), date(2019, 1, 1), None, None, None, None]
    for day in days:
        factories.observation(date_start=day)
    whole = ids(ask(client))
    assert len(whole) == len(days)
    for limit in (1, 2, 3):
        forwards, body = [], ask(client, limit=limit)
        while True:
            forwards += ids(body)
            following = link_to(body, "next")
            if not following:
                break
            body = client.get(following).json()
        assert forwards == whole
        backwards = ids(body)
        while previous := link_to(body, "prev"):
            body = client.get(previous).json()
            backwards = ids(body) + backwards
        assert backwards == whole


VAGUE = {"filter": "coordinateUncertaintyInMeters <= 5"}


@pytest.fixture
def rare(settings):
    """Return the one record of twenty that the filter matches, where no index helps and a search
    reads two.
    """
    settings.DENSITY_THRESHOLD, settings.SEARCH_BOUND = 4, 2
    made = [factories.observation(date_start=date(2020, 1, day)) for day in range(1, 21)]
    made[3].coordinate_uncertainty_in_meters = 5
    made[3].save()
    return made[3]


def test_a_page_is_never_empty_while_records_are_left_because_gdal_takes_that_for_the_end(
    client, rare
):
    body = ask(client, **VAGUE)
    assert (ids(body), body["searched"], body["numberReturned"]) == ([str(rare.key)], 18, 1)
    last = client.get(link_to(body, "next")).json()
    assert (ids(last), link_to(last, "next"), link_to(last, "prev")) == ([], None, None)
    assert "before" in refused(client, before="2020-01-05.1", **VAGUE)


def test_people_are_told_how_many_records_were_searched_and_go_on_from_there(client, rare):
    page = client.get(ITEMS, VAGUE | {"f": "html"}).content.decode()
    assert "Searched the newest 10 records." in page
    assert str(rare.key) not in page


def test_a_search_that_uses_up_the_time_of_its_request_is_an_error(
    client, rare, settings, monkeypatch
):
    settings.SEARCH_BOUND, settings.STATEMENT_TIMEOUT_MS = 1, 10_000
    seconds = count()
    # one for each query
    monkeypatch.setattr(
        "config.http.database.time", SimpleNamespace(monotonic=lambda: next(seconds))
    )
    response = client.get(ITEMS, VAGUE)
    assert (response.status_code, response.headers["Content-Type"]) == (
        503,
        "application/problem+json",
    )
    assert int(response.headers["Retry-After"]) > 0


def test_what_was_searched_is_told_where_dated_records_end_in_a_round_too(client, settings):
    settings.DENSITY_THRESHOLD, settings.SEARCH_BOUND = 4, 2
    for day in [date(2020, 1, 1)] * 3 + [None] * 9:
        factories.observation(date_start=day)
    page = client.get(ITEMS, VAGUE | {"f": "html"}).content.decode()
    assert f"Searched the newest {2 + (1 + 2) + 2 + 2 + 2} records." in page


def link_to(body, rel):
    return next((link["href"] for link in body["links"] if link["rel"] == rel), None)


def test_a_page_costs_a_fixed_number_of_queries(client, django_assert_num_queries):
    for _ in range(5):
        factories.observation()
    first = client.get(ITEMS, {"limit": 2}).json()
    with django_assert_num_queries(3):  # the data's version, the page, its features
        client.get(link_to(first, "next"))


def test_a_limit_above_the_most_is_the_most_and_nonsense_is_refused(client):
    assert ask(client, limit=1_000_000)["numberReturned"] == 0
    for limit in ("0", "-1", "ten", "1.5"):
        assert "limit" in refused(client, limit=limit)


@pytest.mark.parametrize(
    ("datetime", "expected"),
    [
        ("2020-05-01", "abc"),
        ("2020-05-01T23:59:60Z", None),
        ("2020-05-01T23:30:00-09:00", "abc"),
        ("2020-05-02", "bc"),
        ("2020-01-01/2020-04-30", "c"),
        ("2020-12-31/..", "cd"),
        ("2020-12-31/", "cd"),
        ("../2020-05-01", "abc"),
        ("/2020-05-01", "abc"),
        ("../..", "abcd"),
        ("2020-05-02/..&../2020-06-01", "bc"),
        ("2020-02-01/2020-12-31&2020-05-02&..", None),
        ("2020-02-01/2020-12-31&2020-05-02&../..", "bc"),
        ("2020-05-02/..&../2020-05-01", None),
        ("2021-01-01/2020-01-01", None),
        ("2020-13-01", None),
        ("..", None),
        ("yesterday", None),
    ],
)
def test_a_time_selects_whatever_can_lie_in_it(client, datetime, expected):
    spans = {
        "a": (date(2020, 5, 1), date(2020, 5, 1)),
        "b": (date(2020, 5, 1), date(2020, 5, 31)),
        "c": (date(2020, 1, 1), date(2020, 12, 31)),
        "d": (date(2021, 1, 1), date(2021, 1, 1)),
    }
    made = {
        name: factories.observation(date_start=first, date_end=last)
        for name, (first, last) in spans.items()
    }
    undated = factories.observation(date_start=None)
    times = datetime.split("&")  # GDAL gives one for each condition
    if expected is None:
        assert "datetime" in refused(client, datetime=times)
    else:
        body = ask(client, datetime=times)
        assert set(ids(body)) == {str(made[name].key) for name in expected} | {str(undated.key)}
        assert body["numberMatched"] == len(expected) + 1


def test_a_box_may_cross_the_antimeridian_and_may_carry_heights(client):
    fiji, sea = factories.observation(at=(-179.5, -17)), factories.observation(at=(7.9, 54.2))
    assert ids(ask(client, bbox="170,-30,-170,0")) == [str(fiji.key)]
    assert ids(ask(client, bbox="7,54,-100,8,55,100")) == [str(sea.key)]
    assert "bbox" in refused(client, bbox="1,2,3")
    assert "bbox" in refused(client, bbox="1,2,3,four")


def test_whatever_is_not_a_parameter_is_refused_by_name(client):
    assert set(refused(client, colour="blue", evidence="heard", after="x" * 30)) == {"colour"}
    assert set(refused(client, evidence="heard")) == {"evidence"}
    assert set(refused(client, license="mine")) == {"license"}
    assert set(refused(client, after="x")) == {"after"}
    assert set(refused(client, before="x")) == {"before"}
    assert set(refused(client, taxon="Nobody nowhere")) == {"taxon"}
    assert set(refused(client, f="xml")) == {"f"}


def test_a_taxon_and_terms_are_query_parameters_with_alternatives(client):
    fish = factories.taxon("Molidae", aphia_id=3, rank="Family")
    mola = factories.observation(
        taxon=factories.taxon("Mola mola", aphia_id=4, parent=fish), evidence="dna"
    )
    factories.observation()
    assert ids(ask(client, taxon="3")) == ids(ask(client, taxon="Mola mola")) == [str(mola.key)]
    assert len(ids(ask(client, evidence="dna,seen"))) == 2
    assert ids(ask(client, datasetID=str(mola.dataset.uuid), month="6")) == [str(mola.key)]


FILTERS = {
    "taxon = 3": "taxon=3",
    "taxon IN (3, 'Quaero alba') AND evidence = 'dna'": "taxon=3,Quaero alba&evidence=dna",
    "name = 'Quaero'": "q=Quaero",
    "dateStart >= DATE('2020-01-01') AND dateEnd <= DATE('2020-12-31')": "from=2020-01-01&to=2020-12-31",
    "dateEnd > DATE('2019-12-31') AND dateStart < DATE('2021-01-01')": "from=2020&to=2020&dateMatch=possible",
    "month IN (5, 6)": "months=5,6&dateMatch=possible",
    "depth BETWEEN 0 AND 50": "depth=0,50",
    "depth >= 0 AND 50 > depth": "depth=0,<50",
    "depth > 0": "depth=5e-324,",
    "depth = -3": "depth=-3,-3",
    "depth IS NULL": "depth=unknown",
    "coordinateUncertaintyInMeters <= 100": "maxUncertainty=100",
    "coordinateUncertaintyInMeters IS NULL": "maxUncertainty=unknown",
    "basisOfRecord IN ('HumanObservation','MaterialSample')": "basis=HumanObservation,MaterialSample",
    "basisOfRecord IS NULL": "basis=unknown",
    "license = 'cc0' AND source = 'obis'": "licence=cc0&source=obis",
    "flag = 'NO_DEPTH'": "flag=NO_DEPTH",
    "flag NOT IN ('NO_DEPTH', 'ON_LAND')": "notFlag=NO_DEPTH,ON_LAND",
    "flag <> 'NO_DEPTH'": "notFlag=NO_DEPTH",
    "S_INTERSECTS(geometry, BBOX(-10, 35, 8, 55))": "bbox=-10,35,8,55",
    "s_intersects(geometry, POINT(7.9 54.2))": "bbox=7.9,54.2,7.9,54.2",
    "S_INTERSECTS(geometry, POLYGON((0 50, 9 50, 9 60, 0 50)))": "polygon=POLYGON((0 50,9 50,9 60,0 50))",
    "(\"evidence\" = 'dna') and (source = 'obis' and depth <= 10)": "evidence=dna&source=obis&depth=,10",
}


@pytest.fixture
def world():
    """Records that differ in everything that can be asked."""
    fish = factories.taxon("Quaero", aphia_id=3, rank="Genus")
    taxa = [
        factories.taxon("Quaero alba", aphia_id=4),
        factories.taxon("Quaero nigra", aphia_id=5, parent=fish),
    ]
    dates = [
        (None, None),
        (date(2020, 5, 1), date(2020, 5, 31)),
        (date(2019, 12, 31), date(2020, 1, 1)),
    ]
    depths = [(None, None), (0, 50), (-3, -3)]
    for number, ((first, last), (low, high), taxon) in enumerate(product(dates, depths, taxa)):
        factories.observation(
            taxon=taxon,
            date_start=first,
            date_end=last,
            minimum_depth_in_meters=low,
            maximum_depth_in_meters=high,
            at=[(7.9, 54.2), (-9.0, 36.0), (170.0, -20.0)][number % 3],
            evidence=["dna", "seen"][number % 2],
            basis_of_record=["HumanObservation", "MaterialSample", ""][number % 3],
            license=["cc0", "cc-by"][number % 2],
            obis_flags=[0, ObisFlag.NO_DEPTH][number % 2],
            coordinate_uncertainty_in_meters=[None, 50.0, 5_000.0][number % 3],
        )


def test_each_filter_selects_what_the_same_question_selects_everywhere(client, world):
    for cql2, query in FILTERS.items():
        question = dict(part.split("=", 1) for part in query.split("&"))
        rows = ObservationFilter.from_query(question).apply(CuratedObservation.objects.published())
        expected = {str(key) for key in rows.values_list("key", flat=True)}
        body = ask(client, filter=cql2, filter_lang="cql2-text")
        assert set(ids(body)) == expected, cql2
        assert body["numberMatched"] == len(expected), cql2


@pytest.mark.parametrize(
    ("cql2", "named"),
    [
        ("taxon = 3 OR taxon = 4", "OR"),
        ("NOT (taxon = 3)", "NOT"),
        ("taxon NOT IN (3)", "NOT IN"),
        ("taxon <> 3", "<>"),
        ("taxon LIKE 'Mola%'", "LIKE"),
        ("depth IS NOT NULL", "NOT NULL"),
        ("depth NOT BETWEEN 0 AND 5", "NOT BETWEEN"),
        ("depth > 1 + 2", "+"),
        ("depth < dateEnd", "compared with a property"),
        ("S_WITHIN(geometry, BBOX(0, 1, 2, 3))", "S_WITHIN"),
        ("S_INTERSECTS(geometry, LINESTRING(0 1, 2 3))", "LineString"),
        ("dateStart T_AFTER TIMESTAMP('2010-01-01T00:00:00Z')", "T_AFTER"),
        ("CASEI(taxon) = 'a'", "CASEI() is"),
        ("ACCENTI(taxon) = ACCENTI('é')", "ACCENTI() is"),
        ("foo(taxon) = 'a'", "FOO() is"),
        ("T_AFTER(dateStart, DATE('2001-01-01'))", "T_AFTER is"),
        ("t_during(dateStart, INTERVAL('2001-01-01', '..'))", "T_DURING is"),
        ("A_CONTAINS(flag, ('x'))", "A_CONTAINS is"),
        ("depth DIV 2 = 4", "DIV is"),
        ("depth % 2 = 0", "% is"),
        ("depth ^ 2 = 4", "^ is"),
        ("'a' = 'a'", "two values"),
        ("taxon = 'DIV' AND", "CQL2 text"),
        ("colour = 'blue'", "colour"),
        ("dateEnd >= '2010'", "DATE("),
        ("depth >= 'deep'", "number"),
        ("depth > 1e999", "number"),
        ("depth > 99999", "depth"),
        ("evidence = 'a,b'", "comma"),
        ("taxon = true", "text"),
        ("basisOfRecord = 'unknown'", "IS NULL"),
        ("taxon = 3 AND taxon = 4", "combined"),
        ("dateStart >= DATE('2010-01-01') AND dateStart <= DATE('2011-01-01')", "combined"),
        ("dateEnd > DATE('9999-12-31')", "dateEnd"),
        ("taxon =", "CQL2"),
        ("(" * 2_100, "characters"),
    ],
)
def test_what_a_filter_cannot_say_is_refused_and_named(client, cql2, named):
    assert named in refused(client, filter=cql2)["filter"]


def test_a_filter_in_another_language_is_refused(client):
    assert "filter-lang" in refused(client, filter="{}", filter_lang="cql2-json")


def test_one_item_has_its_own_address_and_a_withdrawn_one_says_why_it_is_gone(client):
    made = factories.observation(footprint_wkt="LINESTRING (0 1, 2 3)")
    feature = client.get(f"{ITEMS}/{made.key}").json()
    assert (feature["id"], feature["properties"]["footprintWKT"]) == (
        str(made.key),
        "LINESTRING (0 1, 2 3)",
    )
    assert feature["properties"]["bibliographicCitation"] == made.dataset.citation
    assert {"self", "alternate", "collection", "license"} <= {
        link["rel"] for link in feature["links"]
    }
    gone = factories.observation(withdrawn_at=factories.LONG_AGO)
    response = client.get(f"{ITEMS}/{gone.key}")
    assert response.status_code == 410
    assert response.json()["reason"] == "gone_from_source"
    assert client.get(f"{ITEMS}/{uuid4()}").status_code == 404
    assert client.get(f"{ITEMS}/1").status_code == 404


def test_datasets_are_features_without_a_place(client):
    first, second = factories.observation().dataset, factories.observation().dataset
    factories.dataset("Empty")
    items = "/ogc/collections/datasets/items"
    body = client.get(items, {"limit": 1}).json()
    assert (body["numberMatched"], ids(body)) == (2, [str(first.uuid)])
    assert body["features"][0]["geometry"] is None
    following = client.get(link_to(body, "next")).json()
    assert ids(following) == [str(second.uuid)]
    assert link_to(following, "next") is None
    assert ids(client.get(link_to(following, "prev")).json()) == [str(first.uuid)]
    assert ids(client.get(items, {"filter": f"datasetID = '{second.uuid}'"}).json()) == [
        str(second.uuid)
    ]
    for asked in (
        {"bbox": "-180,-90,180,90"},
        {"bbox": "1,2,3,4"},
        {"datetime": "2020-05-01"},
        {"datetime": "../.."},
    ):
        assert client.get(items, asked).json()["numberMatched"] == 2, asked
    for asked in ({"bbox": "1,2,3"}, {"datetime": "yesterday"}):
        assert client.get(items, asked).status_code == 400, asked
    assert client.get(f"{items}/{first.uuid}").json()["properties"]["title"] == first.title
    assert client.get(items, {"taxon": "3"}).status_code == 400
    assert client.get(items, {"after": "x"}).status_code == 400


def test_a_time_beside_a_condition_that_needs_a_date_leaves_undated_ones_out(client):
    dated = factories.observation(date_start=date(2020, 6, 1))
    factories.observation(date_start=None)
    for condition in (
        {"month": 6},
        {"filter": "month = 6"},
        {"filter": "dateEnd >= DATE('2020-05-01')"},
    ):
        assert ids(ask(client, datetime="2020-06-01/..", **condition)) == [str(dated.key)]
    within = "dateStart >= DATE('2020-05-01') AND dateEnd <= DATE('2020-07-01')"
    assert "datetime" in refused(client, datetime="2020-06-01", filter=within)


def test_pages_of_a_time_lead_through_dated_and_undated_items_and_back(client):
    spans = [(date(2020, month, 1), date(2020, month, 20)) for month in range(1, 8)]
    for first, last in spans:
        factories.observation(date_start=first, date_end=last)
    for _ in range(3):
        factories.observation(date_start=None)
    asked = {"datetime": "2020-02-10/2020-06-10"}
    whole = ids(ask(client, **asked))
    assert len(whole) == 5 + 3
    for limit in (1, 2, 3):
        forwards, body = [], ask(client, limit=limit, **asked)
        while True:
            forwards += ids(body)
            if not (following := link_to(body, "next")):
                break
            body = client.get(following).json()
        backwards = ids(body)
        while previous := link_to(body, "prev"):
            body = client.get(previous).json()
            backwards = ids(body) + backwards
        assert forwards == backwards == whole


KEYWORDS = (
    "AND",
    "NOT IN",
    "IN",
    "BETWEEN",
    "IS NULL",
    "DATE",
    "S_INTERSECTS",
    "BBOX",
    "POINT",
    "POLYGON",
)


@pytest.mark.parametrize("change", [str.upper, str.lower, str.title])
@pytest.mark.parametrize("written", FILTERS)
def test_keywords_of_a_filter_may_be_written_in_any_case(change, written):
    said = re.sub(
        rf"\b({'|'.join(KEYWORDS)})\b", lambda found: change(found[0]), written, flags=re.IGNORECASE
    )
    assert read_filter(said) == read_filter(written)


def test_what_is_quoted_in_a_filter_keeps_its_case():
    (condition,) = read_filter("name = 'point (date ('")
    assert condition.values == ("point (date (",)


@pytest.mark.parametrize(
    "time", ["2020-13-01T00:00:00Z", "2020-02-30T00:00:00Z", "2020-01-01T00:00:00+99:99"]
)
def test_a_time_that_cannot_be_is_refused_and_not_guessed_at(time, capfd):
    with pytest.raises(InvalidQuery, match="Invalid CQL2 text"):
        read_filter(f"dateStart > TIMESTAMP('{time}')")
    assert capfd.readouterr() == ("", "")


def test_a_time_is_read_as_iso_8601_has_it():
    [condition] = read_filter("dateStart > TIMESTAMP('2020-02-03T04:05:06.5Z')")
    assert condition.values == (datetime(2020, 2, 3, 4, 5, 6, 500_000, tzinfo=UTC),)
