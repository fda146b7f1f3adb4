"""What a selection matches, how lists are paged and how counts are told."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from species.errors import InvalidQuery
from species.filters import ObservationFilter
from species.models import CuratedObservation
from species.terms import BasisOfRecord, Evidence, Finding, License, ObisFlag
from tests import factories

pytestmark = pytest.mark.django_db


def matching(**query):
    selection = ObservationFilter.from_query(
        {name.rstrip("_"): value for name, value in query.items()}
    )
    return set(selection.apply(CuratedObservation.objects.published()))


def test_withdrawn_records_and_absences_are_not_on_show():
    factories.observation(withdrawn_at=datetime(2022, 1, 1, tzinfo=UTC))
    factories.observation(occurrence_status="absent")
    shown = factories.observation()
    assert matching() == {shown}


def test_a_taxon_stands_for_all_below_it():
    root = factories.taxon("Animalia", aphia_id=2)
    fishes, molluscs = (factories.taxon(name, parent=root) for name in ("Chordata", "Mollusca"))
    fish = factories.observation(taxon=factories.taxon("Mola mola", parent=fishes))
    snail = factories.observation(taxon=factories.taxon("Nucella lapillus", parent=molluscs))
    alga = factories.observation(taxon=factories.taxon("Ulva lactuca"))
    assert matching(taxon="2") == {fish, snail}
    assert matching(taxon="Chordata") == {fish}
    assert matching(taxon=["Chordata", "Ulva lactuca"]) == {fish, alga}
    assert matching(taxon="2", q="lapillus") == {snail}
    assert matching(taxon="Chordata", q="lapillus") == set()
    assert matching(taxon="424242") == set()


def test_a_box_includes_its_edges_and_nothing_a_hair_beyond():
    inside, on_edge = factories.observation(at=(5.0, 50.0)), factories.observation(at=(10.0, 60.0))
    factories.observation(at=(10.0000001, 55.0))
    factories.observation(at=(5.0, 39.9999999))
    assert matching(bbox="0,40,10,60") == {inside, on_edge}


def test_a_box_across_the_antimeridian_finds_both_sides_and_the_line_itself_under_either_name():
    fiji, samoa = (
        factories.observation(at=(178.0, -17.0)),
        factories.observation(at=(-172.0, -13.0)),
    )
    line, same_line = (
        factories.observation(at=(180.0, 0.0)),
        factories.observation(at=(-180.0, 1.0)),
    )
    factories.observation(at=(0.5, 0.0))
    assert matching(bbox="170,-20,-170,20") == {fiji, samoa, line, same_line}
    assert matching(bbox="170,-20,190,20") == {fiji, samoa, line, same_line}
    assert matching(bbox="-180,-20,-175,20") == {line, same_line}
    assert matching(bbox="175,-20,180,20") == {fiji, line, same_line}
    assert matching(bbox="180,-20,180,20") == {line, same_line}
    assert matching(bbox="-360,-20,360,20") == matching()


def test_an_area_includes_its_edges_and_leaves_its_holes_out():
    inside, on_edge, in_hole = (
        factories.observation(at=at) for at in ((1.0, 1.0), (10.0, 5.0), (5.0, 5.0))
    )
    factories.observation(at=(10.0000001, 5.0))
    square = "((0 0,10 0,10 10,0 10,0 0)"
    assert matching(polygon=f"POLYGON{square})") == {inside, on_edge, in_hole}
    assert matching(polygon=f"POLYGON{square},(4 4,6 4,6 6,4 6,4 4))") == {inside, on_edge}
    assert matching(polygon=f"POLYGON{square})", bbox="0,0,2,2") == {inside}


def test_an_area_across_the_antimeridian_finds_both_sides_and_the_line_under_either_name():
    fiji, samoa = (
        factories.observation(at=(178.0, -17.0)),
        factories.observation(at=(-172.0, -13.0)),
    )
    line, same_line = (
        factories.observation(at=(180.0, 0.0)),
        factories.observation(at=(-180.0, 1.0)),
    )
    factories.observation(at=(0.5, 0.0))
    assert matching(polygon="POLYGON((170 -20,190 -20,190 20,170 20,170 -20))") == {
        fiji,
        samoa,
        line,
        same_line,
    }
    assert matching(polygon="POLYGON((170 -20,180 -20,180 20,170 20,170 -20))") == {
        fiji,
        line,
        same_line,
    }
    assert matching(polygon="POLYGON((-180 -20,-170 -20,-170 20,-180 20,-180 -20))") == {
        samoa,
        line,
        same_line,
    }
    assert matching(polygon="POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))") == matching()


def test_near_measures_on_the_ellipsoid_across_the_antimeridian_and_over_the_poles():
    north, east = factories.observation(at=(0.0, 1.0)), factories.observation(at=(1.0, 0.0001))
    assert matching(near="0,0,110.5") == set()
    assert matching(near="0,0,110.6") == {north}  # a degree of latitude: 110.574 km
    assert matching(near="0,0,111.4") == {north, east}  # a degree of the equator: 111.320 km
    fiji, line = factories.observation(at=(179.5, -17.0)), factories.observation(at=(180.0, -17.0))
    assert matching(near="-17,-179.9,60") == {line}
    assert matching(near="-17,-179.9,70") == {fiji, line}
    pole, beyond = factories.observation(at=(20.0, 90.0)), factories.observation(at=(-160.0, 89.0))
    assert matching(near="89.5,20,60") == {pole}
    assert matching(near="89.5,20,170") == {pole, beyond}


def test_a_record_is_certainly_within_months_when_all_its_days_are_and_possibly_when_any_is():
    def dated(start, end=None):
        return factories.observation(date_start=start, date_end=end or start)

    june, whole_june = dated(date(2010, 6, 30)), dated(date(1971, 6, 1), date(1971, 6, 30))
    july, january = dated(date(2011, 7, 1)), dated(date(2012, 1, 31))
    both, new_year = (
        dated(date(2010, 6, 15), date(2010, 7, 15)),
        dated(date(2010, 12, 30), date(2011, 1, 2)),
    )
    year_later, year = (
        dated(date(2010, 6, 5), date(2011, 6, 5)),
        dated(date(1971, 1, 1), date(1971, 12, 31)),
    )
    undated = dated(None)
    assert matching(months="6") == {june, whole_june}
    assert matching(months="7") == {july}
    assert matching(months="6,7") == {june, whole_june, july, both}
    assert matching(months="12-1") == {january, new_year}
    assert matching(months="1,6,12") == {june, whole_june, january, new_year}
    assert matching(months="1-12") == matching() - {undated}
    assert matching(months="6", dateMatch="possible") == {june, whole_june, both, year_later, year}
    assert matching(months="7-8", dateMatch="possible") == {july, both, year_later, year}
    assert matching(months="12", dateMatch="possible") == {new_year, year_later, year}
    assert matching(months="2", dateMatch="possible") == {year_later, year}
    assert matching(months="6-7", from_="2010", to="2010") == {june, both}


DAYS = st.dates(date(1899, 1, 1), date(1903, 12, 31))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.tuples(DAYS, st.integers(0, 500)), min_size=1, max_size=6),
    st.sets(st.integers(1, 12), min_size=1),
)
def test_months_match_what_counting_every_day_says(spans, months):
    CuratedObservation.objects.all().delete()
    taxon, dataset = factories.taxon(), factories.dataset()
    certain, possible = set(), set()
    for start, length in spans:
        days = [start + timedelta(days=day) for day in range(length + 1)]
        row = factories.observation(
            taxon=taxon, dataset=dataset, date_start=days[0], date_end=days[-1]
        )
        certain |= {row} if all(day.month in months for day in days) else set()
        possible |= {row} if any(day.month in months for day in days) else set()
    asked = ",".join(map(str, months))
    assert matching(months=asked) == certain
    assert matching(months=asked, dateMatch="possible") == possible


def test_a_flag_is_asked_for_by_name_whether_obis_set_it_or_we_did_and_not_flagged_are_all_others():
    by_obis = factories.observation(obis_flags=int(ObisFlag.ON_LAND | ObisFlag.NO_DEPTH))
    by_us = factories.observation(findings=int(Finding.ON_LAND))
    unlisted, plain = (
        factories.observation(obis_flags=int(ObisFlag.UNLISTED)),
        factories.observation(),
    )
    assert matching(flag="ON_LAND") == {by_obis, by_us}
    assert matching(flag="NO_DEPTH,UNLISTED") == {by_obis, unlisted}
    assert matching(notFlag="ON_LAND") == {unlisted, plain}
    assert matching(notFlag="ON_LAND,UNLISTED") == {plain}
    assert matching(flag="NO_DEPTH", notFlag="ON_LAND") == set()


def test_a_category_of_the_red_list_is_the_taxons_and_one_condition(django_assert_num_queries):
    endangered = factories.observation(taxon=factories.taxon(iucn_category="EN"))
    unsaid = factories.observation()
    assert matching(iucn="EN,CR") == {endangered}
    assert matching(iucn="unknown") == {unsaid}
    with django_assert_num_queries(0):
        ObservationFilter.from_query({"iucn": "EN"}).apply(CuratedObservation.objects.all())


def test_how_well_a_place_is_known_is_a_limit_or_unknown_and_unknown_is_never_0():
    def within(metres):
        return factories.observation(coordinate_uncertainty_in_meters=metres)

    precise, vague, unknown = within(100), within(10_000), within(None)
    assert matching(maxUncertainty="100") == {precise}
    assert matching(maxUncertainty="10000") == {precise, vague}
    assert matching(maxUncertainty="unknown") == {unknown}


@pytest.mark.parametrize("query", [{"polygon": "POLYGON((0 0,1 0,1 1,0 0))"}, {"near": "54,7,5"}])
def test_a_place_is_found_by_the_index_of_places(query):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    rows = ObservationFilter.from_query(query).apply(CuratedObservation.objects.all())
    assert "observation_place" in rows.explain()


def test_a_year_of_dates_is_certainly_within_only_when_both_ends_are():
    in_may = factories.observation(date_start=date(2010, 5, 1), date_end=date(2010, 5, 31))
    over_new_year = factories.observation(date_start=date(2010, 12, 30), date_end=date(2011, 1, 2))
    for_decades = factories.observation(date_start=date(1990, 1, 1), date_end=date(2020, 12, 31))
    factories.observation(date_start=None)
    assert matching(from_="2010", to="2010") == {in_may}
    assert matching(from_="2010", to="2010", dateMatch="possible") == {
        in_may,
        over_new_year,
        for_decades,
    }
    assert matching(from_="2010-06-01") == {over_new_year}
    assert matching(to="2010") == {in_may}
    assert matching(from_="2011", dateMatch="possible") == {over_new_year, for_decades}


def test_depths_match_by_both_ends_and_a_one_sided_depth_is_that_one_depth():
    def at(low, high):
        return factories.observation(minimum_depth_in_meters=low, maximum_depth_in_meters=high)

    shallow, reversed_, one_sided, above, unknown = (
        at(0, 10),
        at(40, 20),
        at(None, 30),
        at(-2, -1),
        at(None, None),
    )
    wide = at(0, 500)
    assert matching(depth="0,50") == {shallow, reversed_, one_sided}
    assert matching(depth="0,50", depthMatch="possible") == {shallow, reversed_, one_sided, wide}
    assert matching(depth="25,30", depthMatch="possible") == {reversed_, one_sided, wide}
    assert matching(depth="20,") == {reversed_, one_sided}
    assert matching(depth="0,<30") == {shallow}
    assert matching(depth="0,<30", depthMatch="possible") == {shallow, reversed_, wide}
    assert matching(depth=",0") == matching(depth=",<0") == {above}
    assert matching(depth="unknown") == {unknown}


def test_closed_vocabularies_and_datasets_match_exactly():
    dna = factories.observation(
        evidence=Evidence.DNA, basis_of_record=BasisOfRecord.MATERIAL_SAMPLE
    )
    unsaid = factories.observation(
        basis_of_record="", evidence=Evidence.UNSPECIFIED, license=License.UNKNOWN
    )
    demonstration = factories.observation(dataset=factories.dataset(source="demonstration"))
    assert matching(evidence="dna,specimen") == {dna}
    assert matching(basis="unknown") == {unsaid}
    assert matching(licence="unknown") == {unsaid}
    assert matching(source="demonstration") == {demonstration}
    assert matching(dataset=f"{dna.dataset.uuid},{unsaid.dataset.uuid}") == {dna, unsaid}
    assert matching(dataset="00000000-0000-0000-0000-000000000001") == set()


def test_a_dataset_is_asked_for_by_its_id_so_that_the_planner_knows_its_size(
    django_assert_num_queries,
):
    held = factories.observation().dataset
    selection = ObservationFilter.from_query({"dataset": str(held.uuid)})
    with django_assert_num_queries(1):
        rows = selection.apply(CuratedObservation.objects.published())
    assert f'"dataset_id" IN ({held.pk})' in str(rows.query)
    assert "JOIN" not in str(rows.query)


def walked(rows, size):
    pages, after = [], None
    while True:
        page = rows.page(after, size)
        assert len(page.rows) <= size
        pages += page.rows
        if page.next is None:
            return pages
        assert len(page.rows) == size
        after = page.next


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(dates=st.lists(st.none() | st.integers(1, 4), max_size=12), size=st.integers(1, 5))
def test_pages_walked_to_the_end_hold_every_record_once_newest_first(
    django_db_blocker, dates, size
):
    CuratedObservation.objects.all().delete()
    taxon, dataset = factories.taxon(), factories.dataset()
    for day in dates:
        factories.observation(taxon=taxon, dataset=dataset, date_start=day and date(2020, 1, day))
    rows = CuratedObservation.objects.published()
    assert walked(rows, size) == list(rows.newest_first())
    assert [row.date_start for row in walked(rows, size)] == sorted(
        (row.date_start for row in rows),
        key=lambda day: (day is None, -(day or date.min).toordinal()),
    )


def test_a_page_costs_one_query_or_two_at_the_end_of_the_dated(django_assert_num_queries):
    taxon, dataset = factories.taxon(), factories.dataset()
    for day in (1, 2, 3, None, None):
        factories.observation(taxon=taxon, dataset=dataset, date_start=day and date(2020, 1, day))
    rows = CuratedObservation.objects.published()
    with django_assert_num_queries(1):
        first = rows.page(size=2)
    with django_assert_num_queries(2):
        second = rows.page(first.next, size=2)
    with django_assert_num_queries(1):
        third = rows.page(second.next, size=2)
    assert third.next is None


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "1",
        "2020-13-01.5",
        "2020-01-01.",
        "2020-01-01.-1",
        ".9" * 20,
        "0000-01-01.1",
        ".1\n",
        "2020-01-01.٣",
    ],
)
def test_a_cursor_that_is_none_is_a_bad_question(cursor):
    with pytest.raises(InvalidQuery) as caught:
        CuratedObservation.objects.published().page(cursor)
    assert list(caught.value.errors) == ["after"]


def test_a_count_is_exact_or_says_more_than(django_assert_num_queries):
    taxon, dataset = factories.taxon(), factories.dataset()
    for _ in range(4):
        factories.observation(taxon=taxon, dataset=dataset)
    rows = CuratedObservation.objects.published().newest_first()
    with django_assert_num_queries(1):
        assert str(rows.count_up_to(4)) == "4"
    assert str(rows.count_up_to(3)) == "more than 3"
    assert not rows.count_up_to(3).is_exact
