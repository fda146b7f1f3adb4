"""The rules of the curation, as texts for people: what is rejected, flagged and normalised.

/data/rules/ is generated from this list. `RULE_SET_VERSION` is part of each record's content hash:
raise it when a rule changes what is stored, so that `recurate_observations` or the next refresh
corrects stored rows.
"""

from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext_noop as _

from species.terms import Finding, ObisFlag

RULE_SET_VERSION: int = 2


class Rejected(Exception):
    """A record that cannot be published; `reason` is the code of a rule with effect "rejected"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its code, its effect on a record, and a sentence for people."""

    code: str
    effect: Literal["rejected", "finding", "normalised"]
    statement: str
    finding: Finding | None = None


def _rejected(code: str, statement: str) -> Rule:
    return Rule(code, "rejected", statement)


def _finding(finding: Finding, statement: str) -> Rule:
    return Rule((finding.name or "").lower(), "finding", statement, finding)


def _normalised(code: str, statement: str) -> Rule:
    return Rule(code, "normalised", statement)


# A record is rejected for the first rule that applies. Faults of the record come before "dropped by
# OBIS", so that the reason is one that a provider can act on.
_REJECTIONS = (
    _rejected("not_an_object", _("OBIS sent something that is not a record.")),
    _rejected(
        "unreadable",
        _("The record is not valid JSON, for example because the text is cut off."),
    ),
    _rejected("repeated_keys", _("A field occurs twice in the record, so its value is uncertain.")),
    _rejected("record_too_large", _("The record is larger than 4 MiB.")),
    _rejected("nested_too_deeply", _("The record is nested more than 250 levels deep.")),
    _rejected("other_dataset", _("OBIS sent the record with another dataset.")),
    _rejected("no_obis_id", _("The record has no usable OBIS identifier.")),
    _rejected("no_dataset", _("The record does not say which dataset it belongs to.")),
    _rejected(
        "no_coordinates",
        _("The longitude or latitude is missing."),
    ),
    _rejected(
        "unusable_coordinates",
        _("The longitude or latitude is not a valid number."),
    ),
    _rejected(
        "coordinates_out_of_range",
        _(
            "The longitude is outside -180 to 180 degrees, or the latitude "
            "outside -90 to 90 degrees."
        ),
    ),
    _rejected(
        "zero_coordinates",
        _(
            "Both coordinates are exactly 0, which nearly always means that "
            "the location was not recorded."
        ),
    ),
    _rejected(
        "no_taxon",
        _("The record has no usable AphiaID or no name, so it can't be matched to WoRMS."),
    ),
    _rejected("name_too_long", _("The scientific name is longer than 500 characters.")),
    _rejected(
        "dropped_by_obis",
        _(
            "OBIS excludes the record from its public data, for example "
            "because the species is not marine."
        ),
    ),
    _rejected("not_storable", _("The database cannot store a value of the record.")),
    _rejected(
        "purged_on_request", _("The record was deleted here on request and is not imported again.")
    ),
)

