"""Identify the elements of a page: turn each into an incoming record with its key and hashes."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import orjson

from species.refresh import hashes
from species.refresh.copy_text import format_cells
from species.refresh.fetch.elements import LONGEST_RECORD, BadElement, Element
from species.refresh.fetch.page_parser import Page
from species.refresh.records import LOOKED_UP_TERMS, Fault, IncomingRecord
from species.refresh.text import is_uuid, read_number

MOST_LEVELS = 100  # of nesting that are kept of a record that has too many
LARGEST_REAL = 1e30  # well within single precision


def read_slices(page: Page, dataset: UUID) -> Iterator[list[IncomingRecord]]:
    """Yield the page's records in slices, in their order."""
    for elements in page.slices():
        yield [read_incoming(element, dataset) for element in elements]


def read_incoming(raw: Element, dataset: UUID) -> IncomingRecord:
    """Return one element with its identity; `fault` is set if it cannot become an observation."""
    if isinstance(raw, BadElement):
        return _faulty_record(raw, raw.digest, dataset, Fault(raw.reason, raw.as_received()))
    try:
        content = hashes.content_of(raw)
    except TypeError:  # orjson reads deeper nests than it writes
        kept = {key: prune_value(value) for key, value in raw.items()}
        fault = Fault("nested_too_deeply", kept)
        return _faulty_record(kept, hashes.fingerprint(kept), dataset, fault)
    fingerprint = hashes.digest(content)
    if len(content) > LONGEST_RECORD:
        large = BadElement.from_text("record_too_large", orjson.dumps(raw))
        fault = Fault(large.reason, large.as_received())
        return _faulty_record(raw, fingerprint, dataset, fault)
    if raw.get("dataset_id") != str(dataset) and is_other_dataset(raw.get("dataset_id"), dataset):
        return _faulty_record(raw, fingerprint, dataset, Fault("other_dataset", raw))
    return _identified_record(raw, fingerprint, dataset)


def is_other_dataset(given: object, dataset: UUID) -> bool:
    """Return whether a value is the id of a dataset, and not of this one."""
    return isinstance(given, str) and is_uuid(given) and UUID(given) != dataset


def _identified_record(
    raw: Mapping[str, Any], fingerprint: UUID, dataset: UUID, fault: Fault | None = None
) -> IncomingRecord:
    identifier = read_identifier(raw.get("occurrenceID"))
    base = None if identifier else hashes.base_of_content(fingerprint)
    return IncomingRecord(
        raw,
        read_obis_id(raw, fingerprint),
        fingerprint,
        hashes.content_hash(fingerprint),
        identifier,
        format_looked_up(raw),
        base or hashes.key_of_occurrence(dataset, identifier),
        base,
        fault=fault,
    )


def _faulty_record(
    element: Element | Mapping[str, Any], fingerprint: UUID, dataset: UUID, fault: Fault
) -> IncomingRecord:
    known = {key: element.get(key) for key in ("id", "occurrenceID")}
    return _identified_record(known, fingerprint, dataset, fault)


def prune_value(value: Any, levels: int = MOST_LEVELS) -> Any:
    """Return a value without its parts that are nested deeper than `levels`."""
    if isinstance(value, dict | list) and not levels:
        return "(nested too deeply)"
    if isinstance(value, dict):
        return {key: prune_value(inner, levels - 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [prune_value(inner, levels - 1) for inner in value]
    return value


def format_looked_up(raw: Mapping[str, Any]) -> str:
    """Return the cells of LOOKED_UP_TERMS, rounded as columns of single precision keep them."""
    values = [read_number(raw.get(term)) for term in LOOKED_UP_TERMS.values()]
    return format_cells(
        [
            None if value is None or abs(value) > LARGEST_REAL else round(value, 6)
            for value in values
        ]
    )


def read_identifier(value: object) -> str:
    """Return an occurrenceID as text; "" for a value that is no identifier."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def read_obis_id(raw: Mapping[str, Any], fingerprint: UUID) -> UUID:
    """Return OBIS's id, or a hash of the content so that a record without an id counts, too."""
    try:
        return UUID(raw["id"])
    except (KeyError, ValueError, AttributeError, TypeError):
        return hashes.digest(b"no obis id", fingerprint.bytes)
