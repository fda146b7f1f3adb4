"""Every rule listed on /data/rules/ has an input that reaches it, on the way that records of OBIS
take.
"""

from collections.abc import Callable
from datetime import date

import orjson
import pytest

from species.models import CuratedObservation, Dataset
from species.refresh.clean.rows import OccurrenceRow
from species.refresh.write.erase import block_keys, erase_observations
from species.refresh.write.licences import effective_license
from species.rules import RULES
from species.terms import (
    BasisOfRecord,
    Evidence,
    Finding,
    License,
    LifeStage,
    OccurrenceStatus,
    Sex,
)
from tests.refreshing import assert_all_is_true, full
from tests.replay.records import REEF, SMALL
from tests.species.refresh.clean.test_rows import row
from tests.species.refresh.fetch.test_elements import BAD

BY_EFFECT = {
    effect: {rule.code for rule in RULES if rule.effect == effect}
    for effect in ("rejected", "finding", "normalised")
}

FINDINGS = {
    "on_land": {"shoredistance": -300},
    "depth_below_sea_floor": {
        "minimumDepthInMeters": 10,
        "maximumDepthInMeters": 900,
        "bathymetry": 90,
    },
    "depth_reversed": {"minimumDepthInMeters": 5, "maximumDepthInMeters": 3},
    "depth_out_of_range": {"minimumDepthInMeters": -9999},
    "depth_one_sided": {"minimumDepthInMeters": None, "maximumDepthInMeters": 3},
    "depth_zero": {"minimumDepthInMeters": 0, "maximumDepthInMeters": 0},
    "date_unreadable": {"eventDate": "one summer", "date_start": None},
    "date_in_future": {"eventDate": "2999", "date_start": None},
    "date_implausible": {"eventDate": "1758", "date_start": None},
    "date_reversed": {"eventDate": "2012-05-26/2012-05-25"},
    "date_disagrees": {"eventDate": "2012-05-25", "date_start": 0, "date_end": 0},
    "date_not_standard": {"eventDate": "25/12/2012", "date_start": None},
    "date_parts_only": {"eventDate": None, "date_start": None, "date_end": None, "year": "2012"},
    "date_parts_disagree": {"eventDate": "2012-05-25", "year": "2013"},
    "habitat_unsure": {"marine": None, "brackish": None},
    "place_vague": {"coordinateUncertaintyInMeters": 50_000},
    "place_generalised": {"dataGeneralizations": "rounded to 0.1 degrees"},
    "occurrence_id_missing": {"occurrenceID": " "},
    "occurrence_id_shared": {},  # below: by two records
    "name_not_accepted": {"flags": ["NO_ACCEPTED_NAME"]},
    "accepted_name_missing": {
        "scientificName": None,
        "speciesid": None,
        "originalScientificName": "Mola mola",
    },
    "text_cleaned": {"locality": "Gulf\x00 of Lion"},
    "term_not_understood": {"lifeStage": "male"},
    "count_not_understood": {"individualCount": "many"},
    "status_disagrees": {"occurrenceStatus": "present", "individualCount": "0"},
    "uncertainty_not_understood": {"coordinateUncertaintyInMeters": 0},
    "license_not_understood": {"license": "ask the captain"},
}

PROVIDERS_DAY = date(2012, 5, 25)
NORMALISED: dict[str, Callable[[], bool]] = {
    "event_date_as_days": lambda: (
        days(row(eventDate="1971", date_start=None)) == (date(1971, 1, 1), date(1971, 12, 31))
    ),
    "provider_days": lambda: (
        days(row(eventDate="2012-05-25T23:30:00-10:00", date_start=None)) == (PROVIDERS_DAY,) * 2
    ),
    "depth_sign": lambda: (
        row(minimumDepthInMeters=-2, maximumDepthInMeters=-1).minimum_depth_in_meters == -2
    ),
    "numbers_as_text": lambda: row(individualCount="3").individual_count == 3,
    "missing_words": lambda: (
        row(sex="NA").sex == Sex.UNKNOWN and row(sex="NA").as_given == {"sex": "NA"}
    ),
    "sex_terms": lambda: row(sex="Macho").sex == Sex.MALE,
    "life_stage_terms": lambda: row(lifeStage="Juv.").life_stage == LifeStage.JUVENILE,
    "basis_of_record_terms": lambda: (
        row(basisOfRecord="MATERIAL_SAMPLE").basis_of_record == BasisOfRecord.MATERIAL_SAMPLE
    ),
    "absences": lambda: (
        row(individualCount="0", occurrenceStatus=None).occurrence_status == OccurrenceStatus.ABSENT
    ),
    "evidence": lambda: row(organismQuantityType="DNA sequence reads").evidence == Evidence.DNA,
    "licences": lambda: row(license="CC-BY 4.0").license == License.CC_BY,
    "effective_licence": lambda: (
        effective_license(License.CC0, License.CC_BY_NC) == License.CC_BY_NC
    ),
    "name_spacing": lambda: (
        row(originalScientificName="Mola\xa0 mola").name_as_published == "Mola mola"
    ),
    "accepted_name": lambda: row(unaccepted=154218).aphia_id_as_published == 154218,
    "lineage": lambda: [link.name for link in row().taxon.lineage] == ["Mola", "Mola mola"],
}


def days(cleaned: OccurrenceRow) -> tuple[date | None, date | None]:
    return cleaned.date_start, cleaned.date_end


def test_each_rule_has_an_example():
    rejected = {reason for _, reason in BAD.values()} | {"not_storable", "purged_on_request"}
    assert rejected == BY_EFFECT["rejected"]
    assert set(FINDINGS) == BY_EFFECT["finding"]
    assert set(NORMALISED) == BY_EFFECT["normalised"]


@pytest.mark.parametrize("code", NORMALISED)
def test_each_normalisation_has_an_effect(code):
    assert NORMALISED[code]()


@pytest.mark.django_db
def test_a_refresh_reaches_every_finding_and_every_refusal_of_a_record(upstream):
    records = upstream.world.by_dataset[REEF]
    made = dict(zip(FINDINGS, records, strict=False))
    for n, changes in enumerate(FINDINGS.values()):
        upstream.world.put_raw(REEF, n, orjson.dumps(records[n] | changes))
    twins = len(FINDINGS)
    for n, locality in ((twins, "here"), (twins + 1, "there")):
        upstream.world.put_raw(
            REEF, n, orjson.dumps(records[n] | {"occurrenceID": "twin", "locality": locality})
        )
    made["occurrence_id_shared"] = records[twins + 1]
    for n, (bad, _) in enumerate(BAD.values(), twins + 2):
        upstream.world.put_raw(REEF, n, bad(records[n]))
    run = full(REEF)
    held = dict(CuratedObservation.objects.values_list("obis_id", "findings"))
    by_text = {str(obis_id): findings for obis_id, findings in held.items()}
    assert not [
        code for code, record in made.items() if not by_text[record["id"]] & Finding[code.upper()]
    ]
    assert set(run.reasons) == BY_EFFECT["rejected"] - {"not_storable", "purged_on_request"}
    assert_all_is_true()


@pytest.mark.django_db
def test_a_refresh_refuses_what_was_erased_on_request(upstream):
    full(SMALL)
    keys = list(CuratedObservation.objects.values_list("key", flat=True)[:1])
    erase_observations(Dataset.objects.get(uuid=SMALL), keys)
    block_keys(keys)
    upstream.world.change(SMALL, 8)
    assert full(SMALL).reasons == {"purged_on_request": 1}
