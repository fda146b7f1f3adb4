"""One raw record becomes one row with our names and real types, or is refused with a reason that
has a rule.
"""

import json
import math
import re
from dataclasses import fields
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from species.refresh.clean.rows import OccurrenceRow, Rejected
from species.refresh.records import TaxonRow
from species.rules import RULES
from species.terms import (
    BasisOfRecord,
    DatePrecision,
    Evidence,
    Finding,
    License,
    ObisFlag,
    OccurrenceStatus,
    Sex,
)

TODAY = date(2026, 6, 15)
RAW = {
    "id": "0000642b-51de-4042-a152-71797fe34b17", "dataset_id": "2101d4c5-c20b-49c0-a44b-3d6484c4c891",
    "occurrenceID": "1404_77556", "scientificName": "Mola mola", "originalScientificName": "Mola mola",
    "aphiaID": 127405, "species": "Mola mola", "speciesid": 127405, "genus": "Mola", "genusid": 126233,
    "marine": True, "brackish": False, "decimalLongitude": 4.0639, "decimalLatitude": 43.39149,
    "coordinateUncertaintyInMeters": "500", "footprintWKT": "POINT(4.0639 43.39149)",
    "eventDate": "2012-05-25T10:00:00+02:00", "date_start": 1337904000000, "date_end": 1337904000000,
    "minimumDepthInMeters": 0.5, "maximumDepthInMeters": 3, "bathymetry": 90, "shoredistance": 2500.5,
    "sst": 17.2, "sss": 37.9, "basisOfRecord": "HumanObservation", "occurrenceStatus": "present", "sex": "Female",
    "lifeStage": "adult", "individualCount": "1.0", "recordedBy": "Observatoire Pelagis", "locality": "Gulf of Lion",
    "license": "http://creativecommons.org/licenses/by-nc/4.0/", "dropped": False, "absence": False,
    "flags": ["NO_DEPTH"],
}  # fmt: skip


def row(**changes) -> OccurrenceRow:
    return OccurrenceRow.from_obis(RAW | changes, TODAY)


def reason(**changes) -> str:
    with pytest.raises(Rejected) as refusal:
        row(**changes)
    return refusal.value.reason


def test_a_good_record_becomes_a_row_with_nothing_to_remark():
    cleaned = row()
    assert cleaned.obis_id == UUID(RAW["id"])
    assert (cleaned.occurrence_id, cleaned.taxon.scientific_name) == ("1404_77556", "Mola mola")
    assert (cleaned.longitude, cleaned.latitude, cleaned.coordinate_uncertainty_in_meters) == (
        4.0639,
        43.39149,
        500.0,
    )
    assert cleaned.event_date == "2012-05-25T10:00:00+02:00"
    assert cleaned.date_start == cleaned.date_end == date(2012, 5, 25)
    assert (cleaned.minimum_depth_in_meters, cleaned.maximum_depth_in_meters) == (0.5, 3.0)
    assert (cleaned.basis_of_record, cleaned.evidence) == (
        BasisOfRecord.HUMAN_OBSERVATION,
        Evidence.SEEN,
    )
    assert (cleaned.sex, cleaned.individual_count, cleaned.license) == (
        Sex.FEMALE,
        1.0,
        License.CC_BY_NC,
    )

    assert (cleaned.obis_flags, cleaned.findings, cleaned.as_given) == (ObisFlag.NO_DEPTH, 0, {})


def test_a_sparse_record_is_a_row_too():
    needed = {
        "id",
        "dataset_id",
        "aphiaID",
        "scientificName",
        "decimalLongitude",
        "decimalLatitude",
    }
    cleaned = OccurrenceRow.from_obis({key: RAW[key] for key in needed}, TODAY)
    assert (
        cleaned.event_date
        is cleaned.date_start
        is cleaned.individual_count
        is cleaned.occurrence_id
        is None
    )
    assert cleaned.recorded_by == cleaned.locality == cleaned.license_as_given == ""
    assert cleaned.name_as_published == "Mola mola"
    assert cleaned.findings == Finding.OCCURRENCE_ID_MISSING | Finding.HABITAT_UNSURE


