"""Datasets: sources of the records, with licence, citation and state of our copy."""

from collections.abc import Iterable
from typing import Self
from uuid import UUID

from django.db import models
from django.urls import reverse

from species.terms import License, Source


class DatasetQuerySet(models.QuerySet["Dataset"]):
    """Querysets of datasets."""

    def listed(self) -> Self:
        """Return the datasets with published observations, the largest first."""
        return self.filter(published_count__gt=0).order_by("-published_count", "pk")

    def demonstration(self) -> Self:
        return self.filter(source=Source.DEMONSTRATION)

    def with_uuids(self, uuids: Iterable[UUID]) -> Self:
        return self.filter(uuid__in=list(uuids))

    def mentioning(self, text: str) -> Self:
        """Return the datasets with the text in title or citation, in any case, or with this id."""
        found = models.Q(title__icontains=text) | models.Q(citation__icontains=text)
        try:
            return self.filter(found | models.Q(uuid=UUID(text)))
        except ValueError:
            return self.filter(found)

    def published_total(self) -> int:
        """Return the number of published observations, from the maintained counts."""
        return self.aggregate(total=models.Sum("published_count"))["total"] or 0

    def totals(self) -> dict[str, int]:
        """Return the rows of `species_curatedobservation` by kind, which add up to `total`.

        `demonstration_` is the part of each that is demonstration data.
        """
        demonstration = models.Q(source=Source.DEMONSTRATION)
        sums = {name: models.Sum(f"{name}_count", default=0) for name in KINDS}
        parts = {
            f"demonstration_{name}": models.Sum(f"{name}_count", filter=demonstration, default=0)
            for name in KINDS
        }
        counted = self.aggregate(**sums, **parts)
        return counted | {
            "total": sum(counted[name] for name in KINDS),
            "demonstration": sum(counted[f"demonstration_{name}"] for name in KINDS),
        }


KINDS = ("published", "absent", "withdrawn")


class Dataset(models.Model):
    """A dataset of OBIS, of sightings entered here, or of demonstration data.

    Contacts and email addresses are not stored.
    """

    uuid = models.UUIDField("OBIS dataset id", unique=True)
    source = models.CharField(max_length=16, choices=Source, default=Source.OBIS)
    title = models.TextField()
    citation = models.TextField(blank=True, default="")
    license = models.CharField(max_length=16, choices=License, default=License.UNKNOWN)
    license_as_given = models.TextField(blank=True, default="")
    license_uri = models.TextField(
        "licence URI", blank=True, default="", help_text="Where the text names the version."
    )
    url = models.TextField("link", blank=True, default="")
    archive_url = models.TextField(blank=True, default="")
    node = models.TextField("OBIS node", blank=True, default="")
    updated = models.CharField(
        max_length=40, blank=True, default="", help_text="OBIS's own time stamp, as given."
    )
    announced_count = models.BigIntegerField(
        null=True, blank=True, help_text="Records that OBIS says it has."
    )
    first_listed_at = models.DateTimeField(auto_now_add=True)
    # From the last complete crawl.
    refreshed_at = models.DateTimeField(null=True, blank=True, editable=False)
    refreshed_state = models.CharField(
        max_length=40,
        blank=True,
        default="",
        editable=False,
        help_text="OBIS's `updated` at the last complete walk.",
    )
    held_back = models.TextField(
        blank=True,
        default="",
        editable=False,
        help_text="Why a staged state waits for --accept-withdrawals.",
    )
    shares_occurrence_ids = models.BooleanField(
        default=False, editable=False, help_text="One occurrenceID was found under several records."
    )
    missing_since = models.DateTimeField(null=True, blank=True, editable=False)
    unpublished_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Derived; updated in the transaction that changes the rows.
    published_count = models.BigIntegerField(default=0, editable=False)
    absent_count = models.BigIntegerField(default=0, editable=False)
    withdrawn_count = models.BigIntegerField(default=0, editable=False)
    rejected_count = models.BigIntegerField(
        default=0, editable=False, help_text="At the last complete walk."
    )

    objects = DatasetQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(models.F("published_count").desc(), "id", name="dataset_largest")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(license__in=License.values), name="dataset_license_known"
            ),
            models.CheckConstraint(
                condition=models.Q(source__in=Source.values), name="dataset_source_known"
            ),
            models.CheckConstraint(condition=~models.Q(title=""), name="dataset_has_a_title"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("species:dataset-detail", args=[self.uuid])

    @property
    def obis_url(self) -> str:
        return f"https://obis.org/dataset/{self.uuid}" if self.source == Source.OBIS else ""
