"""One reader of query strings: what it understands, what it refuses, and that it can say what it
understood.
"""

import json
from datetime import date

import pytest
from django.http import QueryDict
from hypothesis import given, settings
from hypothesis import strategies as st

from species.errors import InvalidQuery
from species.filters import PARAMETERS, ObservationFilter
from species.models import Taxon
from species.ranges import Bbox
from tests import factories


def asked(query: str) -> ObservationFilter:
    return ObservationFilter.from_query(QueryDict(query))


def refused(query: str) -> dict[str, str]:
    with pytest.raises(InvalidQuery) as caught:
        asked(query)
    return caught.value.errors


def test_no_parameter_asks_for_everything():
    assert asked("").is_everything
    assert asked("taxon=&q=&bbox=&from=&depth=&polygon=").is_everything
    assert asked("").words() == "All records"


def test_the_same_question_written_otherwise_is_equal_and_has_the_same_digest():
    one = asked("taxon=137094,Mola mola&from=2010&evidence=DNA,seen")
    two = asked("evidence=seen&evidence=dna&taxon=Mola  mola&taxon=0137094&from=2010-01-01&bbox=")
    assert one == two
    assert hash(one) == hash(two)
    assert one.digest() == two.digest()
    assert one.query_string() == two.query_string()


def test_a_digest_is_the_same_at_every_time_and_differs_between_questions():
    assert asked("from=2010-01-01&to=2019-12-31").digest() == "5a8fed12e522d545098d"
    assert asked("from=2010").digest() != asked("to=2010").digest()


# As saved by earlier versions: links and hashes stay.
STORED = [
    ("taxon=137094,Mola mola", "3356282df6f946ea2959"),
    ("taxon=1821,Tursiops truncatus", "44816c9d771e0afe2888"),
    ("taxon=Caretta caretta,Mola mola", "b04f9e74b1410e9efafb"),
    ("taxon=1758,137094,cod,ocean sunfish", "191fb7a048acdab2aa14"),
    ("taxon=Kemp's ridley", "656935e6dcab38570fcd"),
    ("taxon=マイワシ", "08c271abf6160c5a85e2"),
    ("taxon=Conus (Asprella)&depth=0,50", "b83635f9f41f765e8b04"),
    ("taxon=Fucus vesiculosus var. linearis&q=wrack", "6e310c67ea7eb6520072"),
]


@pytest.mark.parametrize(("query", "digest"), STORED)
def test_saved_searches_keep_their_text_and_hash(query, digest):
    question = asked(query)
    assert "&".join(f"{name}={value}" for name, value in question.canonical.items()) == query
    assert question.digest() == digest
    assert asked(question.query_string()) == question


