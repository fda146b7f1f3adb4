"""Keep each record's effective licence: the stricter of its own and its dataset's."""

from datetime import datetime
from typing import Any

from django.db import connection

from species.density.maintain import keep_in_sync
from species.models import ChangeKind, Dataset, StagedObservation
from species.terms import License

_STRICTNESS = {License.CC0: 0, License.CC_BY: 1, License.CC_BY_NC: 2, License.OTHER: 3}


def effective_license(record: License, dataset: License) -> License:
    """Return the stricter of two licences; one that is not stated does not count."""
    stated = [license for license in (record, dataset) if license in _STRICTNESS]
    return max(stated, key=_STRICTNESS.__getitem__, default=License.UNKNOWN)


def relicense_dataset(
    dataset: Dataset, now: datetime, run_id: int | None, kind: ChangeKind
) -> None:
    """Update the effective licences of a dataset's records after its own licence changed.

    `kind`: RULES if only our reading of the dataset's text changed, which is no change of the
    records.
    """
    for own in License:
        effective = effective_license(own, License(dataset.license))
        differs = {"dataset": dataset, "record_license": own}
        StagedObservation.objects.filter(**differs).update(license=effective)
        relicense_observations(dataset.pk, own, effective, now, run_id, kind)


def relicense_observations(
    dataset_id: int,
    own: License,
    effective: License,
    now: datetime,
    run_id: int | None,
    kind: ChangeKind,
) -> int:
    """Update records whose own licence is `own`; return how many changed."""
    changed = "" if kind == ChangeKind.RULES else ", last_changed = %(now)s"
    values: dict[str, Any] = {
        "dataset": dataset_id,
        "own": own,
        "new": effective,
        "now": now,
        "run": run_id,
    }
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
