"""The columns that published and staged observations share."""

from django.contrib.gis.db import models as gis
from django.db import models

from species.models.fields import RealField
from species.terms import (
    BasisOfRecord,
    DatePrecision,
    Evidence,
    License,
    LifeStage,
    OccurrenceStatus,
    Sex,
    Source,
)


class ObservationFields(models.Model):
    """The columns that published and staged observations share."""

    key = models.UUIDField(
        help_text="Lasting identity: a hash of dataset and occurrenceID; stands in addresses."
    )
    obis_id = models.UUIDField(
        "OBIS id", null=True, blank=True, help_text="Changes when OBIS re-publishes a dataset."
    )
    content_hash = models.UUIDField(
        help_text="Of the record as received, and of the version of our rules."
    )
    rule_set_version = models.PositiveSmallIntegerField(
        default=0, help_text="Of the rules that made the row of it."
    )
    taxon_ordinal = models.BigIntegerField(
        help_text="The taxon's place in the tree, see Taxon.ordinal."
    )
    obis_flags = models.BigIntegerField("OBIS flags", default=0, help_text="Bits of ObisFlag.")
    findings = models.BigIntegerField(
        default=0, help_text="Bits of Finding: what our own curation found."
    )
    minimum_depth_in_meters = models.FloatField(null=True, blank=True)
    maximum_depth_in_meters = models.FloatField(null=True, blank=True)
    coordinate_uncertainty_in_meters = models.FloatField(null=True, blank=True)
    individual_count = models.FloatField(null=True, blank=True)
    aphia_id_as_published = models.PositiveIntegerField(
        "AphiaID as published", null=True, blank=True
    )
    date_start = models.DateField(null=True, blank=True)
    date_end = models.DateField(null=True, blank=True)
    # Looked up by OBIS on climatology grids at the point: never what somebody measured there.
    bathymetry = RealField(null=True, blank=True, help_text="Looked up on a grid, metres.")
    shore_distance = RealField(
        null=True, blank=True, help_text="Looked up on a grid, metres; negative on land."
    )
    sst = RealField(
        "sea surface temperature",
        null=True,
        blank=True,
        help_text="Looked up on a grid, degrees Celsius.",
    )
    sss = RealField(
        "sea surface salinity", null=True, blank=True, help_text="Looked up on a grid, PSU."
    )
    location = gis.PointField(srid=4326, spatial_index=False)
    source = models.CharField(max_length=16, choices=Source)
    occurrence_id = models.TextField("occurrenceID", null=True, blank=True)  # noqa: DJ001  # "" is a value, None is not
    species_name = models.TextField(help_text="The accepted scientific name, at any rank.")
    common_name = models.TextField(blank=True, default="", help_text="In the operator's language.")
    name_as_published = models.TextField(blank=True, default="")
    event_date = models.TextField("eventDate", null=True, blank=True, help_text="As written.")  # noqa: DJ001
    date_precision = models.CharField(max_length=8, choices=DatePrecision, blank=True, default="")
    basis_of_record = models.CharField(max_length=24, choices=BasisOfRecord, blank=True, default="")
    evidence = models.CharField(max_length=16, choices=Evidence, default=Evidence.UNSPECIFIED)
    sex = models.CharField(max_length=16, choices=Sex, blank=True, default="")
    life_stage = models.CharField(max_length=16, choices=LifeStage, blank=True, default="")
    occurrence_status = models.CharField(
        max_length=8, choices=OccurrenceStatus, default=OccurrenceStatus.PRESENT
    )
    recorded_by = models.TextField(blank=True, default="")
    locality = models.TextField(blank=True, default="")
    license_as_given = models.TextField(blank=True, default="")
    record_license = models.CharField(max_length=16, choices=License, default=License.UNKNOWN)
    record_license_uri = models.TextField(
        blank=True, default="", help_text="Where the record names the version."
    )
    license = models.CharField(
        "effective licence",
        max_length=16,
        choices=License,
        help_text="The stricter of record and dataset.",
    )
    footprint_wkt = models.TextField("footprintWKT", blank=True, default="")
    data_generalizations = models.TextField(blank=True, default="")
    information_withheld = models.TextField(blank=True, default="")
    as_given = models.JSONField(
        null=True, blank=True, help_text="What was given where normalising changed it."
    )

    class Meta:
        abstract = True