def test_a_match_without_its_range_says_nothing():
    assert asked("dateMatch=possible&depthMatch=possible").is_everything
    assert asked("from=2010&dateMatch=certain") == asked("from=2010")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2012-02-29", date(2012, 2, 29), date(2012, 2, 29)),
        ("2012-02", date(2012, 2, 1), date(2012, 2, 29)),
        ("0001", date(1, 1, 1), date(1, 12, 31)),
        ("9999-12", date(9999, 12, 1), date(9999, 12, 31)),
    ],
)
def test_a_year_or_month_begins_with_its_first_day_and_ends_with_its_last(text, first, last):
    assert asked(f"from={text}").date_from == first
    assert asked(f"to={text}").date_to == last


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("-10,35,5,45", Bbox(-10, 35, 5, 45)),
        ("170,-20,-170,20", Bbox(170, -20, -170, 20)),
        ("170,-20,190,20", Bbox(170, -20, -170, 20)),
        ("190,-20,200,20", Bbox(-170, -20, -160, 20)),
        ("-560,0,-550,1", Bbox(160, 0, 170, 1)),
        ("-300,-90,300,90", Bbox(-180, -90, 180, 90)),
        ("180,0,190,1", Bbox(180, 0, -170, 1)),
        ("530,0,540,1", Bbox(170, 0, 180, 1)),
    ],
)
def test_a_box_may_cross_the_antimeridian_or_be_dragged_round_the_world(text, box):
    assert asked(f"bbox={text}").bbox == box


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("bbox=1,2,3", "bbox"),
        ("bbox=a,b,c,d", "bbox"),
        ("bbox=nan,0,1,1", "bbox"),
        ("bbox=0,0,inf,1", "bbox"),
        ("bbox=0,0,1e999,1", "bbox"),
        ("bbox=0,10,1,5", "bbox"),
        ("bbox=0,0,1,91", "bbox"),
        ("bbox=0,0,1_0,1", "bbox"),
        ("bbox=0,0,99999,1", "bbox"),
        ("bbox=0,0,1,1&bbox=0,0,2,2", "bbox"),
        ("from=2010-02-30", "from"),
        ("from=0000", "from"),
        ("from=10000", "from"),
        ("from=yesterday", "from"),
        ("to=2010-1-1", "to"),
        ("from=2011&to=2010", "to"),
        ("dateMatch=maybe", "dateMatch"),
        ("depth=10", "depth"),
        ("depth=,", "depth"),
        ("depth=50,10", "depth"),
        ("depth=nan,10", "depth"),
        ("depth=0,20000", "depth"),
        ("depth=<0,50", "depth"),
        ("depth=0,50,100", "depth"),
        ("depth=50,<50", "depth"),
        ("evidence=rumour", "evidence"),
        ("basis=Photo", "basis"),
        ("dataset=1234", "dataset"),
        ("source=gbif", "source"),
        ("licence=gpl", "licence"),
        ("taxon=0", "taxon"),
        ("taxon=99999999999", "taxon"),
        ("taxon=" + ",".join("abcdefghijk"), "taxon"),
        ("q=x", "q"),
        ("q=" + "x" * 201, "q"),
        ("q=a%00b", "q"),
        ("taxon=a%00b", "taxon"),
        ("colour=blue", "colour"),
        ("months=13", "months"),
        ("months=0", "months"),
        ("months=6-8-9", "months"),
        ("months=Brumaire", "months"),
        ("near=54,7", "near"),
        ("near=91,7,5", "near"),
        ("near=54,7,0", "near"),
        ("near=54,7,5001", "near"),
        ("near=54,7,nan", "near"),
        ("near=54,99999,1", "near"),
        ("iucn=XX", "iucn"),
        ("flag=TOO_GOOD", "flag"),
        ("notFlag=ON_LAND,a%00b", "notFlag"),
        ("maxUncertainty=0", "maxUncertainty"),
        ("maxUncertainty=1e9", "maxUncertainty"),
        ("maxUncertainty=far", "maxUncertainty"),
        ("polygon=x", "polygon"),
        ("polygon=POINT(1 2)", "polygon"),
        ("polygon=" + "x" * 30_000, "polygon"),
        ("polygon=POLYGON((0 0,1 0,1 1,0 0))&polygon=POLYGON((0 0,2 0,2 2,0 0))", "polygon"),
        ("selection=x", "selection"),
    ],
)
def test_what_is_no_legal_question_is_refused_by_the_name_of_its_parameter(query, parameter):
    assert list(refused(query)) == [parameter]
    assert refused(query)[parameter].endswith(".")


def test_every_parameter_at_fault_is_named_at_once():
    assert set(refused("bbox=1&from=x&depth=x&colour=blue")) == {"bbox", "from", "depth", "colour"}


def test_what_only_pages_and_lists_use_is_passed_over():
    assert asked("after=x&map=3/1/2&limit=10&format=json").is_everything
    assert ObservationFilter.from_query({"v": "12"}, also={"v"}).is_everything


def test_months_are_one_question_however_they_are_written():
    assert asked("months=6-8").months == (6, 7, 8)
    assert asked("months=11-2,2").months == (1, 2, 11, 12)
    assert asked("months=8&months=7,6") == asked("months=6-8")
    assert asked("months=1,12,2,11,6").canonical == {"months": "6,11-2"}
    assert asked("months=1-12") == asked("months=7-6") != asked("")
    assert asked("months=6,7&dateMatch=possible") != asked("months=6,7")


def test_a_depth_may_end_just_short_of_a_number():
    question = asked("depth=0,<50")
    assert question.depth.low == 0
    assert question.depth.high < 50
    assert question.canonical == {"depth": "0,<50"}
    assert question.words() == "0 to less than 50 m"
    assert asked("depth=,<0").canonical == {"depth": ",<0"}
    assert asked("depth=0,0.1").canonical == {"depth": "0,0.1"}


def test_near_is_a_place_and_a_distance():
    assert asked("near=54.2, 7.9, 50 km").near == (54.2, 7.9, 50)
    assert asked("near=-10,190,5").near == asked("near=-10.0,-170,5e0").near


def test_flags_are_written_in_any_case_and_are_those_of_obis_and_ours():
    question = asked("flag=place_vague,No_Depth&notFlag=on_land")
    assert question.canonical == {"flag": "NO_DEPTH,PLACE_VAGUE", "notFlag": "ON_LAND"}


