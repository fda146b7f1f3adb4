"""The parameter `lifeStage` selects the same records on every way to an answer."""

import pytest
from django.http import QueryDict

from species.atlas.planner import plan_query
from species.atlas.results import Route
from species.density.rebuild import rebuild
from species.filters import ObservationFilter
from species.models import CuratedObservation, SampledObservation
from species.terms import LifeStage
from tests import factories

pytestmark = pytest.mark.django_db


def search(query: str) -> ObservationFilter:
    return ObservationFilter.from_query(QueryDict(query))


@pytest.fixture
def larva():
    factories.observation(life_stage=LifeStage.ADULT)
    factories.observation(life_stage=LifeStage.UNKNOWN)
    return factories.observation(life_stage=LifeStage.LARVA)


def test_it_is_written_in_the_order_of_life_and_described_in_words():
    found = search("lifeStage=Juvenile,larva,unknown&depth=0,5")
    assert found.query_string() == "depth=0,5&lifeStage=larva,juvenile,unknown"
    assert found.words() == "0 to 5 m, Larva or Juvenile or Not stated"


def test_the_list_the_api_and_the_ogc_api_find_the_same_record(client, larva):
    assert list(search("lifeStage=larva").apply(CuratedObservation.objects.all())) == [larva]
    for address, query in (
        ("/api/v1/observations/", {"lifeStage": "larva"}),
        ("/ogc/collections/observations/items", {"lifeStage": "larva"}),
        ("/ogc/collections/observations/items", {"filter": "lifeStage = 'larva'"}),
    ):
        features = client.get(address, query).json()["features"]
        assert [feature["id"] for feature in features] == [str(larva.key)]


def test_a_missing_life_stage_can_be_searched(client, larva):
    query = {"filter": "lifeStage IS NULL"}
    features = client.get("/ogc/collections/observations/items", query).json()["features"]
    assert [feature["properties"]["lifeStage"] for feature in features] == [None]


@pytest.fixture
def sample(larva, settings):
    """All records are in the sample, since more may not be read."""
    settings.RAW_ROW_BOUND = 1
    rebuild()
    assert SampledObservation.objects.count() == 3


def test_the_sample_looks_it_up_in_the_observations(larva, sample):
    found = search("lifeStage=larva").apply(SampledObservation.objects.all())
    assert [row.pk for row in found] == [larva.pk]


def test_a_count_beyond_the_bound_is_an_estimate_from_the_sample(sample):
    estimate = plan_query(search("lifeStage=larva")).count()
    assert (estimate.basis, estimate.number) == (Route.SAMPLE, 1)
