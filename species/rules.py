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
        _("The record is not valid JSON, such as NaN for a number or a text that is cut off."),
    ),
    _rejected(
        "repeated_keys", _("A field occurs twice in the record, so it is not certain what it says.")
    ),
    _rejected("record_too_large", _("The record is larger than 4 MiB.")),
    _rejected("nested_too_deeply", _("The record is nested more than 250 levels deep.")),
    _rejected("other_dataset", _("The record came in answer to a request for another dataset.")),
    _rejected("no_obis_id", _("The record has no usable OBIS identifier.")),
    _rejected("no_dataset", _("The record does not say which dataset it belongs to.")),
    _rejected(
        "no_coordinates",
        _("The longitude or the latitude is missing, so the record has no place on a map."),
    ),
    _rejected(
        "unusable_coordinates",
        _("The longitude or the latitude is given, but it is not a number to reckon with."),
    ),
    _rejected(
        "coordinates_out_of_range",
        _(
            "The longitude lies outside -180 to 180 degrees or the latitude outside -90 to 90 degrees."
        ),
    ),
    _rejected(
        "zero_coordinates",
        _(
            "Both coordinates are exactly 0, which nearly always means that the place was not recorded."
        ),
    ),
    _rejected(
        "no_taxon",
        _("The record could not be tied to a taxon of WoRMS: it has no usable AphiaID or no name."),
    ),
    _rejected("name_too_long", _("The scientific name is longer than 500 characters.")),
    _rejected(
        "dropped_by_obis",
        _(
            "OBIS left the record out of its own public data, for example because the species does not live in the sea."
        ),
    ),
    _rejected("not_storable", _("The database cannot store a value of the record.")),
    _rejected(
        "purged_on_request", _("The record was erased here on request, and is not taken in again.")
    ),
)

_FINDINGS = (
    _finding(
        Finding.ON_LAND,
        _(
            "The coordinates lie on land, by OBIS's flag or because its distance to the shore is negative."
        ),
    ),
    _finding(
        Finding.DEPTH_BELOW_SEA_FLOOR,
        _(
            "A depth is more than 50 m plus 10 % below the sea floor that OBIS looked up at this place."
        ),
    ),
    _finding(
        Finding.DEPTH_REVERSED,
        _("The minimum depth is greater than the maximum; both are kept as given."),
    ),
    _finding(
        Finding.DEPTH_OUT_OF_RANGE,
        _(
            "A depth is not a number, or not between 9,000 m above and 11,000 m below the surface, and is left out."
        ),
    ),
    _finding(
        Finding.DEPTH_ONE_SIDED,
        _("Only one of minimum and maximum depth is given; it counts as a single depth."),
    ),
    _finding(
        Finding.DEPTH_ZERO,
        _("The depth is given as 0, which means either the surface or that no depth was recorded."),
    ),
    _finding(
        Finding.DATE_UNREADABLE,
        _(
            "The event date is given but could not be read for certain; the days are those of OBIS where it has any."
        ),
    ),
    _finding(Finding.DATE_IN_FUTURE, _("The event date lies in the future.")),
    _finding(
        Finding.DATE_IMPLAUSIBLE,
        _(
            "The event date is before 1582, or is just the year 1758, when many species were first described."
        ),
    ),
    _finding(
        Finding.DATE_REVERSED,
        _("The event date ends before it begins; the two ends were put in order."),
    ),
    _finding(
        Finding.DATE_DISAGREES,
        _(
            "The days that OBIS derived differ by more than a day from what the event date says as written."
        ),
    ),
    _finding(
        Finding.DATE_NOT_STANDARD,
        _(
            "The event date is not written as ISO 8601 (a day 00, slashes or dots, a time that does not exist); its "
            "days were read all the same."
        ),
    ),
    _finding(
        Finding.DATE_PARTS_ONLY,
        _(
            "There is no event date, only a year, month or day; these are shown as given, and the record counts as "
            "undated."
        ),
    ),
    _finding(
        Finding.DATE_PARTS_DISAGREE,
        _("The year, month or day given beside the event date is not that of its first day."),
    ),
    _finding(
        Finding.HABITAT_UNSURE,
        _("It is not certain that the taxon lives in the sea or in brackish water."),
    ),
    _finding(
        Finding.PLACE_VAGUE,
        _(
            "The place may be off by more than 10 km: by its stated uncertainty, by the width of its footprint, "
            "or because both coordinates are whole degrees."
        ),
    ),
    _finding(
        Finding.PLACE_GENERALISED,
        _("The provider says that the data were generalised or that information was withheld."),
    ),
    _finding(Finding.OCCURRENCE_ID_MISSING, _("The provider gave the record no occurrenceID.")),
    _finding(
        Finding.OCCURRENCE_ID_SHARED,
        _(
            "Another record of the same dataset has the same occurrenceID but different content; both are kept."
        ),
    ),
    _finding(
        Finding.NAME_NOT_ACCEPTED,
        _(
            "WoRMS knows the name but gives no accepted name for it, by OBIS's flag or by its status at WoRMS."
        ),
    ),
    _finding(
        Finding.ACCEPTED_NAME_MISSING,
        _(
            "OBIS gives an AphiaID but no accepted name; the name as published is used until WoRMS names the taxon."
        ),
    ),
    _finding(
        Finding.TEXT_CLEANED,
        _("Characters that cannot be shown or stored were removed from a text, or replaced."),
    ),
    _finding(
        Finding.TERM_NOT_UNDERSTOOD,
        _(
            "Sex, life stage, basis of record or occurrence status holds a word that the portal does not know."
        ),
    ),
    _finding(
        Finding.COUNT_NOT_UNDERSTOOD,
        _("The number of individuals is not a number, or is negative, and is left out."),
    ),
    _finding(
        Finding.STATUS_DISAGREES,
        _(
            "The occurrence status contradicts the number of individuals or the quantity: present with 0, or absent "
            "with more than 0; all are kept as given."
        ),
    ),
    _finding(
        Finding.UNCERTAINTY_NOT_UNDERSTOOD,
        _(
            "The coordinate uncertainty is not a length between 0 and 20,037,509 m, and is treated as unknown."
        ),
    ),
    _finding(
        Finding.LICENSE_NOT_UNDERSTOOD,
        _(
            "The record's licence is none of CC0, CC BY and CC BY-NC; the text is shown as given and not treated as "
            "open."
        ),
    ),
)

