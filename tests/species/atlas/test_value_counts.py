"""What has a rare value is answered exactly through the index on values; what has a common one,
from the sample.
"""

import re
from random import Random
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from species.atlas.access import Access, QueryAccess
from species.atlas.grid import WORLD, Tile
from species.atlas.planner import plan_query
from species.atlas.results import Route
from species.density.rebuild import rebuild
from species.filters import ObservationFilter
from species.models import CuratedObservation, DataVersion, FacetCount
from species.terms import BasisOfRecord, Evidence, Finding, License, ObisFlag, Source
from tests.species.generating import World

pytestmark = pytest.mark.django_db
HELGOLAND = (7.9, 54.2)
COMMON = {
    "evidence": Evidence.SEEN, "basis_of_record": BasisOfRecord.HUMAN_OBSERVATION, "license": License.CC0,
    "source": Source.OBIS, "obis_flags": int(ObisFlag.NO_DEPTH), "findings": int(Finding.DEPTH_ZERO),
    "occurrence_status": "present", "withdrawn_at": None, "withdrawal_reason": "",
}  # fmt: skip
RARE = [
    ({"evidence": "dna"}, {"evidence": Evidence.DNA}),
    ({"basis": "FossilSpecimen"}, {"basis_of_record": BasisOfRecord.FOSSIL_SPECIMEN}),
    ({"licence": "other"}, {"license": License.OTHER}),
    ({"source": "portal"}, {"source": Source.PORTAL}),
    ({"flag": "NOT_MARINE"}, {"obis_flags": int(ObisFlag.NO_DEPTH | ObisFlag.NOT_MARINE)}),
    ({"flag": "PLACE_VAGUE"}, {"findings": int(Finding.PLACE_VAGUE)}),
    ({"flag": "ON_LAND"}, {"obis_flags": int(ObisFlag.ON_LAND), "findings": int(Finding.ON_LAND)}),
    ({"iucn": "EN"}, {}),
]
IDS = [next(iter(query.values())) for query, _ in RARE]


@pytest.fixture
def few_of_many(settings):
    """Makes sixty records of which three are as told; only forty-eight may be read, and from the
    table six.
    """
    settings.DENSITY_THRESHOLD, settings.RAW_ROW_BOUND, settings.SAMPLE_SIZE = 10, 48, 40
    world, random = World(), Random(5)
    (rare,) = [taxon for taxon in world.taxa if taxon.iucn_category == "EN"]
    common = next(taxon for taxon in world.taxa if taxon.iucn_category == "LC")

    def make(**values):
        rows = []
        for number in range(60):
            row = world.record(
                random, UUID(int=random.getrandbits(128)), world.datasets[0], [HELGOLAND]
            )
            said = COMMON | (values if number % 20 == 0 else {})
            said["taxon"] = rare if number % 20 == 0 and not values else common
            for name, value in said.items():
                setattr(row, name, value)
            row.taxon_ordinal = row.taxon.ordinal
            rows.append(row)
        world.publish(rows)
        rebuild()
        return world

    return make


@pytest.mark.parametrize(("query", "values"), RARE, ids=IDS)
def test_a_rare_value_is_answered_exactly(few_of_many, query, values):
    few_of_many(**values)
    selection = ObservationFilter.from_query(query)
    assert plan_query(selection).count().number == 3
    told = plan_query(selection).summary()
    assert (told.count.number, told.is_exact) == (3, True)
    for zoom, x, y in ((0, 0, 0), (5, 16, 10), (12, 2137, 1311)):
        drawn = plan_query(selection).tile(zoom, x, y)
        assert (drawn.total, drawn.route) == (3, Route.SINGLE if zoom == 12 else Route.RAW)
    assert len(plan_query(selection).page(None, 10).rows) == 3


@pytest.mark.parametrize(
    "query", [{"evidence": "seen"}, {"licence": "cc0"}, {"flag": "NO_DEPTH"}, {"iucn": "LC"}]
)
def test_a_common_value_is_estimated_and_says_so(few_of_many, query):
    few_of_many(evidence=Evidence.DNA)
    selection = ObservationFilter.from_query(query)
    drawn = plan_query(selection).tile(0, 0, 0)
    assert drawn.route is Route.SAMPLE
    assert not plan_query(selection).summary().is_exact


