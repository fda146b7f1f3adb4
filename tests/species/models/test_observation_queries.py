"""What a selection matches, how lists are paged and how counts are told."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from species.filters import BadQuestion, ObservationFilter
from species.models import CuratedObservation
from species.models.terms import BasisOfRecord, Evidence, License
from tests import factories

pytestmark = pytest.mark.django_db


def matching(**query):
    selection = ObservationFilter.from_query({name.rstrip("_"): value for name, value in query.items()})
    return set(CuratedObservation.objects.published().matching(selection))


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
    fiji, samoa = factories.observation(at=(178.0, -17.0)), factories.observation(at=(-172.0, -13.0))
    line, same_line = factories.observation(at=(180.0, 0.0)), factories.observation(at=(-180.0, 1.0))
    factories.observation(at=(0.5, 0.0))
    assert matching(bbox="170,-20,-170,20") == {fiji, samoa, line, same_line}
    assert matching(bbox="170,-20,190,20") == {fiji, samoa, line, same_line}
    assert matching(bbox="-180,-20,-175,20") == {line, same_line}
    assert matching(bbox="175,-20,180,20") == {fiji, line, same_line}
    assert matching(bbox="180,-20,180,20") == {line, same_line}
    assert matching(bbox="-360,-20,360,20") == matching()


def test_a_year_of_dates_is_certainly_within_only_when_both_ends_are():
    in_may = factories.observation(date_start=date(2010, 5, 1), date_end=date(2010, 5, 31))
    over_new_year = factories.observation(date_start=date(2010, 12, 30), date_end=date(2011, 1, 2))
    for_decades = factories.observation(date_start=date(1990, 1, 1), date_end=date(2020, 12, 31))
    factories.observation(date_start=None)
    assert matching(from_="2010", to="2010") == {in_may}
    assert matching(from_="2010", to="2010", dateMatch="possible") == {in_may, over_new_year, for_decades}
    assert matching(from_="2010-06-01") == {over_new_year}
    assert matching(to="2010") == {in_may}
    assert matching(from_="2011", dateMatch="possible") == {over_new_year, for_decades}


def test_depths_match_by_both_ends_and_a_one_sided_depth_is_that_one_depth():
    def at(low, high):
        return factories.observation(minimum_depth_in_meters=low, maximum_depth_in_meters=high)

    shallow, reversed_, one_sided, above, unknown = at(0, 10), at(40, 20), at(None, 30), at(-2, -1), at(None, None)
    wide = at(0, 500)
    assert matching(depth="0,50") == {shallow, reversed_, one_sided}
    assert matching(depth="0,50", depthMatch="possible") == {shallow, reversed_, one_sided, wide}
    assert matching(depth="25,30", depthMatch="possible") == {reversed_, one_sided, wide}
    assert matching(depth="20,") == {reversed_, one_sided}
    assert matching(depth=",0") == {above}
    assert matching(depth="unknown") == {unknown}


def test_closed_vocabularies_and_datasets_match_exactly():
    dna = factories.observation(evidence=Evidence.DNA, basis_of_record=BasisOfRecord.MATERIAL_SAMPLE)
    unsaid = factories.observation(basis_of_record="", evidence=Evidence.UNSPECIFIED, license=License.UNKNOWN)
    demonstration = factories.observation(dataset=factories.dataset(source="demonstration"))
    assert matching(evidence="dna,specimen") == {dna}
    assert matching(basis="unknown") == {unsaid}
    assert matching(licence="unknown") == {unsaid}
    assert matching(source="demonstration") == {demonstration}
    assert matching(dataset=f"{dna.dataset.uuid},{unsaid.dataset.uuid}") == {dna, unsaid}
    assert matching(dataset="00000000-0000-0000-0000-000000000001") == set()


def test_a_dataset_is_asked_for_by_its_id_so_that_the_planner_knows_its_size(django_assert_num_queries):
    held = factories.observation().dataset
    selection = ObservationFilter.from_query({"dataset": str(held.uuid)})
    with django_assert_num_queries(1):
        rows = CuratedObservation.objects.published().matching(selection)
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


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(dates=st.lists(st.none() | st.integers(1, 4), max_size=12), size=st.integers(1, 5))
def test_pages_walked_to_the_end_hold_every_record_once_newest_first(django_db_blocker, dates, size):
    CuratedObservation.objects.all().delete()
    taxon, dataset = factories.taxon(), factories.dataset()
    for day in dates:
        factories.observation(taxon=taxon, dataset=dataset, date_start=day and date(2020, 1, day))
    rows = CuratedObservation.objects.published()
    assert walked(rows, size) == list(rows.newest_first())
    assert [row.date_start for row in walked(rows, size)] == sorted(
        (row.date_start for row in rows), key=lambda day: (day is None, -(day or date.min).toordinal())
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
    ["x", "1", "2020-13-01.5", "2020-01-01.", "2020-01-01.-1", ".9" * 20, "0000-01-01.1", ".1\n", "2020-01-01.٣"],
)
def test_a_cursor_that_is_none_is_a_bad_question(cursor):
    with pytest.raises(BadQuestion) as caught:
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
