"""Turn words for sex, life stage, basis of record, status and IUCN category into stored terms."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from django.db.models import TextChoices

from species.refresh.text import cache_short, fold_text, says_nothing
from species.terms import (
    BasisOfRecord,
    Evidence,
    Finding,
    IucnCategory,
    LifeStage,
    OccurrenceStatus,
    Sex,
)

_NOT_UNDERSTOOD = int(Finding.TERM_NOT_UNDERSTOOD)


class Term(NamedTuple):
    """A stored term, Finding bits (0 or TERM_NOT_UNDERSTOOD), and whether to keep the word."""

    value: TextChoices
    finding: int
    changed: bool


def _words(**by_name: str) -> dict[str, str]:
    return {word: name for name, words in by_name.items() for word in words.split("|")}


_SEX = _words(
    FEMALE="female|females|f|hembra|hembras|femelle|femelles|femea|fêmea|weiblich|femminile|♀",
    MALE="male|males|m|macho|machos|mâle|mâles|männlich|maschio|maschile|♂",
    HERMAPHRODITE="hermaphrodite|hermaphrodites|hermaphroditic|hermafrodita",
    MIXED="mixed|both|both sexes|male and female|female and male|males and females|m/f|f/m|male/female|female/male"
    "|male;female|female;male|male | female|female | male",
    UNKNOWN="u|ind|cbd|not sexed|unsexed|cannot be determined|indeterminate|undetermined|undeterminable",
)
_LIFE_STAGE = _words(
    EGG="egg|eggs|ovum|ova|huevo|huevos|œuf|œufs|oeuf|oeufs|spawn",
    LARVA="larva|larvae|larval|larve|larves|larvas|zoea|nauplius|nauplii|megalopa|veliger|planula|leptocephalus",
    JUVENILE="juvenile|juveniles|juv|j|juvénile|juvenil|juveniles|immature|immatures|young|yoy|young of the year|calf"
    "|pup|hatchling|chick|fledgling",
    SUBADULT="subadult|subadults|sub-adult|sub-adults|sub adult|subadulto|subadulte",
    ADULT="adult|adults|a|adulto|adultos|adulte|adultes|mature",
    UNKNOWN="u|ind|cbd|cannot be determined|indeterminate|undetermined",
)
_STATUS = _words(
    PRESENT="present|p|presence|presente|présent|yes|y|true|1",
    ABSENT="absent|a|absence|ausente|no|n|false|0|not detected|not observed",
)
# Compared by letters only: HumanObservation, HUMAN_OBSERVATION and "human observation" are one.
_BASIS = {re.sub("[^a-z]", "", basis.value.casefold()): basis.name for basis in BasisOfRecord} | {
    "observation": "OCCURRENCE",  # GBIF's old, unspecific term
    "specimen": "OCCURRENCE",
    "literature": "MATERIAL_CITATION",
}
_EVIDENCE = {
    BasisOfRecord.HUMAN_OBSERVATION: Evidence.SEEN,
    BasisOfRecord.MACHINE_OBSERVATION: Evidence.INSTRUMENT,
    BasisOfRecord.PRESERVED_SPECIMEN: Evidence.SPECIMEN,
    BasisOfRecord.FOSSIL_SPECIMEN: Evidence.SPECIMEN,
    BasisOfRecord.LIVING_SPECIMEN: Evidence.SPECIMEN,
    BasisOfRecord.MATERIAL_SAMPLE: Evidence.SPECIMEN,
    BasisOfRecord.MATERIAL_ENTITY: Evidence.SPECIMEN,
    BasisOfRecord.MATERIAL_CITATION: Evidence.SPECIMEN,
    BasisOfRecord.OCCURRENCE: Evidence.UNSPECIFIED,
    BasisOfRecord.UNKNOWN: Evidence.UNSPECIFIED,
}
_KEPT_SPECIMENS = frozenset(
    {BasisOfRecord.PRESERVED_SPECIMEN, BasisOfRecord.FOSSIL_SPECIMEN, BasisOfRecord.LIVING_SPECIMEN}
)
_DNA_UNIT = re.compile(
    r"\be?[DR]NA\b|metabarcod|\bsequence reads\b|\bamplicon|\b(?:q|d|dd)?PCR\b|\bgene copies\b|\b(?:ASV|OTU)s?\b",
    re.IGNORECASE,
)
LONGEST_UNIT = 200  # characters, some thirty in use; a longer text is no unit
_NEGATION = re.compile(r"\b(?:no|not|non|without|sans|sin|ohne|kein|keine)\b", re.IGNORECASE)
_IUCN_CATEGORIES = frozenset(IucnCategory.values) - {""}


def _understand(
    text: str, words: Mapping[str, str], terms: type[TextChoices], nothing: TextChoices
) -> Term:
    key = fold_text(text)
    name = words.get(key) or words.get(key.rstrip("."))
    if name:
        value = terms[name]
        return Term(value, 0, key != str(value.value).casefold())
    if says_nothing(key) or key.startswith(("undetermined", "not determined", "unknown")):
        return Term(nothing, 0, bool(key))
    return Term(nothing, _NOT_UNDERSTOOD, True)


@cache_short
def read_sex(text: str) -> Term:
    """Return the sex."""
    return _understand(text, _SEX, Sex, Sex.UNKNOWN)


@cache_short
def read_life_stage(text: str) -> Term:
    """Return the life stage; a sex in its place is not understood, and not moved."""
    return _understand(text, _LIFE_STAGE, LifeStage, LifeStage.UNKNOWN)


@cache_short
def read_occurrence_status(text: str) -> Term:
    """Return present or absent; a missing or unknown status is present, as for OBIS."""
    return _understand(text, _STATUS, OccurrenceStatus, OccurrenceStatus.PRESENT)


@cache_short
def read_basis_of_record(text: str) -> Term:
    """Return the basis of record in the spelling of Darwin Core."""
    key = fold_text(text)
    if says_nothing(key):
        return Term(BasisOfRecord.UNKNOWN, 0, bool(key))
    name = _BASIS.get(re.sub("[^a-z]", "", key), "UNKNOWN")
    if name == "UNKNOWN":
        return Term(BasisOfRecord.UNKNOWN, _NOT_UNDERSTOOD, True)
    value = BasisOfRecord[name]
    return Term(value, 0, key != value.value.casefold())


def read_iucn_category(text: str) -> str:
    """Return the IUCN Red List code in capitals, or ""."""
    code = text.strip().upper()
    return code if code in _IUCN_CATEGORIES else ""


@cache_short
def names_dna(unit: str) -> bool:
    """Return whether a quantity type or sample unit counts DNA, as "DNA sequence reads" does."""
    return len(unit) <= LONGEST_UNIT and bool(_DNA_UNIT.search(unit)) and not _NEGATION.search(unit)


def read_evidence(basis: BasisOfRecord, *, dna: bool, units: tuple[str, ...]) -> Evidence:
    """Return the kind of evidence; DNA if the record has DNA data or a unit that counts DNA.

    A kept specimen stays a specimen whatever its units. A sampling protocol is ignored: it may
    mention DNA of something else.
    """
    if dna or (basis not in _KEPT_SPECIMENS and any(names_dna(unit) for unit in units if unit)):
        return Evidence.DNA
    return _EVIDENCE[basis]