def test_how_well_a_place_is_known_has_its_unknown():
    assert asked("maxUncertainty=1e3").max_uncertainty == 1000
    assert asked("maxUncertainty=Unknown").uncertainty_unknown


def test_an_area_is_one_question_in_geojson_and_in_wkt_wherever_it_begins_and_however_it_winds():
    one = asked("polygon=POLYGON((0 50,8 50,8 60,0 50))")
    ring = [[8, 60], [8, 50], [0.0, 50], [8, 60]]
    assert (
        ObservationFilter.from_query(
            {"polygon": json.dumps({"type": "Polygon", "coordinates": [ring]})}
        )
        == one
    )
    assert asked(one.query_string()) == one


@pytest.mark.parametrize("name", sorted(set(PARAMETERS) - {"dateMatch", "depthMatch"}))
def test_a_condition_can_be_taken_away(name):
    asks = {
        **{
            "taxon": "1",
            "q": "cod",
            "bbox": "1,2,3,4",
            "polygon": "POLYGON((0 50,8 50,8 60,0 50))",
            "near": "54,7,5",
        },
        **{
            "from": "2010",
            "to": "2011",
            "months": "6",
            "depth": "unknown",
            "evidence": "seen",
            "basis": "unknown",
        },
        **{
            "dataset": "5f8e6a2b-1c1d-4b5a-9b0e-6a5d3c2b1a00",
            "source": "obis",
            "licence": "cc0",
            "iucn": "EN",
        },
        **{"flag": "NO_DEPTH", "notFlag": "ON_LAND", "maxUncertainty": "5"},
    }
    whole = ObservationFilter.from_query(asks)
    assert whole.without(name) == ObservationFilter.from_query(
        {other: asks[other] for other in asks if other != name}
    )


def test_what_is_taken_away_takes_its_match_along():
    assert (
        asked("from=2010&dateMatch=possible&depth=0,1&depthMatch=possible")
        .without("from", "depth")
        .is_everything
    )


def test_ten_thousand_filters_are_too_many():
    query = {
        "taxon": [str(number) for number in range(1, 10_001)],
        **{f"p{number}": "1" for number in range(10_000)},
    }
    with pytest.raises(InvalidQuery) as caught:
        ObservationFilter.from_query(query)
    assert "taxon" in caught.value.errors
    assert len(caught.value.errors) < 25


def test_words_name_every_condition():
    question = asked(
        "from=2010&to=2019&dateMatch=possible&depth=0,50&evidence=seen,dna&basis=unknown&bbox=1,2,3,4"
    )
    assert question.words() == (
        "longitude 1° to 3° and latitude 2° to 4°, possibly 2010-01-01 to 2019-12-31, 0 to 50 m,"
        " Human sighting or DNA, Not stated"
    )
    assert asked("depth=unknown").words() == "depth unknown"
    assert asked("depth=,-2").words() == "down to -2 m"
    assert asked("depth=200,").words() == "200 m and deeper"
    assert asked("months=6-8&depth=0,50").words() == "June to August, 0 to 50 m"
    assert (
        asked("months=11-2,6&dateMatch=possible").words() == "possibly June or November to February"
    )
    assert asked("near=54.2,7.9,50").words() == "within 50 km of 54.2° N, 7.9° E"
    assert asked("polygon=POLYGON((170 -5,190 -5,190 5,170 -5))").words() == (
        "area with 7 points, longitude 170° to -170° and latitude -5° to 5°"
    )
    assert asked(
        "iucn=EN,VU&flag=NO_DEPTH,ON_LAND&notFlag=PLACE_VAGUE&maxUncertainty=100"
    ).words() == (
        "Endangered or Vulnerable, flagged “No depth” or “On land”, not flagged “Imprecise location”,"
        " accurate to 100 m or better"
    )
    assert asked("maxUncertainty=unknown").words() == "location accuracy not stated"


FRAGMENTS = st.sampled_from(
    [
        *(
            "1",
            "2010",
            "2010-13",
            "-10,35,5,45",
            "5,-90,190,90",
            "nan",
            "1e5,3",
            "unknown",
            "seen,dna",
            "possible",
        ),
        *(
            "Mola",
            "6-8",
            "11-2,6",
            "54.2,7.9,50",
            "-0,-190,5km",
            "ON_LAND,no_depth",
            "vu,EN",
            "5f8e6a2b1c1d4b5a9b0e",
        ),
        *(
            "POLYGON((0 50,8 60,8 50,0 50))",
            "POLYGON((170 0,190 0,190 9,170 0))",
            '{"type":"Polygon","coordinates":[[]]}',
        ),
    ]
)
QUERIES = st.dictionaries(
    st.sampled_from([*PARAMETERS, "after", "colour", "\x00"]),
    st.lists(FRAGMENTS | st.text(max_size=30), min_size=1, max_size=3),
    max_size=5,
)