_NORMALISATIONS = (
    _normalised(
        "event_date_as_days",
        _(
            "The event date is kept as written, beside the first and the last day it can mean: "
            '"1971" is the whole of 1971, never its first of January.'
        ),
    ),
    _normalised(
        "provider_days",
        _("Days are the provider's days and are never shifted to another time zone."),
    ),
    _normalised(
        "depth_sign",
        _("Depths count downwards; a negative depth is above the surface and stays negative."),
    ),
    _normalised("numbers_as_text", _("Numbers that are sent as text are read as numbers.")),
    _normalised(
        "missing_words",
        _(
            'Words such as "NA", "NULL", "ND" and "unknown" mean that nothing was stated, and are kept as given.'
        ),
    ),
    _normalised(
        "sex_terms",
        _('Words for the sex, such as "Macho", "F" or "females", become the English term.'),
    ),
    _normalised(
        "life_stage_terms",
        _('Words for the life stage, such as "Juv." or "larvae", become the English term.'),
    ),
    _normalised(
        "basis_of_record_terms", _("The basis of record is given in the spelling of Darwin Core.")
    ),
    _normalised(
        "absences",
        _(
            "A record is an absence when its status says so, when its number of individuals is 0, or when OBIS says so;"
            " absences are kept but never shown as sightings."
        ),
    ),
    _normalised(
        "evidence",
        _(
            "Evidence is DNA when the record brings DNA data or its quantity type or sample unit counts DNA (a kept "
            "specimen stays a specimen), and otherwise follows from the basis of record."
        ),
    ),
    _normalised(
        "licences",
        _(
            "The many spellings of a licence become CC0, CC BY, CC BY-NC, other or not stated; a text counts as one of "
            "the first three only where it names exactly one licence and nothing that restricts it."
        ),
    ),
    _normalised(
        "effective_licence",
        _(
            "A record's effective licence is the stricter of its own and its dataset's; silence is never taken as open."
        ),
    ),
    _normalised(
        "name_spacing", _("Unusual and repeated spaces in scientific names become single spaces.")
    ),
    _normalised(
        "accepted_name",
        _(
            "A record stands under the accepted taxon; the name and the AphiaID as published are kept beside it."
        ),
    ),
    _normalised(
        "lineage",
        _(
            "The classification is read from the rank identifiers of the record itself until WoRMS has been asked."
        ),
    ),
)

