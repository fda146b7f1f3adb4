"""Erase observations on a person's request, with everything kept of them, and keep them from coming
back.
"""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from species.models import CuratedObservation, Dataset, RejectedRecord, StagedObservation
from species.refresh import hashes
from species.refresh.lock import LOCKED_STATUS, Locked, refresh_lock
from species.refresh.taxonomy import taxon_moves, vernaculars
from species.refresh.write import erase
from users.audit import Action, record


class Command(BaseCommand):
    help = (
        "Permanently delete records with all copies, history and common "
        "names that no other record uses. Hashes of their keys stay on a "
        "block list, so that no refresh imports them again. Without --yes, "
        "only show what would be deleted."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("keys", nargs="*", metavar="KEY", help="as in /observations/KEY/")
        parser.add_argument(
            "--dataset", metavar="UUID", default="", help="dataset of the --occurrence-id"
        )
        parser.add_argument(
            "--occurrence-id", action="append", default=[], metavar="ID", help="can be repeated"
        )
        parser.add_argument("--yes", action="store_true", help="delete permanently")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = wanted_keys(options)
        try:
            with refresh_lock():
                self.purge(wanted, really=options["yes"])
        except Locked as error:
            raise CommandError(
                "A refresh is running. Try again when it has finished.", returncode=LOCKED_STATUS
            ) from error

    def purge(self, wanted: set[UUID], *, really: bool) -> None:
        found = where_held(wanted)
        for key in sorted(wanted - set().union(*found.values())):
            self.stdout.write(f"{key}: no record has this key. It is put on the block list anyway.")
        for dataset, keys in found.items():
            for key in sorted(keys):
                self.stdout.write(f"{key}: in {dataset.title}")
        if not really:
            raise CommandError(
                "Nothing was deleted. Add --yes to delete permanently.", returncode=2
            )
        rows = staged = rejected = 0
        with transaction.atomic():
            named = vernaculars.taxa_named_by(wanted)
            for dataset, keys in found.items():
                waiting, refused = erase.erase_waiting(dataset, keys)
                staged, rejected = staged + waiting, rejected + refused
                rows += erase.erase_observations(dataset, keys)
            vernaculars.recount_names(named)
            for aphia_id in named:
                taxon_moves.rename_taxon(aphia_id)
            blocked = erase.block_keys(wanted)
            record(
                Action.OBSERVATIONS_PURGED,
                erased=rows,
                staged=staged,
                rejected=rejected,
                blocked=blocked,
            )
        self.stdout.write(
            f"Erased {rows:,} observations with their history and records as received, {staged:,} staged and"
            f" {rejected:,} rejected copies; {blocked:,} keys are new on the block list."
        )


def wanted_keys(options: dict[str, Any]) -> set[UUID]:
    """Return the keys named on the command line. Raises CommandError (status 2)."""
    keys = {uuid(text, "key") for text in options["keys"]}
    if bool(options["dataset"]) != bool(options["occurrence_id"]):
        raise CommandError("Use --dataset and --occurrence-id together.", returncode=2)
    if options["dataset"]:
        dataset = uuid(options["dataset"], "dataset id")
        for occurrence_id in options["occurrence_id"]:
            keys |= keys_of(dataset, occurrence_id)
    if not keys:
        raise CommandError("Give a key, or a --dataset and an --occurrence-id.", returncode=2)
    return keys


def uuid(text: str, what: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise CommandError(f"{text!r} is no {what}: it must be a UUID.", returncode=2) from None


def keys_of(dataset: UUID, occurrence_id: str) -> set[UUID]:
    """Return the key of the occurrenceID, and those of rows that share it."""
    given = {"dataset__uuid": dataset, "occurrence_id": occurrence_id}
    shared = (model.objects.filter(**given).values_list("key", flat=True) for model in HOLDERS)
    return {hashes.key_of_occurrence(dataset, occurrence_id)}.union(*shared)


HOLDERS = (CuratedObservation, StagedObservation, RejectedRecord)


def where_held(keys: set[UUID]) -> dict[Dataset, set[UUID]]:
    """Return the keys by dataset, as far as they are stored in any form."""
    found: dict[int, set[UUID]] = {}
    for model in HOLDERS:
        for dataset_id, key in model.objects.filter(key__in=keys).values_list("dataset_id", "key"):
            found.setdefault(dataset_id, set()).add(key)
    datasets = Dataset.objects.in_bulk(list(found))
    return {datasets[pk]: held for pk, held in found.items()}