_FINDINGS = (
    _finding(
        Finding.ON_LAND,
        _(
            "The coordinates are on land, according to the OBIS flag or a "
            "negative distance to shore."
        ),
    ),
    _finding(
        Finding.DEPTH_BELOW_SEA_FLOOR,
        _("The depth is more than 50 m plus 10 % below the sea floor at this location."),
    ),
    _finding(
        Finding.DEPTH_REVERSED,
        _("The minimum depth is greater than the maximum. Both are kept as given."),
    ),
    _finding(
        Finding.DEPTH_OUT_OF_RANGE,
        _(
            "The depth is not a number, or not between 9,000 m above and "
            "11,000 m below the surface, and is ignored."
        ),
    ),
    _finding(
        Finding.DEPTH_ONE_SIDED,
        _("Only one depth is given. It is used as both minimum and maximum."),
    ),
    _finding(
        Finding.DEPTH_ZERO,
        _("The depth is 0, which means either the surface or not recorded."),
    ),
    _finding(
        Finding.DATE_UNREADABLE,
        _(
            "The event date is ambiguous or unreadable. We use the dates from "
            "OBIS if there are any."
        ),
    ),
    _finding(Finding.DATE_IN_FUTURE, _("The event date is in the future.")),
    _finding(
        Finding.DATE_IMPLAUSIBLE,
        _(
            "The event date is before 1582, or just the year 1758, when many "
            "species were first described."
        ),
    ),
    _finding(
        Finding.DATE_REVERSED,
        _("The event date ends before it starts. The two dates were swapped."),
    ),
    _finding(
        Finding.DATE_DISAGREES,
        _("The dates derived by OBIS differ from the event date by more than a day."),
    ),
    _finding(
        Finding.DATE_NOT_STANDARD,
        _(
            "The event date is not ISO 8601 (day 00, slashes or dots, an "
            "impossible time), but could be read."
        ),
    ),
    _finding(
        Finding.DATE_PARTS_ONLY,
        _(
            "There is no event date, only a year, month or day. They are shown "
            "as given, and the record counts as undated."
        ),
    ),
    _finding(
        Finding.DATE_PARTS_DISAGREE,
        _("The separate year, month or day doesn't match the event date."),
    ),
    _finding(
        Finding.HABITAT_UNSURE,
        _("The species or group may not live in the sea or in brackish water."),
    ),
    _finding(
        Finding.PLACE_VAGUE,
        _(
            "The location may be off by more than 10 km, because of its stated "
            "uncertainty, a wide footprint, or coordinates in whole degrees."
        ),
    ),
    _finding(
        Finding.PLACE_GENERALISED,
        _("The provider generalised the data or withheld information."),
    ),
    _finding(Finding.OCCURRENCE_ID_MISSING, _("The provider gave the record no occurrenceID.")),
    _finding(
        Finding.OCCURRENCE_ID_SHARED,
        _(
            "Another record of the dataset has the same occurrenceID but "
            "different content. Both are kept."
        ),
    ),
    _finding(
        Finding.NAME_NOT_ACCEPTED,
        _("WoRMS has the name but no accepted name for it."),
    ),
    _finding(
        Finding.ACCEPTED_NAME_MISSING,
        _(
            "OBIS gives an AphiaID but no accepted name. The published name is "
            "used until WoRMS provides one."
        ),
    ),
    _finding(
        Finding.TEXT_CLEANED,
        _("Characters that can't be displayed were removed or replaced."),
    ),
    _finding(
        Finding.TERM_NOT_UNDERSTOOD,
        _("Sex, life stage, basis of record or occurrence status has an unknown value."),
    ),
    _finding(
        Finding.COUNT_NOT_UNDERSTOOD,
        _("The count is negative or not a number, and is ignored."),
    ),
    _finding(
        Finding.STATUS_DISAGREES,
        _(
            "The occurrence status contradicts the count or quantity: present "
            "with 0, or absent with more than 0. All values are kept as given."
        ),
    ),
    _finding(
        Finding.UNCERTAINTY_NOT_UNDERSTOOD,
        _(
            "The coordinate uncertainty is not between 0 and 20,037,509 m, and "
            "is treated as unknown."
        ),
    ),
    _finding(
        Finding.LICENSE_NOT_UNDERSTOOD,
        _(
            "The licence is not CC0, CC BY or CC BY-NC. Its text is shown as "
            "given and not treated as open."
        ),
    ),
)

_NORMALISATIONS = (
    _normalised(
        "event_date_as_days",
        _(
            "The event date is kept as written, with the first and last day it "
            "can mean. “1971” is the whole year, not 1 January."
        ),
    ),
    _normalised(
        "provider_days",
        _("Dates are the provider's and are never shifted to another time zone."),
    ),
    _normalised(
        "depth_sign",
        _("Depths count downwards. A negative depth is above the surface."),
    ),
    _normalised("numbers_as_text", _("Numbers sent as text are read as numbers.")),
    _normalised(
        "missing_words",
        _(
            "Words such as “NA”, “NULL”, “ND” and “unknown” count as not "
            "stated, and are kept as given."
        ),
    ),
    _normalised(
        "sex_terms",
        _("Words for the sex, such as “Macho”, “F” or “females”, become the English term."),
    ),
    _normalised(
        "life_stage_terms",
        _("Words for the life stage, such as “Juv.” or “larvae”, become the English term."),
    ),
    _normalised("basis_of_record_terms", _("The basis of record uses Darwin Core spelling.")),
    _normalised(
        "absences",
        _(
            "A record is an absence if its status or OBIS says so, or if its "
            "count is 0. Absences are never shown as sightings."
        ),
    ),
    _normalised(
        "evidence",
        _(
            "Evidence is DNA if the record has DNA data, or if its quantity or "
            "sample unit is DNA. Otherwise it follows the basis of record. A "
            "preserved specimen stays a specimen."
        ),
    ),
    _normalised(
        "licences",
        _(
            "Licence texts become CC0, CC BY, CC BY-NC, other or not stated. A "
            "text counts as one of the first three only if it names exactly "
            "one licence without further restrictions."
        ),
    ),
    _normalised(
        "effective_licence",
        _(
            "The stricter of the record's and the dataset's licence applies. A "
            "missing licence never counts as open."
        ),
    ),
    _normalised(
        "name_spacing", _("Unusual and repeated spaces in scientific names become single spaces.")
    ),
    _normalised(
        "accepted_name",
        _(
            "Records are listed under the accepted name. The published name "
            "and AphiaID are kept too."
        ),
    ),
    _normalised(
        "lineage",
        _("The classification comes from the record until we have it from WoRMS."),
    ),
)

