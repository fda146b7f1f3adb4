"""A map opens on the records that it shows, where these lie in one part of the world."""

import pytest

from species.atlas.planner import plan_query
from species.density.rebuild import rebuild
from species.filters import ObservationFilter
from species.models import DataVersion
from tests import factories

pytestmark = pytest.mark.django_db
EVERYTHING = ObservationFilter()


def seen_at(*places, **given):
    for place in places:
        factories.observation(at=place, **given)


def holds(box, longitude, latitude):
    within = (
        box.west <= longitude <= box.east
        if box.west <= box.east
        else not box.east < longitude < box.west
    )
    return within and box.south <= latitude <= box.north


@pytest.mark.parametrize("threshold", [0, 1000])
def test_a_region_is_the_box_around_its_records_from_densities_and_from_rows(settings, threshold):
    settings.DENSITY_THRESHOLD = threshold
    places = [(-4.1, 50.2), (7.9, 54.2), (12.5, 57)]
    seen_at(*places)
    rebuild()
    box = plan_query(EVERYTHING).extent()
    assert all(holds(box, *place) for place in places)
    assert box.east - box.west < 18
    assert box.north - box.south < 8


def test_a_bay_is_not_rounded_out_to_a_sea():
    seen_at((7.9, 54.2), (8.1, 54.3))
    box = plan_query(EVERYTHING).extent()
    assert holds(box, 7.9, 54.2)
    assert box.east - box.west < 1


def test_a_region_across_the_antimeridian_is_not_the_whole_world():
    places = [(178, -18), (-178.5, -17), (-170, -14)]
    seen_at(*places)
    box = plan_query(EVERYTHING).extent()
    assert box.west > box.east
    assert all(holds(box, *place) for place in places)


def test_what_lies_all_over_the_world_and_what_is_nowhere_has_no_box():
    assert plan_query(EVERYTHING).extent() is None
    seen_at((7.9, 54.2), (150, -30), (-120, 20), (0, 89.9))
    DataVersion.advance()
    assert plan_query(EVERYTHING).extent() is None


def test_taxa_and_datasets_have_boxes_of_their_own_whatever_else_is_asked():
    cod, seal = factories.taxon("Gadus morhua"), factories.taxon("Phoca vitulina")
    soundings = factories.dataset()
    seen_at((-50, 45), taxon=cod, dataset=soundings)
    seen_at((150, -30), taxon=seal)
    of_cod = plan_query(
        ObservationFilter.from_query({"taxon": str(cod.pk), "from": "2050"})
    ).extent()
    assert holds(of_cod, -50, 45)
    assert (
        plan_query(ObservationFilter.from_query({"dataset": str(soundings.uuid)})).extent()
        == of_cod
    )
    assert holds(
        plan_query(ObservationFilter.from_query({"taxon": str(seal.pk)})).extent(), 150, -30
    )
    assert plan_query(EVERYTHING).extent() is None


def test_what_is_large_is_looked_for_once_for_each_version_of_the_data(
    settings, django_assert_num_queries
):
    settings.DENSITY_THRESHOLD = 0
    seen_at((7.9, 54.2))
    rebuild()
    box = plan_query(EVERYTHING).extent()
    with django_assert_num_queries(1):  # the cache, which is a table
        assert plan_query(EVERYTHING).extent() == box
