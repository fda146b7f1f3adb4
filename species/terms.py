"""The closed vocabularies and the bounds of the tables: Darwin Core terms as we store them, and the
frozen flag codes.

Nothing here needs the models, so that records can be cleaned in a process that never loads them.
Stored values are short and stable: they stand in rows, URLs and the API. Labels are for people. The
bit numbers of `ObisFlag` and `Finding` are frozen: new members go to the end, none is ever
renumbered or reused.
"""

from collections.abc import Iterable
from enum import IntFlag
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

# metres, positive down: from Everest to the Challenger Deep
MINIMUM_DEPTH, MAXIMUM_DEPTH = -9_000.0, 11_000.0
MAXIMUM_UNCERTAINTY = 20_037_509.0  # metres: half the equator, as OBIS bounds it
MAXIMUM_COUNT = 1e15  # individuals; what is not below it is a slip


class Source(models.TextChoices):
    """Through which door a record came in."""

    OBIS = "obis", "OBIS"
    PORTAL = "portal", _("Entered in this portal")
    DEMONSTRATION = "demonstration", _("Demo data")


class License(models.TextChoices):
    """Normalised licences, from the most open to the strictest; the order is the rule of
    `stricter_license`.
    """

    CC0 = "cc0", "CC0"
    CC_BY = "cc-by", "CC BY"
    CC_BY_NC = "cc-by-nc", "CC BY-NC"
    OTHER = "other", _("Other licence")
    UNKNOWN = "unknown", _("Not stated")


class Evidence(models.TextChoices):
    """What stands behind a record, in words for people; Darwin Core's basisOfRecord stands beside
    it.
    """

    SEEN = "seen", _("Human sighting")
    SPECIMEN = "specimen", _("Specimen")
    DNA = "dna", "DNA"
    INSTRUMENT = "instrument", _("Instrument")
    UNSPECIFIED = "unspecified", _("Not specified")


class BasisOfRecord(models.TextChoices):
    """Darwin Core basisOfRecord, in its own spelling."""

    HUMAN_OBSERVATION = "HumanObservation", _("Human observation")
    MACHINE_OBSERVATION = "MachineObservation", _("Machine observation")
    PRESERVED_SPECIMEN = "PreservedSpecimen", _("Preserved specimen")
    FOSSIL_SPECIMEN = "FossilSpecimen", _("Fossil specimen")
    LIVING_SPECIMEN = "LivingSpecimen", _("Living specimen")
    MATERIAL_SAMPLE = "MaterialSample", _("Material sample")
    MATERIAL_ENTITY = "MaterialEntity", _("Material entity")
    MATERIAL_CITATION = "MaterialCitation", _("Material citation")
    OCCURRENCE = "Occurrence", _("Occurrence")
    UNKNOWN = "", _("Not stated")


class OccurrenceStatus(models.TextChoices):
    """Darwin Core occurrenceStatus. A missing status is a presence (OBIS's own rule)."""

    PRESENT = "present", _("Present")
    ABSENT = "absent", _("Looked for, not found")


class Sex(models.TextChoices):
    FEMALE = "female", _("Female")
    MALE = "male", _("Male")
    HERMAPHRODITE = "hermaphrodite", _("Hermaphrodite")
    MIXED = "mixed", _("Both sexes")
    UNKNOWN = "", _("Not stated")


class LifeStage(models.TextChoices):
    EGG = "egg", _("Egg")
    LARVA = "larva", _("Larva")
    JUVENILE = "juvenile", _("Juvenile")
    SUBADULT = "subadult", _("Subadult")
    ADULT = "adult", _("Adult")
    UNKNOWN = "", _("Not stated")


class DatePrecision(models.TextChoices):
    """How much of a date the provider gave. `range`: the ends differ in a way no single precision
    names.
    """

    DAY = "day", _("A day")
    MONTH = "month", _("A month")
    YEAR = "year", _("A year")
    RANGE = "range", _("Several days")
    NONE = "", _("No valid date")


class IucnCategory(models.TextChoices):
    """Categories of the IUCN Red List, as OBIS repeats them from WoRMS; most taxa have none."""

    EX = "EX", _("Extinct")
    EW = "EW", _("Extinct in the wild")
    CR = "CR", _("Critically endangered")
    EN = "EN", _("Endangered")
    VU = "VU", _("Vulnerable")
    NT = "NT", _("Near threatened")
    LC = "LC", _("Least concern")
    DD = "DD", _("Data deficient")
    NE = "NE", _("Not evaluated")
    UNKNOWN = "", _("Not stated")


