"""The words that providers use, as the terms that we store."""

import pytest

from species.refresh.clean.vocabulary import (
    read_basis_of_record,
    read_evidence,
    read_iucn_category,
    read_life_stage,
    read_occurrence_status,
    read_sex,
)
from species.terms import BasisOfRecord, Evidence, Finding, LifeStage, OccurrenceStatus, Sex

UNCLEAR = Finding.TERM_NOT_UNDERSTOOD


@pytest.mark.parametrize(
    ("word", "sex", "finding", "changed"),
    [
        ("female", Sex.FEMALE, 0, False), ("FEMALE", Sex.FEMALE, 0, False), ("F", Sex.FEMALE, 0, True),
        ("Hembra", Sex.FEMALE, 0, True), ("Macho", Sex.MALE, 0, True), ("m", Sex.MALE, 0, True),
        ("U", Sex.UNKNOWN, 0, True), ("IND", Sex.UNKNOWN, 0, True), ("CBD", Sex.UNKNOWN, 0, True),
        ("NULL", Sex.UNKNOWN, 0, True), ("undefined", Sex.UNKNOWN, 0, True), ("Not specified", Sex.UNKNOWN, 0, True),
        ("Undetermined - no attempt made", Sex.UNKNOWN, 0, True), ("", Sex.UNKNOWN, 0, False),
        ("9", Sex.UNKNOWN, UNCLEAR, True), ("1", Sex.UNKNOWN, UNCLEAR, True), ("B", Sex.UNKNOWN, UNCLEAR, True),
        ("male and female", Sex.MIXED, 0, True), ("hermaphrodite", Sex.HERMAPHRODITE, 0, False),
    ],
)  # fmt: skip
def test_each_word_for_a_sex(word, sex, finding, changed):
    assert read_sex(word) == (sex, finding, changed)


@pytest.mark.parametrize(
    ("word", "stage", "finding"),
    [
        ("Adult", LifeStage.ADULT, 0), ("A", LifeStage.ADULT, 0), ("larvae", LifeStage.LARVA, 0),
        ("Juv.", LifeStage.JUVENILE, 0), ("juv", LifeStage.JUVENILE, 0), ("JUVENILE", LifeStage.JUVENILE, 0),
        ("immature", LifeStage.JUVENILE, 0), ("sub-adult", LifeStage.SUBADULT, 0), ("eggs", LifeStage.EGG, 0),
        ("u", LifeStage.UNKNOWN, 0), ("NA", LifeStage.UNKNOWN, 0), ("unassigned", LifeStage.UNKNOWN, 0),
        ("S114", LifeStage.UNKNOWN, UNCLEAR),
        # a slip of the column
        ("male", LifeStage.UNKNOWN, UNCLEAR), ("female", LifeStage.UNKNOWN, UNCLEAR),
    ],
)  # fmt: skip
def test_each_word_for_a_life_stage(word, stage, finding):
    assert read_life_stage(word)[:2] == (stage, finding)


@pytest.mark.parametrize(
    ("word", "basis", "finding"),
    [
        ("HumanObservation", BasisOfRecord.HUMAN_OBSERVATION, 0),
        ("HUMAN_OBSERVATION", BasisOfRecord.HUMAN_OBSERVATION, 0),
        ("preservedspecimen", BasisOfRecord.PRESERVED_SPECIMEN, 0),
        ("MATERIAL_SAMPLE", BasisOfRecord.MATERIAL_SAMPLE, 0),
        ("Occurrence", BasisOfRecord.OCCURRENCE, 0),
        ("", BasisOfRecord.UNKNOWN, 0),
        ("unknown", BasisOfRecord.UNKNOWN, 0),
        ("D", BasisOfRecord.UNKNOWN, UNCLEAR),
        ("123", BasisOfRecord.UNKNOWN, UNCLEAR),
    ],
)
def test_each_word_for_a_basis_of_record(word, basis, finding):
    assert read_basis_of_record(word)[:2] == (basis, finding)


@pytest.mark.parametrize("basis", BasisOfRecord)
def test_every_basis_of_record_reads_back_from_its_own_spelling(basis):
    assert read_basis_of_record(basis.value) == (basis, 0, False)


@pytest.mark.parametrize(
    ("word", "status", "finding"),
    [
        ("present", OccurrenceStatus.PRESENT, 0),
        ("P", OccurrenceStatus.PRESENT, 0),
        ("", OccurrenceStatus.PRESENT, 0),
        ("Absent", OccurrenceStatus.ABSENT, 0),
        ("rare", OccurrenceStatus.PRESENT, UNCLEAR),
    ],
)
def test_a_missing_status_is_a_presence(word, status, finding):
    assert read_occurrence_status(word)[:2] == (status, finding)


@pytest.mark.parametrize(
    ("basis", "dna", "units", "evidence"),
    [
        (BasisOfRecord.HUMAN_OBSERVATION, False, (), Evidence.SEEN),
        (BasisOfRecord.MACHINE_OBSERVATION, False, ("camera trap",), Evidence.INSTRUMENT),
        (BasisOfRecord.MACHINE_OBSERVATION, False, ("DNA Sequence reads",), Evidence.DNA),
        (BasisOfRecord.MATERIAL_SAMPLE, False, ("DNA sequence reads", ""), Evidence.DNA),
        (BasisOfRecord.MATERIAL_SAMPLE, False, ("", "DNA sequence reads"), Evidence.DNA),
        (BasisOfRecord.MATERIAL_SAMPLE, False, ("ASVs", ""), Evidence.DNA),
        (BasisOfRecord.OCCURRENCE, False, ("gene copies per litre",), Evidence.DNA),
        (BasisOfRecord.HUMAN_OBSERVATION, False, ("individuals, no DNA taken",), Evidence.SEEN),
        (BasisOfRecord.HUMAN_OBSERVATION, False, ("% of Cladna",), Evidence.SEEN),
        (BasisOfRecord.HUMAN_OBSERVATION, False, ("DNA " * 250_000,), Evidence.SEEN),
        (BasisOfRecord.MATERIAL_SAMPLE, False, ("individuals",), Evidence.SPECIMEN),
        (BasisOfRecord.OCCURRENCE, True, (), Evidence.DNA),
        (BasisOfRecord.PRESERVED_SPECIMEN, False, ("DNA extraction",), Evidence.SPECIMEN),
        (BasisOfRecord.OCCURRENCE, False, (), Evidence.UNSPECIFIED),
        (BasisOfRecord.UNKNOWN, False, (), Evidence.UNSPECIFIED),
    ],
)
def test_what_stands_behind_a_record(basis, dna, units, evidence):
    assert read_evidence(basis, dna=dna, units=units) == evidence


@pytest.mark.parametrize(
    ("text", "code"), [("VU", "VU"), (" nt ", "NT"), ("", ""), ("threatened", "")]
)
def test_only_codes_of_the_red_list_are_categories(text, code):
    assert read_iucn_category(text) == code
