"""The table of curated observations."""

from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL

from species.models.dataset import Dataset
from species.models.grid import PLACE, GridColumn, GridRow, KeyTile
from species.models.observation_fields import ObservationFields
from species.models.observation_pages import NEWEST_FIRST
from species.models.observation_queries import ABSENT, PUBLISHED, ObservationQuerySet
from species.models.taxon import Taxon
from species.terms import (
    MAXIMUM_COUNT,
    MAXIMUM_DEPTH,
    MAXIMUM_UNCERTAINTY,
    MINIMUM_DEPTH,
    BasisOfRecord,
    DatePrecision,
    Evidence,
    License,
    LifeStage,
    OccurrenceStatus,
    Sex,
    Source,
)

COVERED = [
    "grid_column", "grid_row", "date_end", "minimum_depth_in_meters", "maximum_depth_in_meters", "dataset"
]  # fmt: skip


def known(field: str, choices: type[models.TextChoices]) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(**{f"{field}__in": choices.values}), name=f"observation_{field}_known"
    )


class CuratedObservation(ObservationFields):
    """A published, absent or withdrawn record of a taxon at a place.

    Only `species.refresh` writes the table.
    """

    dataset = models.ForeignKey(
        Dataset, models.PROTECT, related_name="observations", db_index=False
    )
    taxon = models.ForeignKey(Taxon, models.PROTECT, related_name="observations", db_index=False)
    scope = models.ForeignKey(
        "RefreshScope",
        models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="What kind of walk brought it in.",
    )
    first_seen = models.DateTimeField()
    last_changed = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawal_reason = models.CharField(max_length=60, blank=True, default="")
    # The place on the Web Mercator grid; null poleward of 85.0511 degrees.
    grid_column = models.GeneratedField(
        expression=GridColumn("location"), output_field=models.IntegerField(), db_persist=True
    )
    grid_row = models.GeneratedField(
        expression=GridRow("location"), output_field=models.IntegerField(), db_persist=True
    )
    tile = models.GeneratedField(
        expression=KeyTile("location"),
        output_field=models.SmallIntegerField(),
        db_persist=True,
        help_text="The tile of zoom 6 that it lies in: its row * 64 + its column.",
    )

    objects = ObservationQuerySet.as_manager()

    class Meta:
        db_table = "species_curatedobservation"
        indexes = [
            # Both cover the queries of a map, so that the table is not read.
            models.Index(
                fields=["taxon_ordinal", "date_start"],
                include=COVERED,
                condition=PUBLISHED,
                name="observation_of_taxon",
            ),
            models.Index(
                "tile",
                RawSQL(PLACE, (), output_field=models.IntegerField()),  # noqa: S611  # our constants
                "taxon_ordinal",
                include=["date_start", *COVERED],
                condition=PUBLISHED,
                name="observation_in_tile",
            ),
            models.Index(
                F("date_start").desc(nulls_last=True),
                F("id").desc(),
                condition=PUBLISHED,
                name="observation_newest",
            ),
            models.Index(fields=["taxon_ordinal"], condition=ABSENT, name="absence_of_taxon"),
            models.Index(fields=["dataset"], condition=ABSENT, name="absence_of_dataset"),
            models.Index(*NEWEST_FIRST, condition=ABSENT, name="absence_newest"),
            models.Index("taxon", name="observation_taxon"),
            # lists of one dataset, page by page
            models.Index("dataset", "id", name="observation_dataset"),
            GistIndex(fields=["location"], name="observation_place"),
            # For rare values and rare combinations; about eight bytes per row.
            GinIndex(
                fields=[
                    "obis_flags",
                    "findings",
                    "basis_of_record",
                    "evidence",
                    "license",
                    "source",
                ],
                condition=PUBLISHED,
                name="observation_value",
            ),
        ]
        constraints = [
            # With the dataset, as every unique key here; the key first, to look up addresses.
            models.UniqueConstraint(fields=["key", "dataset"], name="observation_key"),
            known("source", Source),
            known("date_precision", DatePrecision),
            known("basis_of_record", BasisOfRecord),
            known("evidence", Evidence),
            known("sex", Sex),
            known("life_stage", LifeStage),
            known("occurrence_status", OccurrenceStatus),
            known("license", License),
            known("record_license", License),
            models.CheckConstraint(condition=~Q(species_name=""), name="observation_has_a_name"),
            models.CheckConstraint(
                condition=RawSQL(
                    "NOT ST_IsEmpty(location) AND ST_X(location) BETWEEN -180 AND 180"
                    " AND ST_Y(location) BETWEEN -90 AND 90 AND NOT (ST_X(location) = 0 AND ST_Y(location) = 0)",
                    (),
                    output_field=models.BooleanField(),
                ),
                name="observation_place_on_earth",
            ),
            models.CheckConstraint(
                condition=Q(date_start__isnull=True, date_end__isnull=True, date_precision="")
                | (
                    Q(
                        date_start__isnull=False,
                        date_end__isnull=False,
                        date_start__lte=F("date_end"),
                    )
                    & ~Q(date_precision="")
                ),
                name="observation_dates_in_order",
            ),
            models.CheckConstraint(
                condition=(
                    Q(minimum_depth_in_meters__isnull=True)
                    | Q(minimum_depth_in_meters__range=(MINIMUM_DEPTH, MAXIMUM_DEPTH))
                )
                & (
                    Q(maximum_depth_in_meters__isnull=True)
                    | Q(maximum_depth_in_meters__range=(MINIMUM_DEPTH, MAXIMUM_DEPTH))
                ),
                name="observation_depth_in_range",
            ),
            models.CheckConstraint(
                condition=Q(coordinate_uncertainty_in_meters__isnull=True)
                | Q(
                    coordinate_uncertainty_in_meters__gt=0,
                    coordinate_uncertainty_in_meters__lte=MAXIMUM_UNCERTAINTY,
                ),
                name="observation_uncertainty_in_range",
            ),
            models.CheckConstraint(
                condition=Q(individual_count__isnull=True)
                | Q(individual_count__gte=0, individual_count__lt=MAXIMUM_COUNT),
                name="observation_count_in_range",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawal_reason="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawal_reason="")),
                name="observation_withdrawn_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(first_seen__lte=F("last_changed")),
                name="observation_seen_before_changed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.species_name}, {self.event_date or 'no date'}"

    @property
    def license_uri(self) -> str:
        """Return the URI of the licence in effect, or "". The same rule as `LICENSE_URI`."""
        given = (
            (self.record_license, self.record_license_uri),
            (self.dataset.license, self.dataset.license_uri),
        )
        uris = [uri for license, uri in given if license == self.license]
        if self.license == License.OTHER and len(set(uris)) > 1:
            return ""
        return next(filter(None, uris), "")

    @property
    def is_published(self) -> bool:
        return self.withdrawn_at is None and self.occurrence_status == OccurrenceStatus.PRESENT