RULES: tuple[Rule, ...] = _REJECTIONS + _FINDINGS + _NORMALISATIONS

# What the quality flags that OBIS itself sets mean (iobis/obis-qc); they are shown as received and
# never edited.
OBIS_FLAGS: dict[ObisFlag, str] = {
    ObisFlag.DATE_BEFORE_MIN: _("The event date lies before 1582."),
    ObisFlag.DATE_IN_FUTURE: _("The event date lay in the future when OBIS checked it."),
    ObisFlag.LON_OUT_OF_RANGE: _("The longitude lies outside -180 to 180 degrees."),
    ObisFlag.LAT_OUT_OF_RANGE: _("The latitude lies outside -90 to 90 degrees."),
    ObisFlag.NO_COORD: _("The record has no usable coordinates."),
    ObisFlag.ZERO_COORD: _("Both coordinates are exactly 0."),
    ObisFlag.ON_LAND: _("The coordinates lie on land."),
    ObisFlag.NO_DEPTH: _("No depth was given, which is usual for sightings."),
    ObisFlag.DEPTH_OUT_OF_RANGE: _("A depth lies outside what OBIS accepts and was removed."),
    ObisFlag.MIN_DEPTH_EXCEEDS_MAX: _("The minimum depth is greater than the maximum depth."),
    ObisFlag.DEPTH_EXCEEDS_BATH: _("A depth is greater than the depth of the sea at this place."),
    ObisFlag.NO_MATCH: _("The name could not be found in WoRMS."),
    ObisFlag.NO_ACCEPTED_NAME: _("WoRMS has no accepted name for this name."),
    ObisFlag.NOT_MARINE: _("The taxon lives neither in the sea nor in brackish water."),
    ObisFlag.MARINE_UNSURE: _(
        "It is not known whether the taxon lives in the sea or in brackish water."
    ),
    ObisFlag.SCIENTIFICNAMEID_EXTERNAL: _(
        "The name identifier comes from another register than WoRMS."
    ),
    ObisFlag.WORMS_ANNOTATION_NO_BIOTA: _(
        "The WoRMS team found that the name is not that of a living thing."
    ),
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
    ObisFlag.WORMS_ANNOTATION_RESOLVABLE: _("The WoRMS team says that the name can be resolved."),
    ObisFlag.WORMS_ANNOTATION_RESOLVABLE_TYPO: _(
        "The WoRMS team says that the name holds a spelling mistake."
    ),
    ObisFlag.WORMS_ANNOTATION_RESOLVABLE_AUTHORITY: _(
        "The WoRMS team resolved the name by its author."
    ),
    ObisFlag.WORMS_ANNOTATION_RESOLVABLE_UNPUBLISHED: _(
        "The WoRMS team resolved the name, which is unpublished."
    ),
    ObisFlag.WORMS_ANNOTATION_RESOLVABLE_HUMAN: _(
        "The WoRMS team says that a person can resolve the name."
    ),
    ObisFlag.WORMS_ANNOTATION_RESOLVABLE_LOSS: _(
        "The WoRMS team resolved the name with a loss of detail."
    ),
    ObisFlag.WORMS_ANNOTATION_AWAIT_EDITOR: _("The name waits for an editor of WoRMS."),
    ObisFlag.WORMS_ANNOTATION_AWAIT_PROVIDER: _(
        "The name waits for an answer of the data provider."
    ),
    ObisFlag.WORMS_ANNOTATION_TODO: _("The WoRMS team has yet to look at the name."),
    ObisFlag.UNLISTED: _(
        "OBIS set a flag that this portal does not know; its name is kept with the record."
    ),
}
