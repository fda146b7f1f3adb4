"""Estimates: what nothing else answers comes from the sample, says so, and is as near the truth as
it claims.
"""

from itertools import product
from random import Random
from uuid import UUID

import pytest

from species.atlas.from_sample import Moments, estimate_of
from species.atlas.planner import plan_query
from species.atlas.results import Route
from species.density.rebuild import rebuild
from species.filters import ObservationFilter
from species.models import CuratedObservation
from species.ranges import Bbox
from tests.species.generating import World

pytestmark = pytest.mark.django_db

PLACES = [(7.9, 54.2), (8.1, 54.3), (120.0, 12.5), (-70.5, -33.0), (20.0, 90.0)]
EVIDENCE, LICENCES = (
    ["seen", "dna", "specimen,instrument"],
    ["cc0", "cc-by,cc-by-nc", "unknown,other,cc0,cc-by"],
)


@pytest.fixture
def many(settings):
    """A thousand records, of which a third is in the sample and hardly any may be read."""
    settings.DENSITY_THRESHOLD, settings.RAW_ROW_BOUND, settings.SAMPLE_SIZE = 5, 10, 300
    world, random = World(), Random(7)
    keys = [UUID(int=random.getrandbits(128)) for _ in range(1_000)]
    world.publish([world.record(random, key, world.datasets[0], PLACES) for key in keys])
    rebuild()


def test_intervals_hold_the_truth_as_often_as_they_claim(many):
    asked = [
        {"evidence": evidence, "licence": licence}
        for evidence, licence in product(EVIDENCE, LICENCES)
    ]
    alone = [
        {name: value}
        for name, values in (("evidence", EVIDENCE), ("licence", LICENCES))
        for value in values
    ]
    asked += [query | {"from": "2019"} for query in asked + alone]
    held = []
    for query in asked:
        selection = ObservationFilter.from_query(query)
        truth = selection.apply(CuratedObservation.objects.published()).count()
        told = plan_query(selection).count()
        assert told.basis is Route.SAMPLE
        assert told.low <= told.number <= told.high
        held.append(told.low <= truth <= told.high)
    assert sum(held) >= 0.9 * len(held)


def test_a_sampled_tile_says_so_and_how_sure_it_is(many, client):
    query = {"evidence": "seen"}
    response = client.get("/tiles/observations/2/2/1.mvt", query)
    told = plan_query(ObservationFilter.from_query(query)).tile(2, 2, 1)
    assert told.route is Route.SAMPLE
    assert response.headers["X-Observations-Sampled"] == "1"
    assert response.headers["X-Observations-Total"] == str(told.total)
    assert 0 < told.shown < told.total
    assert told.low < told.total < told.high


def test_a_sampled_summary_adds_up_like_an_exact_one(many):
    told = plan_query(ObservationFilter.from_query({"evidence": "seen"})).summary(
        Bbox(7, 54, 9, 55)
    )
    assert not told.is_exact
    assert str(told.count).startswith("about ")
    assert sum(bar.number for bar in told.years) == told.count.number
    matrix = told.matrix
    in_cells = sum(map(sum, matrix.cells))
    assert in_cells + sum(bucket.number for bucket in matrix.buckets) == told.count.number


def test_an_empty_sample_says_fewer_than_never_none(many):
    told = plan_query(
        ObservationFilter.from_query({"evidence": "seen", "maxUncertainty": "1"})
    ).count()
    assert (told.number, told.low) == (0, 0)
    assert told.high > 0
    assert str(told) == f"fewer than {told.high}"


@pytest.mark.parametrize(
    ("moments", "interval"),
    [
        # all of the sample, which is not all there is
        (Moments(1_000.0, 0.0, 100, 100, 1_000, 0, 10.0), (970, 1_000)),
        (Moments(0.0, 0.0, 0, 100, 1_000, 0, 10.0), (0, 30)),
        (Moments(0.0, 0.0, 0, 100, 1_000, 7, 10.0), (0, 37)),  # seven lie where there is no sample
        (Moments(50.0, 0.0, 50, 100, 100, 0, 0.0), (50, 50)),  # the sample is everything
    ],
)
def test_the_ends_of_an_interval(moments, interval):
    estimate = estimate_of(moments)
    assert (estimate.low, estimate.high) == interval
