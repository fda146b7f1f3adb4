"""Load demonstration records through the curation and writer of the refresh, and remove them."""

from collections import Counter
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Sum
from django.utils import timezone

from species.demonstration import records
from species.demonstration.surveys import Survey
from species.demonstration.taxa import all_species
from species.density.maintain import maintain_densities
from species.models import (
    BlockedKey,
    Dataset,
    DatasetWalk,
    DataVersion,
    RefreshScope,
    VernacularName,
)
from species.refresh.clean.clean_record import clean_record
from species.refresh.clean.incoming import read_incoming
from species.refresh.clean.licences import read_license
from species.refresh.clean.lineage import read_taxon
from species.refresh.taxonomy import taxa
from species.refresh.write.erase import erase_observations, erase_waiting
from species.refresh.write.load import create_temporary_tables, load_slice
from species.refresh.write.target import ImportTarget
from species.rules import RULE_SET_VERSION
from species.terms import Source

Say = Callable[[str], None]


def load_records(total: int, say: Say) -> Counter[str]:
    """Load `total` raw records and return the counts.

    Loading the same number again changes nothing.
    """
    name_species()
    books: Counter[str] = Counter()
    for survey, count in records.plan_surveys(total):
        part = load_survey(survey, count)
        books += part
        say(f"  {survey.title}: {count:,} records")
        maintain_densities()
    return books


def name_species() -> None:
    """Create the species with their common names first, so that records get them."""
    taxa.ensure_taxa([read_taxon(one.taxon_fields) for one in all_species()])
    VernacularName.objects.bulk_create(
        [
            VernacularName(taxon_id=one.aphia_id, language=language, name=name)
            for one in all_species()
            for language, name in one.vernaculars
        ],
        ignore_conflicts=True,
    )


def load_survey(survey: Survey, count: int) -> Counter[str]:
    """Load one dataset; each slice is committed with its counts."""
    dataset = dataset_of(survey)
    DatasetWalk.objects.filter(dataset=dataset).delete()
    scope, _ = RefreshScope.objects.get_or_create(parameters={})
    walk = DatasetWalk.objects.create(
        dataset=dataset,
        scope=scope,
        is_staged=False,
        rule_set_version=RULE_SET_VERSION,
        announced=count,
    )
    target = ImportTarget(
        run_id=None,
        dataset=dataset,
        walk=walk,
        now=timezone.now(),
        clean=partial(clean_record, keep=settings.KEEP_RECORDS_AS_RECEIVED),
        shares_ids=False,
        has_blocked_keys=BlockedKey.objects.exists(),
    )
    books: Counter[str] = Counter()
    for part in records.make_slices(survey, count):
        with transaction.atomic():
            with connection.cursor() as cursor:
                create_temporary_tables(cursor)
            tally = load_slice([read_incoming(raw, dataset.uuid) for raw in part], target)
            books += tally.outcomes
            if tally.is_published:
                DataVersion.advance()
    rejected = walk.records.exclude(reason="").count()
    Dataset.objects.filter(pk=dataset.pk).update(announced_count=count, rejected_count=rejected)
    walk.delete()
    return books


def dataset_of(survey: Survey) -> Dataset:
    """Return the dataset of a survey, created if missing."""
    dataset, _ = Dataset.objects.get_or_create(
        uuid=survey.uuid,
        defaults={
            "source": Source.DEMONSTRATION,
            "title": survey.title,
            "citation": f"{survey.title}. Made-up records, part of {settings.SITE_NAME}; not for any analysis.",
            "license": read_license(survey.license).license,
            "license_as_given": survey.license,
            "license_uri": read_license(survey.license).uri,
        },
    )
    return dataset


def count_records() -> int:
    """Return the number of stored demonstration records, published or not."""
    totals = Dataset.objects.filter(source=Source.DEMONSTRATION).aggregate(
        n=Sum(F("published_count") + F("absent_count") + F("withdrawn_count"), default=0)
    )
    return totals["n"]


def remove_records() -> tuple[int, int]:
    """Erase all demonstration records and datasets; return both numbers."""
    gone = datasets = 0
    for dataset in Dataset.objects.filter(source=Source.DEMONSTRATION).order_by("pk"):
        with transaction.atomic():
            DatasetWalk.objects.filter(dataset=dataset).delete()
            erase_waiting(dataset)
            gone += erase_observations(dataset)
            dataset.delete()
            DataVersion.advance()
            datasets += 1
    maintain_densities()
    return gone, datasets