@pytest.mark.parametrize(
    ("query", "number"), [({"evidence": "seen"}, 57), ({"flag": "NO_DEPTH"}, 60)]
)
def test_how_many_have_a_common_value_is_known_exactly(few_of_many, query, number):
    few_of_many(evidence=Evidence.DNA)
    told = plan_query(ObservationFilter.from_query(query)).count()
    assert (told.number, told.is_exact) == (number, True)


def test_of_several_values_the_rarest_leads_to_the_answer(few_of_many):
    few_of_many(evidence=Evidence.DNA)
    way = plan_query(
        ObservationFilter.from_query({"evidence": "dna", "licence": "cc0", "flag": "NO_DEPTH"})
    ).path(
        [WORLD],
    )
    assert (way.rows, way.by) == (3, Access.VALUE)


def test_a_combination_of_flags_that_was_published_meanwhile_is_not_missed(
    few_of_many, monkeypatch
):
    world = few_of_many(findings=int(Finding.PLACE_VAGUE))
    selection = ObservationFilter.from_query({"flag": "PLACE_VAGUE"})
    stale = plan_query(selection).path([WORLD])
    row = CuratedObservation.objects.filter(findings=int(Finding.PLACE_VAGUE))[0]
    row.findings, row.content_hash = int(Finding.PLACE_VAGUE | Finding.TEXT_CLEANED), UUID(int=1)
    world.publish([row])
    DataVersion.advance()
    assert FacetCount.objects.filter(value=str(row.findings), n=1).exists()
    paths, path = iter([stale]), QueryAccess.path
    monkeypatch.setattr(QueryAccess, "path", lambda *asked: next(paths, None) or path(*asked))
    assert plan_query(selection).tile(0, 0, 0).total == 3


def test_a_tile_with_nothing_to_show_is_drawn_once_though_another_process_has_just_published(
    few_of_many, settings, django_assert_num_queries
):
    few_of_many(findings=int(Finding.PLACE_VAGUE))
    selection, world = (
        ObservationFilter.from_query({"flag": "PLACE_VAGUE", "from": "2090-01-01"}),
        Tile(0, 0, 0),
    )
    settings.DATA_VERSION_SECONDS = 60
    DataVersion.current()
    with CaptureQueriesContext(connection) as before:
        assert plan_query(selection).tile(*world).total == 0
    DataVersion.objects.update(number=F("number") + 1)
    with django_assert_num_queries(len(before)):
        assert plan_query(selection).tile(*world).total == 0


@pytest.mark.parametrize(
    "query", [{"flag": "ON_LAND"}, {"notFlag": "NO_COORD"}, {"maxUncertainty": "100"}]
)
@pytest.mark.parametrize("tile", [Tile(1, 0, 1), Tile(2, 0, 3), Tile(3, 0, 6)])
def test_few_records_of_a_tile_are_found_by_their_place_however_wide_the_tile_is(
    settings, query, tile
):
    """Else the database reads all records, twice, since nothing says that few of many lie there."""
    settings.DENSITY_THRESHOLD, settings.RAW_ROW_BOUND, settings.SAMPLE_SIZE = 10, 48, 40
    world, random = World(), Random(5)
    places = [HELGOLAND] * 60 + [(-170.0, -70.0)] * 3
    rows = [
        world.record(random, UUID(int=n), world.datasets[0], [place])
        for n, place in enumerate(places)
    ]
    for row in rows:
        for name, value in (COMMON | {"obis_flags": int(ObisFlag.ON_LAND)}).items():
            setattr(row, name, value)
        row.coordinate_uncertainty_in_meters = 50.0
    world.publish(rows)
    rebuild()
    with CaptureQueriesContext(connection) as asked:
        rendered = plan_query(ObservationFilter.from_query(query)).tile(*tile)
    assert (rendered.route, rendered.total) == (Route.RAW, 3)
    read = [one["sql"] for one in asked if "grid_column" in one["sql"]]
    assert len(read) == 2  # the cells, and since they are few, the keys
    # What the index on places can answer: the planner reads the table where nothing else is asked
    # for.
    assert all(re.search(r"\btile = (ANY|\d)", statement) for statement in read)
