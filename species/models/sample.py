"""Counts of values and a random sample, for queries that densities cannot answer."""

from collections.abc import Sequence
from typing import Self

from django.contrib.gis.db import models as gis
from django.db import models
from django.db.models import OuterRef, Q, Subquery

from species.models.dataset import Dataset
from species.models.observation import CuratedObservation
from species.models.observation_queries import ObservationQuerySet
from species.models.taxon import Taxon
from species.terms import BasisOfRecord, Evidence, License, Source

NOT_DRAWABLE = -1  # the stratum of what lies poleward of 85.0511 degrees


class Facet(models.TextChoices):
    """The columns whose values are counted."""

    FLAGS = "obis_flags", "OBIS flags, all of a record's together"
    FINDINGS = "findings", "findings, all of a record's together"
    BASIS = "basis_of_record", "basis of record"
    EVIDENCE = "evidence", "evidence"
    LICENSE = "license", "effective licence"
    SOURCE = "source", "source"


class FacetCount(models.Model):
    """The number of published observations with a value, updated with each write."""

    facet = models.CharField(max_length=16, choices=Facet)
    value = models.TextField(
        blank=True, help_text="As in the column; numbers of bits as decimal digits."
    )
    n = models.BigIntegerField()

    pk = models.CompositePrimaryKey("facet", "value")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(facet__in=Facet.values), name="facet_count_facet_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.facet}={self.value}: {self.n}"


class Stratum(models.Model):
    """The sample of one tile of zoom 6: `n` published observations, `sampled` of them.

    An observation is in the sample if its key, a uniform hash, is less than `below` (null: no
    sample). So the sample never depends on the run, and is a simple random sample without
    replacement in each stratum. If `m` sampled rows match a query, with p = m / sampled, the
    Horvitz-Thompson estimate over the strata is sum(n * p), with the variance
    sum(n**2 * (1 - sampled / n) * p * (1 - p) / (sampled - 1)).
    """

    tile = models.SmallIntegerField(
        primary_key=True, help_text="Row * 64 + column; -1 for what cannot be drawn."
    )
    n = models.BigIntegerField()
    sampled = models.IntegerField(default=0)
    below = models.UUIDField(null=True, blank=True)
    counted = models.BigIntegerField(
        default=0, help_text="n when it was last looked at for crowded subjects."
    )

    class Meta:
        verbose_name_plural = "strata"

    def __str__(self) -> str:
        return f"{self.sampled} of {self.n} in tile {self.tile}"


class SampledObservationQuerySet(ObservationQuerySet):
    """The conditions on observations, of which the sample repeats most columns."""

    def with_terms(self, column: str, terms: Sequence[str]) -> Self:
        """Return the rows with any of the terms in a column of observations.

        A column that the sample lacks is looked up row by row, so at most as often as the sample
        has rows; PostgreSQL might read all observations for a join.
        """
        if column in {field.name for field in self.model._meta.concrete_fields}:
            return super().with_terms(column, terms)
        observation = CuratedObservation.objects.filter(pk=OuterRef("pk"))
        rows = self.alias(**{f"observed_{column}": Subquery(observation.values(column)[:1])})
        return rows.filter(**{f"observed_{column}__in": terms})


class SampledObservation(models.Model):
    """A copy of some columns of a published observation, from which answers are estimated."""

    id = models.BigIntegerField(primary_key=True, help_text="That of the observation.")
    stratum = models.SmallIntegerField()
    taxon = models.ForeignKey(
        Taxon, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    taxon_ordinal = models.BigIntegerField()
    dataset = models.ForeignKey(
        Dataset, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    location = gis.PointField(srid=4326, spatial_index=False)
    grid_column = models.IntegerField(null=True, blank=True)
    grid_row = models.IntegerField(null=True, blank=True)
    date_start = models.DateField(null=True, blank=True)
    date_end = models.DateField(null=True, blank=True)
    minimum_depth_in_meters = models.FloatField(null=True, blank=True)
    maximum_depth_in_meters = models.FloatField(null=True, blank=True)
    coordinate_uncertainty_in_meters = models.FloatField(null=True, blank=True)
    obis_flags = models.BigIntegerField()
    findings = models.BigIntegerField()
    basis_of_record = models.CharField(max_length=24, choices=BasisOfRecord, blank=True)
    evidence = models.CharField(max_length=16, choices=Evidence)
    license = models.CharField(max_length=16, choices=License)
    source = models.CharField(max_length=16, choices=Source)

    objects = SampledObservationQuerySet.as_manager()

    class Meta:
        indexes = [models.Index("stratum", name="sample_stratum")]

    def __str__(self) -> str:
        return f"Sample of observation {self.pk}"
