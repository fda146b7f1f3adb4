"""Lists at a bounded cost: of a few taxa merged, of few records sorted, of any others searched page
by page.
"""

from datetime import date
from itertools import product

import pytest

from species.atlas import lists
from species.atlas.planner import plan_query
from species.filters import ObservationFilter
from species.models import CuratedObservation
from species.models.observation_pages import Ordering
from tests import factories

pytestmark = pytest.mark.django_db
DAYS = [date(2021, 5, 3), date(2021, 5, 3), date(2021, 5, 2), date(1999, 1, 1), None, None]


@pytest.fixture
def families(settings):
    """Two species of one family and one of another, on the same days and on none; nothing counts as
    few.
    """
    settings.DENSITY_THRESHOLD, settings.SEARCH_BOUND = 8, 5
    root = factories.taxon("Animalia", rank="Kingdom")
    cods, eels = (
        factories.taxon(name, rank="Family", parent=root) for name in ("Gadidae", "Anguillidae")
    )
    species = [factories.taxon(f"Gadus {n}", parent=cods) for n in (1, 2)] + [
        factories.taxon("Conger", parent=eels)
    ]
    for taxon, day in product(species, DAYS):
        factories.observation(taxon=taxon, date_start=day)
    return cods


def walked(query, size):
    """The keys of all pages, and how they were found."""
    selection = ObservationFilter.from_query(query)
    _, way = plan_query(selection).newest_first()
    found, after = [], None
    while True:
        page = plan_query(selection).page(after, size)
        found += [row.pk for row in page.rows]
        after = page.next
        if not after:
            return found, way


@pytest.mark.parametrize("size", [1, 2, 5, 50])
@pytest.mark.parametrize("more", [{}, {"from": "2021"}, {"to": "2021-05-02"}])
def test_a_list_of_a_few_taxa_is_merged_and_leaves_out_none(families, size, more):
    query = {"taxon": families.pk, **more}
    keys, way = walked(query, size)
    rows = (
        ObservationFilter.from_query(query)
        .apply(CuratedObservation.objects.published())
        .newest_first()
    )
    assert way.ordering is Ordering.OF_TAXA
    assert len(way.taxa) == 2
    assert keys == list(rows.values_list("pk", flat=True))
    assert keys


def test_a_list_of_many_taxa_is_searched_and_leaves_out_none(families, monkeypatch):
    monkeypatch.setattr(lists, "MOST_TAXA", 1)
    keys, way = walked({"taxon": families.pk}, 4)
    assert way.search == 5
    assert len(keys) == len(set(keys)) == 2 * len(DAYS)


def test_what_was_searched_is_told_where_dated_records_end_within_a_page_too(settings):
    settings.DENSITY_THRESHOLD, settings.SEARCH_BOUND = 4, 2
    for day in [date(2020, 1, 1)] * 3 + [None] * 3:
        factories.observation(date_start=day)
    nothing = ObservationFilter.from_query({"maxUncertainty": "1"})
    first = plan_query(nothing).page(None, 3)
    second = plan_query(nothing).page(first.next, 3)
    third = plan_query(nothing).page(second.next, 3)
    assert [page.searched for page in (first, second, third)] == [2, 1 + 2, None]


@pytest.mark.parametrize("size", [1, 2, 5, 50])
@pytest.mark.parametrize("more", [{}, {"from": "2021"}, {"depth": "unknown"}])
def test_a_list_of_many_taxa_with_few_records_is_sorted_and_reads_no_further_than_its_last_day(
    families, settings, monkeypatch, size, more
):
    settings.SEARCH_BOUND = 100
    monkeypatch.setattr(lists, "MOST_TAXA", 1)
    query = {"taxon": families.pk, **more}
    keys, way = walked(query, size)
    rows = (
        ObservationFilter.from_query(query)
        .apply(CuratedObservation.objects.published())
        .newest_first()
    )
    assert way.by_days
    assert keys == list(rows.values_list("pk", flat=True))
    assert rows.day_before(None, 5) == date(2021, 5, 2)
    assert rows.day_before(date(2021, 5, 2), 3) is None
