"""What the demonstration's records look like before anything is stored."""

from collections import Counter
from itertools import chain

import pytest

from species.demonstration.records import make_slices, plan_surveys
from species.demonstration.regions import REGIONS, survey_sites
from species.demonstration.sea import find_at_sea
from species.demonstration.surveys import SURVEYS
from species.demonstration.taxa import all_species
from species.refresh.clean.lineage import read_taxon
from species.refresh.clean.rows import OccurrenceRow, Rejected
from species.terms import DatePrecision, Evidence, Finding, License, ObisFlag, OccurrenceStatus


@pytest.fixture(scope="module")
def raw():
    return [
        record
        for survey, count in plan_surveys(3_000)
        for part in make_slices(survey, count)
        for record in part
    ]


@pytest.fixture(scope="module")
def cleaned(raw):
    rows, refused = [], []
    for record in raw:
        try:
            rows.append(OccurrenceRow.from_obis(record))
        except Rejected as refusal:
            refused.append(refusal.reason)
    return rows, refused


@pytest.mark.parametrize("total", [1, 7, 1_000, 60_000])
def test_the_surveys_share_all_records_asked_for(total):
    assert sum(count for _, count in plan_surveys(total)) == total
    assert sum(survey.share for survey in SURVEYS) == pytest.approx(1)


def test_a_record_is_the_same_however_many_are_made():
    for survey in SURVEYS:
        few, many = list(make_slices(survey, 20)), list(make_slices(survey, 50))
        assert few[0] == many[0][:20]


def test_every_record_has_an_id_of_its_own(raw):
    assert len({record["id"] for record in raw}) == len(raw) == 3_000


def test_all_points_lie_at_sea_by_the_portals_own_basemap(cleaned):
    rows, _ = cleaned
    assert all(find_at_sea([(row.longitude, row.latitude) for row in rows]))


@pytest.mark.parametrize(
    ("place", "is_sea"),
    [
        ((13.4, 52.5), False),
        ((3.0, 56.0), True),
        ((-100.0, 40.0), False),
        ((-179.9, 0.0), True),
        ((51.0, 42.0), True),
    ],
)
def test_the_basemap_tells_sea_from_land(place, is_sea):
    """Berlin, the North Sea, Kansas, the Pacific at the antimeridian, and the Caspian, a hole in
    its continent.
    """
    assert find_at_sea([place]) == [is_sea]


def test_every_region_has_sites_inside_its_box():
    for name, (_, west, south, east, north) in REGIONS.items():
        for longitude, latitude in survey_sites(name):
            assert south <= latitude <= north, name
            assert (
                west <= longitude <= east if west < east else longitude >= west or longitude <= east
            ), name


def test_some_records_lie_on_each_side_of_the_antimeridian():
    longitudes = [longitude for longitude, _ in survey_sites("fiji")]
    assert min(longitudes) < -177 < 176 < max(longitudes)


def test_the_records_show_every_kind_of_date_evidence_and_licence(cleaned):
    rows, _ = cleaned
    assert {row.date_precision for row in rows} == set(DatePrecision)
    assert {row.evidence for row in rows} >= {
        Evidence.SEEN,
        Evidence.SPECIMEN,
        Evidence.DNA,
        Evidence.INSTRUMENT,
    }
    assert {row.license for row in rows} >= {License.UNKNOWN, License.CC_BY, License.CC_BY_NC}
    assert {row.occurrence_status for row in rows} == set(OccurrenceStatus)
    years = {row.date_start.year for row in rows if row.date_start}
    assert min(years) < 1930 < 2024 < max(years) <= 2026


def test_depths_are_given_missing_one_sided_and_zero(cleaned):
    rows, _ = cleaned
    depths = Counter(
        (row.minimum_depth_in_meters is None, row.maximum_depth_in_meters is None) for row in rows
    )
    assert min(depths[False, False], depths[True, True], depths[True, False]) > 10
    findings = Counter(flag for row in rows for flag in Finding if row.findings & flag)
    assert findings[Finding.DEPTH_ZERO]
    assert findings[Finding.PLACE_VAGUE]
    assert all(
        bool(row.obis_flags & ObisFlag.NO_DEPTH) == (row.maximum_depth_in_meters is None)
        for row in rows
    )


def test_a_few_records_are_such_as_curation_refuses(raw, cleaned):
    _, refused = cleaned
    assert 0 < len(refused) < len(raw) / 100


def test_seasons_turn_around_at_the_equator(cleaned):
    rows, _ = cleaned
    whales = [
        row for row in rows if row.taxon.scientific_name.startswith("Puffinus") and row.date_start
    ]
    north = [row for row in whales if row.latitude > 40 and row.date_start.month in (4, 5, 6)]
    assert len(north) > len([row for row in whales if row.latitude > 40]) / 2


def test_every_species_has_its_whole_classification_with_aphia_ids():
    assert 60 <= len(all_species()) <= 120
    lineages = [read_taxon(one.taxon_fields) for one in all_species()]
    for row in lineages:
        ranks = [link.rank for link in row.lineage]
        assert {"Kingdom", "Phylum", "Order", "Family", "Genus", "Species"} - set(ranks) <= {
            "Order"
        }, row
        assert row.lineage[-1].aphia_id == row.aphia_id
        assert row.lineage[-1].name.startswith(f"{row.lineage[-2].name} ")
    links = set(chain.from_iterable(row.lineage for row in lineages))
    assert len({link.aphia_id for link in links}) == len(links), (
        "one AphiaID under two names or ranks"
    )