class ObisFlag(IntFlag):
    """The quality flags that OBIS sets (iobis/obis-qc), one frozen bit each."""

    DATE_BEFORE_MIN = 1 << 0
    DATE_IN_FUTURE = 1 << 1
    LON_OUT_OF_RANGE = 1 << 2
    LAT_OUT_OF_RANGE = 1 << 3
    NO_COORD = 1 << 4
    ZERO_COORD = 1 << 5
    ON_LAND = 1 << 6
    NO_DEPTH = 1 << 7
    DEPTH_OUT_OF_RANGE = 1 << 8
    MIN_DEPTH_EXCEEDS_MAX = 1 << 9
    DEPTH_EXCEEDS_BATH = 1 << 10
    NO_MATCH = 1 << 11
    NO_ACCEPTED_NAME = 1 << 12
    NOT_MARINE = 1 << 13
    MARINE_UNSURE = 1 << 14
    SCIENTIFICNAMEID_EXTERNAL = 1 << 15
    WORMS_ANNOTATION_NO_BIOTA = 1 << 16
    WORMS_ANNOTATION_UNRESOLVABLE = 1 << 17
    WORMS_ANNOTATION_REJECT_HABITAT = 1 << 18
    WORMS_ANNOTATION_REJECT_GROUPING = 1 << 19
    WORMS_ANNOTATION_REJECT_AMBIGUOUS = 1 << 20
    WORMS_ANNOTATION_REJECT_FOSSIL = 1 << 21
    WORMS_ANNOTATION_RESOLVABLE = 1 << 22
    WORMS_ANNOTATION_RESOLVABLE_TYPO = 1 << 23
    WORMS_ANNOTATION_RESOLVABLE_AUTHORITY = 1 << 24
    WORMS_ANNOTATION_RESOLVABLE_UNPUBLISHED = 1 << 25
    WORMS_ANNOTATION_RESOLVABLE_HUMAN = 1 << 26
    WORMS_ANNOTATION_RESOLVABLE_LOSS = 1 << 27
    WORMS_ANNOTATION_AWAIT_EDITOR = 1 << 28
    WORMS_ANNOTATION_AWAIT_PROVIDER = 1 << 29
    WORMS_ANNOTATION_TODO = 1 << 30
    # A flag that OBIS invents later: its name is kept in `as_given["flags"]`, this bit says so.
    UNLISTED = 1 << 62


class Finding(IntFlag):
    """What our own curation found; each has its rule, with words for people, in
    `species.rules`.
    """

    ON_LAND = 1 << 0
    DEPTH_BELOW_SEA_FLOOR = 1 << 1
    DEPTH_REVERSED = 1 << 2
    DEPTH_OUT_OF_RANGE = 1 << 3
    DEPTH_ONE_SIDED = 1 << 4
    DEPTH_ZERO = 1 << 5
    DATE_UNREADABLE = 1 << 6
    DATE_IN_FUTURE = 1 << 7
    DATE_IMPLAUSIBLE = 1 << 8
    DATE_REVERSED = 1 << 9
    DATE_DISAGREES = 1 << 10
    HABITAT_UNSURE = 1 << 11
    PLACE_VAGUE = 1 << 12
    PLACE_GENERALISED = 1 << 13
    OCCURRENCE_ID_MISSING = 1 << 14
    OCCURRENCE_ID_SHARED = 1 << 15
    NAME_NOT_ACCEPTED = 1 << 16
    TEXT_CLEANED = 1 << 17
    TERM_NOT_UNDERSTOOD = 1 << 18
    COUNT_NOT_UNDERSTOOD = 1 << 19
    UNCERTAINTY_NOT_UNDERSTOOD = 1 << 20
    LICENSE_NOT_UNDERSTOOD = 1 << 21
    STATUS_DISAGREES = 1 << 22
    DATE_NOT_STANDARD = 1 << 24
    DATE_PARTS_ONLY = 1 << 25
    DATE_PARTS_DISAGREE = 1 << 26
    ACCEPTED_NAME_MISSING = 1 << 28


# Names that OBIS and our own curation share mean: either of the two says so.
FLAG_NAMES = tuple(sorted({*ObisFlag.__members__, *Finding.__members__}))


class FlagBits(NamedTuple):
    """The same flags as bits of the two columns."""

    obis: int
    findings: int


def flag_bits(names: Iterable[str]) -> FlagBits:
    """Flags by name, of OBIS and of our own."""
    asked = set(names)
    return FlagBits(
        sum(int(flag) for name, flag in ObisFlag.__members__.items() if name in asked),
        sum(int(finding) for name, finding in Finding.__members__.items() if name in asked),
    )