def test_a_year_and_month_without_an_event_date_are_shown_as_given_and_set_no_days():
    cleaned = row(eventDate=None, date_start=None, date_end=None, year="1958", month="2", day="NA")
    assert (cleaned.event_date, cleaned.date_start, cleaned.date_precision) == (
        None,
        None,
        DatePrecision.NONE,
    )
    assert cleaned.findings == Finding.DATE_PARTS_ONLY
    assert cleaned.as_given == {"year": "1958", "month": "2", "day": "NA"}


def test_days_that_obis_took_from_a_year_do_not_date_a_record_without_an_event_date():
    cleaned = row(eventDate="unknown", year="2012")
    assert (cleaned.date_start, cleaned.findings) == (None, Finding.DATE_PARTS_ONLY)


def test_a_year_that_contradicts_the_event_date_is_marked_and_shown_as_given():
    cleaned = row(year="2011", month="5", day="25")
    assert cleaned.date_start == date(2012, 5, 25)
    assert cleaned.findings == Finding.DATE_PARTS_DISAGREE
    assert cleaned.as_given == {"year": "2011", "month": "5", "day": "25"}


def test_a_year_that_agrees_with_the_event_date_needs_no_remark():
    assert (row(year="2012", month="05").findings, row(year="2012", month="05").as_given) == (0, {})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"id": None}, "no_obis_id"),
        ({"id": 17}, "no_obis_id"),
        ({"id": "not-a-uuid"}, "no_obis_id"),
        ({"dataset_id": ["x"]}, "no_dataset"),
        ({"dataset_id": ""}, "no_dataset"),
        ({"decimalLongitude": None}, "no_coordinates"),
        ({"aphiaID": None}, "no_taxon"),
        ({"dropped": True}, "dropped_by_obis"),
        ({"dropped": "true"}, "dropped_by_obis"),
        # The more specific reason is preferred to OBIS's verdict, and the place to the taxon.
        ({"dropped": True, "decimalLongitude": 0, "decimalLatitude": 0}, "zero_coordinates"),
        ({"dropped": True, "aphiaID": None}, "no_taxon"),
        ({"aphiaID": None, "decimalLatitude": 91}, "coordinates_out_of_range"),
    ],
)
def test_a_record_is_refused_for_the_most_specific_reason(changes, expected):
    assert reason(**changes) == expected


@pytest.mark.parametrize("raw", [None, [], "record", 7])
def test_what_is_no_record_is_refused(raw):
    with pytest.raises(Rejected, match="not_an_object"):
        OccurrenceRow.from_obis(raw)


@pytest.mark.parametrize(
    "changes",
    [
        {"absence": True},
        {"occurrenceStatus": "Absent"},
        {"individualCount": "0"},
        {"individualCount": 0.0},
    ],
)
def test_an_absence_is_kept_as_an_absence(changes):
    assert row(**changes).occurrence_status == OccurrenceStatus.ABSENT


@pytest.mark.parametrize(
    "changes",
    [
        {"individualCount": "1"},
        {"occurrenceStatus": None, "individualCount": "0"},
        {"occurrenceStatus": "NA", "organismQuantity": 0},
        {"occurrenceStatus": "absent", "individualCount": "0", "organismQuantity": 0.0},
        {"occurrenceStatus": "absent", "individualCount": None},
        {"organismQuantity": "-3"},
    ],
)
def test_a_status_that_agrees_with_its_numbers_or_is_not_stated_is_no_finding(changes):
    assert not row(**changes).findings & Finding.STATUS_DISAGREES


def test_a_contradiction_leaves_status_and_number_as_they_are():
    cleaned = row(occurrenceStatus="absent", individualCount="2", organismQuantity="3.5")
    assert (cleaned.occurrence_status, cleaned.individual_count) == (OccurrenceStatus.ABSENT, 2)
    assert cleaned.as_given == {"organismQuantity": "3.5"}


