"""Erase observations with everything that refers to them, and keep counts and data version right.

Records are normally withdrawn; erasing is for demonstration data and requests of persons. The
caller must hold the refresh lock and a transaction.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from species.density.maintain import keep_in_sync
from species.models import (
    BlockedKey,
    CuratedObservation,
    Dataset,
    DataVersion,
    RejectedRecord,
    StagedObservation,
)
from species.refresh import hashes
from species.refresh.write.publish import apply_effects


def erase_observations(dataset: Dataset, keys: Iterable[UUID] | None = None) -> int:
    """Erase the dataset's rows with these keys (None: all); return how many.

    Their records as received and their history are erased, too.
    """
    rows = CuratedObservation.objects.filter(dataset=dataset)
    if keys is not None:
        if not (keys := list(keys)):
            return 0
        rows = rows.filter(key__in=keys)
    doomed, parameters = rows.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE effect ON COMMIT DROP AS SELECT taxon_id, occurrence_status,"  # noqa: S608
            " withdrawn_at IS NOT NULL AS withdrawn, -1 AS n FROM species_curatedobservation"
            f" WHERE id IN ({doomed})",  # Django's own SQL
            parameters,
        )
        for relation in CuratedObservation._meta.related_objects:
            beside = relation.related_model._base_manager.filter(
                **{f"{relation.field.name}__in": rows.values("pk")}
            )
            beside._raw_delete(beside.db)
        with keep_in_sync(
            cursor, f"FROM species_curatedobservation o WHERE id IN ({doomed})", parameters
        ):
            gone = rows._raw_delete(rows.db)
        apply_effects(cursor, dataset.pk)
    if gone:
        DataVersion.advance()
    return gone


def erase_waiting(dataset: Dataset, keys: Iterable[UUID] | None = None) -> tuple[int, int]:
    """Erase staged rows and rejected records with these keys (None: all); return both numbers."""
    staged = StagedObservation.objects.filter(dataset=dataset)
    rejected = RejectedRecord.objects.filter(dataset=dataset)
    if keys is not None:
        staged, rejected = staged.filter(key__in=list(keys)), rejected.filter(key__in=list(keys))
    return staged.delete()[0], rejected.delete()[0]


def block_keys(keys: Iterable[UUID]) -> int:
    """Prevent refreshes from bringing these keys back; return how many are new on the list."""
    before = BlockedKey.objects.count()
    BlockedKey.objects.bulk_create(
        [BlockedKey(key_hash=hashes.block_hash(key)) for key in sorted(set(keys))],
        ignore_conflicts=True,
    )
    return BlockedKey.objects.count() - before
