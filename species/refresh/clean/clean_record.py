"""Clean an incoming record: the only place where a record becomes publishable or is rejected."""

from operator import attrgetter

from species.refresh import payload
from species.refresh.clean.rows import OccurrenceRow
from species.refresh.copy_text import format_cells, format_point
from species.refresh.records import ROW_COLUMNS, CleanRecord, IncomingRecord, Rejection
from species.refresh.text import clean_text
from species.rules import RULE_SET_VERSION, Rejected

_row_values = attrgetter(*ROW_COLUMNS)


def clean_record(record: IncomingRecord, *, keep: bool) -> CleanRecord | Rejection:
    """Return the cleaned record, or its rejection with the code of the first rule it breaks.

    `keep`: put the record as received beside the row. A rejected record is always kept.
    """
    if record.result is not None:
        return record.result
    if record.fault:
        return _reject_record(record, record.fault.reason)
    try:
        row = OccurrenceRow.from_obis(record.raw)
    except Rejected as verdict:
        return _reject_record(record, verdict.reason)
    return CleanRecord(
        row.taxon,
        row.name_as_published,
        row.aphia_id_as_published,
        record.raw.get("vernacularName"),
        row.license,
        row.findings,
        _format_cleaned(record, row, keep=keep),
    )


def clean_slice(records: list[IncomingRecord], *, keep: bool) -> list[IncomingRecord]:
    """Clean records before they are compared with stored rows; return them with their results."""
    for record in records:
        record.result = clean_record(record, keep=keep)
    return records


def _format_cleaned(record: IncomingRecord, row: OccurrenceRow, *, keep: bool) -> str:
    identity = format_cells((record.obis_id, record.content_hash, RULE_SET_VERSION))
    values = (
        format_point(row.longitude, row.latitude),
        row.license,
        row.license_uri,
        row.as_given or None,
        *_row_values(row),
        payload.pack_record(record.raw) if keep else None,
    )
    return f"{identity}\t{record.looked_up}\t{format_cells(values)}"


def _reject_record(record: IncomingRecord, reason: str) -> Rejection:
    received = record.fault.received if record.fault else record.raw
    given = record.raw.get("occurrenceID", record.identifier or None)
    occurrence_id = None if given is None else clean_text(str(given))
    return Rejection(reason, occurrence_id, payload.pack_record(received))