@settings(max_examples=400, deadline=None)
@given(QUERIES)
def test_any_query_is_understood_or_refused_with_reasons_and_what_is_understood_comes_back(query):
    try:
        question = ObservationFilter.from_query(query)
    except InvalidQuery as refusal:
        assert refusal.errors
        assert all(refusal.errors.values())
        return
    assert asked(question.query_string()) == question
    assert asked(question.query_string()).digest() == question.digest()


FINITE = st.floats(min_value=-180, max_value=180)


@given(west=FINITE, east=FINITE, south=st.floats(-90, 0), north=st.floats(0, 90))
def test_numbers_come_back_to_the_last_bit(west, east, south, north):
    question = ObservationFilter.from_query({"bbox": f"{west!r},{south!r},{east!r},{north!r}"})
    assert question.bbox == (west, south, east, north)
    assert asked(question.query_string()) == question


@pytest.fixture
def sunfishes(db):
    root = factories.taxon("Animalia", aphia_id=2, rank="Kingdom")
    family = factories.taxon("Molidae", aphia_id=125_620, rank="Family", parent=root)
    mola = factories.taxon("Mola mola", aphia_id=127_405, parent=family)
    factories.taxon("Orthragoriscus mola", aphia_id=305_450, accepted=mola)
    factories.vernacular(mola, "ocean sunfish")
    factories.vernacular(family, "sunfishes")
    return mola


def test_reading_a_question_asks_nothing_of_the_database(django_assert_num_queries, sunfishes):
    with django_assert_num_queries(0):
        asked("taxon=Mola mola&q=sunfish&dataset=5f8e6a2b-1c1d-4b5a-9b0e-6a5d3c2b1a00").digest()


def test_a_name_in_any_case_and_a_common_name_find_their_taxon(
    django_assert_num_queries, sunfishes
):
    assert [taxon.aphia_id for taxon in asked("taxon=MOLA MOLA").taxa] == [127_405]
    with django_assert_num_queries(2):
        question = asked("taxon=Ocean Sunfish")
        assert question.words() == "Mola mola (“Ocean Sunfish”)"


def test_a_synonym_stands_for_its_accepted_taxon_and_the_words_say_so(sunfishes):
    question = asked("taxon=305450,Orthragoriscus mola")
    assert [taxon.aphia_id for taxon in question.taxa] == [127_405]
    assert question.words() == "Mola mola (synonym: Orthragoriscus mola)"


def test_a_synonym_of_a_synonym_stands_for_the_taxon_at_the_end_of_the_chain(sunfishes):
    Taxon.objects.create(aphia_id=305_451, scientific_name="Tetraodon mola", accepted_id=305_450)
    assert [str(taxon) for taxon in asked("taxon=305451").taxa] == [
        "Mola mola (synonym: Tetraodon mola)"
    ]


def test_two_synonyms_of_each_other_are_one_taxon(sunfishes):
    Taxon.objects.filter(pk=127_405).update(accepted_id=305_450)
    assert len(asked("taxon=305450").taxa) == 1


def test_a_name_that_nobody_has_is_a_bad_question_and_an_unheld_aphia_id_matches_nothing(sunfishes):
    with pytest.raises(InvalidQuery) as caught:
        asked("taxon=Nessiteras rhombopteryx").ordinal_ranges()
    assert list(caught.value.errors) == ["taxon"]
    assert asked("taxon=999").ordinal_ranges() == [[]]
    assert asked("taxon=999").words() == "AphiaID 999 (no records here)"


def test_free_text_searches_scientific_and_common_names_and_merges_what_lies_below(sunfishes):
    question = asked("q=sunfish")
    assert {taxon.name for taxon in question.found} == {"Mola mola", "Molidae"}
    assert len(question.ordinal_ranges()[0]) == 1
    assert asked("q=no%25such_name").found == ()


def test_text_that_too_many_names_hold_asks_for_more_of_it(sunfishes, monkeypatch):
    monkeypatch.setattr("species.taxon_names.lookup.MAX_TAXA_OF_TEXT", 2)
    with pytest.raises(InvalidQuery) as caught:
        asked("q=mol").ordinal_ranges()
    assert list(caught.value.errors) == ["q"]
