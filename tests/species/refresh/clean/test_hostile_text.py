"""No text of a provider, however long and of whatever shape, keeps the refresh busy or loses the
record.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest

from species.refresh import payload
from species.refresh.clean.clean_record import clean_record
from species.refresh.clean.incoming import read_incoming
from species.refresh.records import CleanRecord, Rejection
from species.rules import RULES
from species.terms import Finding
from tests.replay.records import REEF, small_world

CHARACTERS = 100_000
SECONDS = 1.0  # it takes some milliseconds; anything quadratic takes minutes
REASONS = {rule.code for rule in RULES if rule.effect == "rejected"}
RECORD = small_world()[REEF][0]

SHAPES = {
    "digits": "7",
    "numbers": "7 ",
    "fractions": "0.",
    "exponents": "1e",
    "open brackets": "(",
    "closed brackets": ")",
    "positions": "1 2,",
    "spaces": " ",
    "line breaks": "\n",
    "no-break spaces": "\xa0",
    "dots": ".",
    "at signs": "a@",
    "hyphens": "-",
    "dates": "2020-01-01/",
    "letters": "a",
    "commas": ",",
    "creative commons": "cc by ",
    "controls": "\x00",
    "combining": "A\u0301",
    "ligatures": "\ufdfa",
    "quotes": "\"'",
    "pcr": "eDN",
}
TEXTS = (
    "footprintWKT", "eventDate", "license", "occurrenceID", "recordedBy", "locality", "dataGeneralizations",
    "informationWithheld", "basisOfRecord", "sex", "lifeStage", "occurrenceStatus", "individualCount",
    "samplingProtocol", "organismQuantityType", "sampleSizeUnit", "vernacularName", "flags", "category", "marine",
    "scientificName", "originalScientificName", "scientificNameAuthorship", "taxonRank", "kingdom", "species",
    "aphiaID", "unaccepted", "decimalLongitude", "decimalLatitude", "coordinateUncertaintyInMeters",
    "minimumDepthInMeters", "maximumDepthInMeters", "date_start", "bathymetry", "shoredistance",
    "dropped", "absence", "id", "dataset_id",
)  # fmt: skip


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fail what is still busy after these seconds, in the middle of it."""

    def stop(*_args: object) -> None:
        raise TimeoutError(f"still busy after {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def come_in(record: object) -> CleanRecord | Rejection:
    return clean_record(read_incoming(record, UUID(REEF)), keep=True)


@pytest.mark.parametrize("field", TEXTS)
def test_a_long_text_in_any_field_is_read_at_once_and_the_record_is_kept_or_refused_with_it(field):
    for unit in SHAPES.values():
        text = unit * (CHARACTERS // len(unit))
        with within(SECONDS):
            result = come_in(RECORD | {field: text})
        if isinstance(result, Rejection):
            assert result.reason in REASONS
            assert payload.unpack_record(result.payload)[field] == text
        else:
            assert isinstance(result, CleanRecord)


def test_a_number_of_five_thousand_digits_is_no_number_wherever_it_stands():
    for field in TEXTS:
        result = come_in(RECORD | {field: "9" * 5_000})
        assert isinstance(result, CleanRecord) or result.reason in REASONS


def test_a_record_whose_texts_are_all_long_is_read_at_once():
    long = dict.fromkeys(("footprintWKT", "license", "locality", "recordedBy"), "word, " * 170000)
    with within(5 * SECONDS):
        assert isinstance(come_in(RECORD | long), CleanRecord)


def test_the_width_of_a_long_footprint_is_still_found():
    wide = come_in(RECORD | {"footprintWKT": "POLYGON((" + "0 0, 9 9, " * 5_000 + "0 0))"})
    assert wide.findings & Finding.PLACE_VAGUE


def test_a_text_longer_than_any_licence_is_never_open():
    incoming = come_in(RECORD | {"license": "CC BY 4.0. " * 12_000})
    assert incoming.findings & Finding.LICENSE_NOT_UNDERSTOOD