RULES: tuple[Rule, ...] = _REJECTIONS + _FINDINGS + _NORMALISATIONS

# What the quality flags that OBIS itself sets mean (iobis/obis-qc); they are shown as received and
# never edited.
OBIS_FLAGS: dict[ObisFlag, str] = {
    ObisFlag.DATE_BEFORE_MIN: _("The event date is before 1582."),
    ObisFlag.DATE_IN_FUTURE: _("The event date was in the future when OBIS checked it."),
    ObisFlag.LON_OUT_OF_RANGE: _("The longitude is outside -180 to 180 degrees."),
    ObisFlag.LAT_OUT_OF_RANGE: _("The latitude is outside -90 to 90 degrees."),
    ObisFlag.NO_COORD: _("The record has no usable coordinates."),
    ObisFlag.ZERO_COORD: _("Both coordinates are exactly 0."),
    ObisFlag.ON_LAND: _("The coordinates are on land."),
    ObisFlag.NO_DEPTH: _("No depth was given, as is usual for sightings."),
    ObisFlag.DEPTH_OUT_OF_RANGE: _(
        "A depth was outside the range that OBIS accepts, and was removed."
    ),
    ObisFlag.MIN_DEPTH_EXCEEDS_MAX: _("The minimum depth is greater than the maximum depth."),
    ObisFlag.DEPTH_EXCEEDS_BATH: _("A depth is below the sea floor at this location."),
    ObisFlag.NO_MATCH: _("The name was not found in WoRMS."),
    ObisFlag.NO_ACCEPTED_NAME: _("WoRMS has no accepted name for this name."),
    ObisFlag.NOT_MARINE: _("The species or group doesn't live in the sea or in brackish water."),
    ObisFlag.MARINE_UNSURE: _(
        "It is unknown whether the species or group lives in the sea or in brackish water."
    ),
    ObisFlag.SCIENTIFICNAMEID_EXTERNAL: _("The name identifier is not from WoRMS."),
    ObisFlag.WORMS_ANNOTATION_NO_BIOTA: _("The WoRMS team found that the name is not an organism."),
    ObisFlag.WORMS_ANNOTATION_UNRESOLVABLE: _("The WoRMS team could not resolve the name."),
    ObisFlag.WORMS_ANNOTATION_REJECT_HABITAT: _(
        "The WoRMS team does not list the name because it is not marine."
    ),
    ObisFlag.WORMS_ANNOTATION_REJECT_GROUPING: _(
        "The WoRMS team does not list the name because it is an informal group."
    ),
    ObisFlag.WORMS_ANNOTATION_REJECT_AMBIGUOUS: _(
        "The WoRMS team does not list the name because it is ambiguous."
    ),
    ObisFlag.WORMS_ANNOTATION_REJECT_FOSSIL: _(
        "The WoRMS team does not list the name because it is a fossil."
    ),
    ObisFlag.WORMS_ANNOTATION_RESOLVABLE: _("The WoRMS team can resolve the name."),
    ObisFlag.WORMS_ANNOTATION_RESOLVABLE_TYPO: _("The WoRMS team found a typo in the name."),
    ObisFlag.WORMS_ANNOTATION_RESOLVABLE_AUTHORITY: _(
        "The WoRMS team resolved the name by its author."
    ),
    ObisFlag.WORMS_ANNOTATION_RESOLVABLE_UNPUBLISHED: _(
        "The WoRMS team resolved the name, but it is unpublished."
    ),
    ObisFlag.WORMS_ANNOTATION_RESOLVABLE_HUMAN: _(
        "The name needs manual review by the WoRMS team."
    ),
    ObisFlag.WORMS_ANNOTATION_RESOLVABLE_LOSS: _(
        "The WoRMS team resolved the name with a loss of detail."
    ),
    ObisFlag.WORMS_ANNOTATION_AWAIT_EDITOR: _("The name is awaiting a WoRMS editor."),
    ObisFlag.WORMS_ANNOTATION_AWAIT_PROVIDER: _(
        "The name is awaiting a reply from the data provider."
    ),
    ObisFlag.WORMS_ANNOTATION_TODO: _("The WoRMS team has not reviewed the name yet."),
    ObisFlag.UNLISTED: _(
        "OBIS set a flag that this portal doesn't know yet. Its name is kept with the record."
    ),
}
