"""Store the datasets that OBIS lists, and apply their changes to their records."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from species.models import ChangeKind, Dataset, DataVersion
from species.refresh.write.licences import relicense_dataset

LISTED_FIELDS = (
    "title", "citation", "license", "license_as_given", "license_uri", "url", "archive_url",
    "node", "updated", "announced_count",
)  # fmt: skip
PUBLIC_FIELDS = {"title", "citation", "license", "license_as_given", "license_uri", "url", "node"}


def register_datasets(
    listed: Iterable[Dataset], now: datetime, run_id: int | None, *, dry_run: bool = False
) -> list[Dataset]:
    """Insert or update datasets; return the saved rows in the order of their UUIDs.

    A dry run saves only new ones, since its counters refer to them.
    """
    given = {row.uuid: row for row in listed}
    known = {row.uuid: row for row in Dataset.objects.filter(uuid__in=given)}
    new = Dataset.objects.bulk_create([row for uuid, row in given.items() if uuid not in known])
    for uuid, row in known.items():
        update_dataset(row, given[uuid], now, run_id, dry_run=dry_run)
    return sorted([*known.values(), *new], key=lambda row: row.uuid)


def update_dataset(
    row: Dataset, given: Dataset, now: datetime, run_id: int | None, *, dry_run: bool = False
) -> None:
    """Copy upstream changes to the row, and a changed licence to its records."""
    changed = [name for name in LISTED_FIELDS if getattr(row, name) != getattr(given, name)]
    for name in changed:
        setattr(row, name, getattr(given, name))
    if not changed or dry_run:
        return
    with transaction.atomic():
        row.save(update_fields=changed)
        if "license" in changed:
            kind = ChangeKind.CHANGED if "license_as_given" in changed else ChangeKind.RULES
            relicense_dataset(row, now, run_id, kind)
        if row.published_count and PUBLIC_FIELDS.intersection(changed):
            DataVersion.advance()