@pytest.mark.parametrize(
    ("changes", "evidence"),
    [
        ({"samplingProtocol": "no DNA taken; net"}, Evidence.SEEN),
        ({"samplingProtocol": "Niskin bottles, eDNA metabarcoding"}, Evidence.SEEN),
        ({"organismQuantityType": "DNA sequence reads"}, Evidence.DNA),
        ({"sampleSizeUnit": "DNA sequence reads"}, Evidence.DNA),
        ({"dna": [{"DNA_sequence": "ACGT"}]}, Evidence.DNA),
        ({"extensions": {"DNADerivedData": [{"DNA_sequence": "ACGT"}]}}, Evidence.DNA),
        ({"extensions": ["DNADerivedData"]}, Evidence.DNA),
        ({"extensions": {"DNADerivedData": []}}, Evidence.SEEN),
        ({"dna": "no"}, Evidence.SEEN),
        ({"dna": []}, Evidence.SEEN),
    ],
)
def test_evidence_is_dna_only_by_quantity_unit_or_extension(changes, evidence):
    assert row(basisOfRecord="HumanObservation", **changes).evidence == evidence


def test_what_normalising_changed_is_kept_under_its_darwin_core_name():
    cleaned = row(
        sex="Macho", lifeStage="Juv.", basisOfRecord="MATERIAL_SAMPLE", occurrenceStatus="P", individualCount="NA",
        coordinateUncertaintyInMeters="From the map", minimumDepthInMeters=-9999, maximumDepthInMeters="ND",
        originalScientificName="Mola\xa0mola", flags=["NEW_FLAG"],
    )  # fmt: skip
    assert cleaned.as_given == {
        "sex": "Macho", "lifeStage": "Juv.", "basisOfRecord": "MATERIAL_SAMPLE", "occurrenceStatus": "P",
        "individualCount": "NA", "coordinateUncertaintyInMeters": "From the map", "minimumDepthInMeters": "-9999",
        "maximumDepthInMeters": "ND", "originalScientificName": "Mola\xa0mola", "flags": "NEW_FLAG",
    }  # fmt: skip
    assert cleaned.findings == Finding.UNCERTAINTY_NOT_UNDERSTOOD | Finding.DEPTH_OUT_OF_RANGE
    assert cleaned.name_as_published == "Mola mola"


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"flags": ["ON_LAND"]}, Finding.ON_LAND),
        ({"shoredistance": -300}, Finding.ON_LAND),
        ({"flags": ["DEPTH_EXCEEDS_BATH"]}, Finding.DEPTH_BELOW_SEA_FLOOR),
        ({"maximumDepthInMeters": 900}, Finding.DEPTH_BELOW_SEA_FLOOR),
        ({"minimumDepthInMeters": 5}, Finding.DEPTH_REVERSED),
        ({"minimumDepthInMeters": None}, Finding.DEPTH_ONE_SIDED),
        ({"minimumDepthInMeters": 0, "maximumDepthInMeters": 0}, Finding.DEPTH_ZERO),
        ({"eventDate": "one summer", "date_start": None}, Finding.DATE_UNREADABLE),
        ({"eventDate": "1" * 1_000_000, "date_start": None}, Finding.DATE_UNREADABLE),
        ({"eventDate": "2031", "date_start": None}, Finding.DATE_IN_FUTURE),
        ({"eventDate": "1758", "date_start": None}, Finding.DATE_IMPLAUSIBLE),
        ({"eventDate": "2012-05-26/2012-05-25"}, Finding.DATE_REVERSED),
        ({"eventDate": "2012"}, Finding.DATE_DISAGREES),
        ({"flags": ["MARINE_UNSURE"]}, Finding.HABITAT_UNSURE),
        ({"marine": None}, Finding.HABITAT_UNSURE),
        ({"coordinateUncertaintyInMeters": 50_000}, Finding.PLACE_VAGUE),
        ({"dataGeneralizations": "rounded to 0.1 degrees"}, Finding.PLACE_GENERALISED),
        ({"informationWithheld": "exact place on request"}, Finding.PLACE_GENERALISED),
        ({"occurrenceID": " "}, Finding.OCCURRENCE_ID_MISSING),
        ({"flags": ["NO_ACCEPTED_NAME"]}, Finding.NAME_NOT_ACCEPTED),
        ({"locality": "Gulf\x00 of Lion"}, Finding.TEXT_CLEANED),
        ({"locality": "Gulf \ufffd of Lion"}, Finding.TEXT_CLEANED),
        ({"scientificName": None, "speciesid": None}, Finding.ACCEPTED_NAME_MISSING),
        ({"lifeStage": "male"}, Finding.TERM_NOT_UNDERSTOOD),
        ({"individualCount": "0"}, Finding.STATUS_DISAGREES),
        (
            {"occurrenceStatus": "P", "organismQuantity": 0, "individualCount": None},
            Finding.STATUS_DISAGREES,
        ),
        ({"occurrenceStatus": "absent", "individualCount": "2"}, Finding.STATUS_DISAGREES),
        ({"absence": True}, Finding.STATUS_DISAGREES),
        (
            {"occurrenceStatus": "absent", "organismQuantity": "0.5", "individualCount": None},
            Finding.STATUS_DISAGREES,
        ),
        ({"individualCount": "many"}, Finding.COUNT_NOT_UNDERSTOOD),
        ({"individualCount": "-1"}, Finding.COUNT_NOT_UNDERSTOOD),
        ({"individualCount": 1e15}, Finding.COUNT_NOT_UNDERSTOOD),
        ({"coordinateUncertaintyInMeters": 0}, Finding.UNCERTAINTY_NOT_UNDERSTOOD),
        ({"license": "ask the captain"}, Finding.LICENSE_NOT_UNDERSTOOD),
    ],
)
def test_each_finding_is_made_and_no_other(changes, finding):
    assert Finding(row(**changes).findings) == finding


