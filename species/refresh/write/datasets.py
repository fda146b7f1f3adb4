"""Keep datasets as OBIS lists them: title, citation, licence, link, node and state. No contacts, no
e-mails.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from species.density.maintain import keep_in_sync
from species.models import ChangeKind, Dataset, DataVersion, StagedObservation
from species.refresh.clean.licences import effective_license, read_license
from species.refresh.text import clean_text, read_total
from species.terms import License, Source

LISTED_FIELDS = (
    "title",
    "citation",
    "license",
    "license_as_given",
    "license_uri",
    "url",
    "archive_url",
    "node",
    "updated",
    "announced_count",
)
# what answers tell
PUBLIC_FIELDS = {"title", "citation", "license", "license_as_given", "license_uri", "url", "node"}


def register_datasets(
    listed: Iterable[Mapping[str, Any]], now, run_id: int | None, *, dry_run: bool = False
) -> list[Dataset]:
    """Insert or update the datasets that OBIS lists; a changed licence reaches the dataset's
    observations.

    A dry run saves only those that are new, since its books name them.
    """
    given = {row.uuid: row for row in map(dataset_from_obis, filter(has_uuid, listed))}
    held = {row.uuid: row for row in Dataset.objects.filter(uuid__in=given)}
    new = Dataset.objects.bulk_create([row for uuid, row in given.items() if uuid not in held])
    for uuid, row in held.items():
        update_dataset(row, given[uuid], now, run_id, dry_run=dry_run)
    return sorted([*held.values(), *new], key=lambda row: row.uuid)


def has_uuid(raw: Mapping[str, Any]) -> bool:
    """Whether a dataset is named as all of OBIS's are; what is not cannot be asked for."""
    try:
        return bool(UUID(str(raw.get("id"))))
    except ValueError:
        return False


def dataset_from_obis(raw: Mapping[str, Any]) -> Dataset:
    """One listed dataset as a row that is not saved."""
    uuid = UUID(str(raw["id"]))
    rights = clean_text(raw.get("intellectualrights"))
    reading = read_license(rights)
    nodes = raw.get("nodes")
    named = [
        node for node in (nodes if isinstance(nodes, list) else []) if isinstance(node, Mapping)
    ]
    return Dataset(
        uuid=uuid,
        source=Source.OBIS,
        title=clean_text(raw.get("title")).strip() or f"Untitled dataset {uuid}",
        citation=clean_text(raw.get("citation")),
        license=reading.license,
        license_as_given=rights,
        license_uri=reading.uri,
        url=clean_text(raw.get("url")),
        archive_url=clean_text(raw.get("archive")),
        node=", ".join(filter(None, (clean_text(node.get("name")) for node in named))),
        updated=dataset_state(raw),
        announced_count=read_total(raw.get("records")),
    )


def dataset_state(raw: Mapping[str, Any]) -> str:
    """OBIS's `updated` of a listed dataset: compared as text, never read as a time."""
    return clean_text(raw.get("updated"))[:40]


def update_dataset(
    held: Dataset, given: Dataset, now, run_id: int | None, *, dry_run: bool = False
) -> None:
    changed = [name for name in LISTED_FIELDS if getattr(held, name) != getattr(given, name)]
    for name in changed:
        setattr(held, name, getattr(given, name))
    if not changed or dry_run:
        return
    with transaction.atomic():
        held.save(update_fields=changed)
        if "license" in changed:
            kind = ChangeKind.CHANGED if "license_as_given" in changed else ChangeKind.RULES
            relicense_dataset(held, now, run_id, kind)
        if held.published_count and PUBLIC_FIELDS.intersection(changed):
            DataVersion.advance()


def relicense_dataset(dataset: Dataset, now, run_id: int | None, kind: ChangeKind) -> None:
    """Let the effective licence of each record follow its dataset's.

    `kind` says whether the dataset's text changed, or how our rules read it; the latter is no
    change of the record.
    """
    for own in License:
        effective = effective_license(own, License(dataset.license))
        differs = {"dataset": dataset, "record_license": own}
        StagedObservation.objects.filter(**differs).update(license=effective)
        relicense_observations(dataset.pk, own, effective, now, run_id, kind)


def relicense_observations(
    dataset_id: int, own: License, effective: License, now, run_id: int | None, kind: ChangeKind
) -> int:
    changed = "" if kind == ChangeKind.RULES else ", last_changed = %(now)s"
    values = {"dataset": dataset_id, "own": own, "new": effective, "now": now, "run": run_id}
    where = "WHERE dataset_id = %(dataset)s AND record_license = %(own)s AND license <> %(new)s"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO species_observationchange (observation_id, run_id, at, kind, old_values)
            SELECT id, %(run)s, %(now)s, '{kind}', jsonb_build_object('license', license)
            FROM species_curatedobservation {where}
            """,  # noqa: S608
            values,
        )
        with keep_in_sync(cursor, f"FROM species_curatedobservation o {where}", values):
            cursor.execute(
                f"UPDATE species_curatedobservation SET license = %(new)s{changed} {where}",  # noqa: S608
                values,
            )
            return cursor.rowcount