def test_a_sex_in_the_column_of_the_life_stage_is_not_moved():
    assert row(lifeStage="male", sex=None).sex == Sex.UNKNOWN


def test_markup_is_kept_and_what_cannot_be_stored_is_removed():
    cleaned = row(locality="<b>Gulf</b>\x00\x1b of \ud800Lion", occurrenceID="a\x00b")
    assert (cleaned.locality, cleaned.occurrence_id) == ("<b>Gulf</b> of Lion", "ab")


def test_the_name_as_published_stands_beside_the_accepted_taxon():
    cleaned = row(originalScientificName="Orthragoriscus  luna ", unaccepted=154218)
    assert (cleaned.name_as_published, cleaned.aphia_id_as_published) == (
        "Orthragoriscus luna",
        154218,
    )
    assert cleaned.taxon.aphia_id == 127405


def test_dna_is_known_by_its_unit_or_by_the_extension():
    reads = {"organismQuantityType": "DNA sequence reads", "basisOfRecord": "MaterialSample"}
    assert row(**reads).evidence == Evidence.DNA
    assert row(basisOfRecord="Occurrence", dna=[{"DNA_sequence": "ACGT"}]).evidence == Evidence.DNA
    assert row(basisOfRecord="Occurrence", extensions=["DNADerivedData"]).evidence == Evidence.DNA
    assert (
        row(basisOfRecord="MaterialSample", associatedSequences="genbank.org/X").evidence
        == Evidence.SPECIMEN
    )


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.text(alphabet="\x00\ud800-/0129T:Z .a,"),
    lambda values: (
        st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=3), values, max_size=3)
    ),
    max_leaves=5,
)
SENSIBLE = st.sampled_from(
    ["NA", "2012", "0", "-5", 10**400, 1e308, -0.0, "1e5", "DNA", ["ON_LAND"], "CC0", True]
)
KEYS = [
    *RAW, "dna", "extensions", "unaccepted", "taxonRank", "category", "scientificNameAuthorship", "kingdom",
    "kingdomid", "terrestrial", "samplingProtocol", "organismQuantityType", "dataGeneralizations",
    "informationWithheld",
]  # fmt: skip


@given(st.dictionaries(st.sampled_from(KEYS), JSON | SENSIBLE, max_size=12))
def test_whatever_the_fields_hold_the_answer_is_a_storable_row_or_a_refusal(changes):
    try:
        cleaned = row(**changes)
    except Rejected as refusal:
        assert refusal.reason in {rule.code for rule in RULES if rule.effect == "rejected"}
        return
    parts = [*cleaned, *(getattr(cleaned.taxon, field.name) for field in fields(TaxonRow))]
    texts = [part for part in parts if isinstance(part, str)] + [
        json.dumps(cleaned.as_given, ensure_ascii=False)
    ]
    assert not re.search("[\x00\ud800-\udfff]", "".join(texts))
    assert all(math.isfinite(part) for part in parts if isinstance(part, float))
    assert isinstance(cleaned.taxon, TaxonRow)
    assert cleaned.taxon.lineage[-1].aphia_id == cleaned.taxon.aphia_id
