"""What the API says of observations, datasets and taxa, in Darwin Core's own names."""
# ruff: noqa: N802, N815  # Darwin Core's names are camelCase, and these are what the API calls its fields.

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework_gis.serializers import GeoFeatureModelSerializer

from species.darwincore.fields import (
    Bits,
    Link,
    MaskedObject,
    MaskedText,
    Number,
    Term,
    Text,
    Verbatim,
)
from species.models import CuratedObservation, Dataset, Taxon, VernacularName
from species.models.taxon import RANK_COLUMNS
from species.terms import (
    BasisOfRecord,
    DatePrecision,
    Evidence,
    Finding,
    License,
    LifeStage,
    ObisFlag,
    OccurrenceStatus,
    Sex,
    Source,
)

# Of names that WoRMS credits to AlgaeBase nothing goes out but name, AphiaID and link.
NOT_OF_ALGAEBASE = {
    *(
        "vernacularName",
        "vernacularNames",
        "scientificNameAuthorship",
        "taxonRank",
        "taxonomicStatus",
    ),
    *(*RANK_COLUMNS, "acceptedAphiaID", "parentAphiaID"),
    *("marine", "brackish", "freshwater", "terrestrial", "extinct", "iucnRedListCategory"),
}


def without_algaebase(properties: dict[str, Any], taxon: Taxon) -> dict[str, Any]:
    if taxon.credits_algaebase:
        properties |= dict.fromkeys(NOT_OF_ALGAEBASE & properties.keys())
    return properties


class ObservationSerializer(GeoFeatureModelSerializer):
    """A GeoJSON Feature: the place where and the days on which a taxon was found, and who says so."""

    occurrenceID = Verbatim(source="occurrence_id", help_text="The provider's ID.")
    obisID = serializers.UUIDField(
        source="obis_id", allow_null=True, help_text="Changes when OBIS republishes the dataset."
    )
    source = Term(Source)
    scientificName = Text(source="species_name", help_text="The accepted name, at any rank.")
    scientificNameAuthorship = MaskedText(source="taxon.authorship")
    vernacularName = MaskedText(source="common_name")
    aphiaID = serializers.IntegerField(source="taxon_id")
    taxonID = serializers.SerializerMethodField(help_text="The AphiaID as an LSID.")
    scientificNameID = serializers.SerializerMethodField(
        help_text="As above, for the name in scientificName."
    )
    taxonLink = Link(source="taxon.worms_url")
    taxonRank = Text(source="taxon.rank")
    originalScientificName = MaskedText(
        source="name_as_published", help_text="As published by the provider."
    )
    originalAphiaID = serializers.IntegerField(source="aphia_id_as_published", allow_null=True)
    eventDate = MaskedText(source="event_date", help_text="As written by the provider.")
    dateStart = serializers.DateField(
        source="date_start", allow_null=True, help_text="First possible day."
    )
    dateEnd = serializers.DateField(
        source="date_end", allow_null=True, help_text="Last possible day."
    )
    datePrecision = Term(DatePrecision, source="date_precision")
    geodeticDatum = serializers.SerializerMethodField(
        help_text="Of the coordinates as printed here, always EPSG:4326."
    )
    coordinateUncertaintyInMeters = Number(source="coordinate_uncertainty_in_meters")
    minimumDepthInMeters = Number(
        source="minimum_depth_in_meters",
        help_text="As given. Negative values are above the surface.",
    )
    maximumDepthInMeters = Number(source="maximum_depth_in_meters")
    basisOfRecord = Term(BasisOfRecord, source="basis_of_record")
    evidence = Term(Evidence)
    occurrenceStatus = Term(OccurrenceStatus, source="occurrence_status")
    individualCount = Number(source="individual_count")
    sex = Term(Sex)
    lifeStage = Term(LifeStage, source="life_stage")
    recordedBy = MaskedText(source="recorded_by")
    locality = MaskedText()
    license = Term(
        License, help_text="The effective licence: the stricter of the record's and the dataset's."
    )
    licenseURI = Text(
        source="license_uri",
        help_text="URI of the effective licence. Null if its version is not stated.",
    )
    licenseAsGiven = MaskedText(
        source="license_as_given", help_text="The record's licence, as written."
    )
    datasetID = serializers.UUIDField(source="dataset.uuid")
    datasetName = MaskedText(source="dataset.title")
    flags = Bits(ObisFlag, source="obis_flags", help_text="OBIS quality flags.")
    findings = Bits(Finding, help_text="Quality flags of this portal.")
    lookedUpBathymetry = Number(
        source="bathymetry", help_text="Depth of the sea floor in metres (modelled)."
    )
    lookedUpShoreDistance = Number(
        source="shore_distance",
        help_text="Distance to shore in metres (modelled), negative on land.",
    )
    lookedUpSst = Number(
        source="sst", help_text="Sea surface temperature in °C (long-term average, modelled)."
    )
    lookedUpSss = Number(
        source="sss", help_text="Sea surface salinity (long-term average, modelled)."
    )
    firstSeen = serializers.DateTimeField(
        source="first_seen", help_text="When the record was added to this portal."
    )
    lastChanged = serializers.DateTimeField(source="last_changed")
    modified = serializers.DateTimeField(
        source="last_changed", help_text="The same, under its Darwin Core name."
    )

    class Meta:
        model = CuratedObservation
        geo_field = "location"
        id_field = "key"
        fields: tuple[str, ...] = (
            *(
                "key",
                "location",
                "occurrenceID",
                "obisID",
                "source",
                "scientificName",
                "scientificNameAuthorship",
            ),
            *("vernacularName", "aphiaID", "taxonID", "scientificNameID", "taxonLink", "taxonRank"),
            "originalScientificName",
            *("originalAphiaID", "eventDate", "dateStart", "dateEnd", "datePrecision"),
            *(
                "geodeticDatum",
                "coordinateUncertaintyInMeters",
                "minimumDepthInMeters",
                "maximumDepthInMeters",
            ),
            *(
                "basisOfRecord",
                "evidence",
                "occurrenceStatus",
                "individualCount",
                "sex",
                "lifeStage",
                "recordedBy",
            ),
            *(
                "locality",
                "license",
                "licenseURI",
                "licenseAsGiven",
                "datasetID",
                "datasetName",
                "flags",
                "findings",
            ),
            *("lookedUpBathymetry", "lookedUpShoreDistance", "lookedUpSst", "lookedUpSss"),
            *("firstSeen", "lastChanged", "modified"),
        )
        read_only_fields = fields

    def get_fields(self) -> dict[str, serializers.Field]:
        # Added here because "class" is a word of Python.
        return super().get_fields() | {
            name: Text(source=f"taxon.{column}") for name, column in RANK_COLUMNS.items()
        }

    def get_taxonID(self, row: CuratedObservation) -> str:
        return f"urn:lsid:marinespecies.org:taxname:{row.taxon_id}"

    def get_scientificNameID(self, row: CuratedObservation) -> str:
        return self.get_taxonID(row)

    def get_geodeticDatum(self, row: CuratedObservation) -> str:
        return "EPSG:4326"

    def get_properties(
        self, instance: CuratedObservation, fields: list[serializers.Field]
    ) -> dict[str, Any]:
        return without_algaebase(super().get_properties(instance, fields), instance.taxon)


class ObservationDetailSerializer(ObservationSerializer):
    """The Feature of one record, with what is too long for lists."""

    footprintWKT = Verbatim(source="footprint_wkt")
    dataGeneralizations = MaskedText(source="data_generalizations")
    informationWithheld = MaskedText(source="information_withheld")
    asGiven = MaskedObject(source="as_given", help_text="Original values that were standardised.")
    bibliographicCitation = MaskedText(source="dataset.citation")
    datasetLink = Link(source="dataset.obis_url")
    references = serializers.SerializerMethodField(help_text="Web page of the record.")

    class Meta(ObservationSerializer.Meta):
        fields: tuple[str, ...] = (
            *ObservationSerializer.Meta.fields,
            *("footprintWKT", "dataGeneralizations", "informationWithheld", "asGiven"),
            *("bibliographicCitation", "datasetLink", "references"),
        )
        read_only_fields = fields

    @extend_schema_field(serializers.URLField())
    def get_references(self, row: CuratedObservation) -> str:
        return self.context["request"].build_absolute_uri(
            reverse("species:observation-detail", args=[row.key])
        )


class DatasetSerializer(serializers.ModelSerializer):
    """A dataset, its licence and how fresh the portal's copy is."""

    datasetID = serializers.UUIDField(source="uuid")
    source = Term(Source)  # type: ignore[assignment]  # a field, not an option
    title = MaskedText()
    bibliographicCitation = MaskedText(source="citation")
    license = Term(License)
    licenseURI = Text(source="license_uri", help_text="Null if the version is not stated.")
    licenseAsGiven = MaskedText(source="license_as_given")
    link = Link(source="url")
    obisLink = Link(source="obis_url")
    node = MaskedText()
    updated = Text(help_text="Time stamp from OBIS.")
    refreshed = serializers.DateTimeField(source="refreshed_at", allow_null=True)
    observations = serializers.IntegerField(
        source="published_count", help_text="Records published in this portal."
    )

    class Meta:
        model = Dataset
        fields: tuple[str, ...] = (
            *(
                "datasetID",
                "source",
                "title",
                "bibliographicCitation",
                "license",
                "licenseURI",
                "licenseAsGiven",
                "link",
            ),
            *("obisLink", "node", "updated", "refreshed", "observations"),
        )
        read_only_fields = fields


class VernacularNameSerializer(serializers.ModelSerializer):
    """What people call a taxon in one language."""

    vernacularName = MaskedText(source="name")

    class Meta:
        model = VernacularName
        fields = ("vernacularName", "language")
        read_only_fields = fields


class TaxonSerializer(serializers.ModelSerializer):
    """A name in WoRMS, at any rank."""

    aphiaID = serializers.IntegerField(source="aphia_id")
    scientificName = serializers.CharField(source="scientific_name")
    taxonLink = Link(source="worms_url")
    scientificNameAuthorship = MaskedText(source="authorship")
    taxonRank = Text(source="rank")
    taxonomicStatus = Text(source="status")
    acceptedAphiaID = serializers.IntegerField(source="accepted_id", allow_null=True)
    parentAphiaID = serializers.IntegerField(source="parent_id", allow_null=True)
    marine = serializers.BooleanField(source="is_marine", allow_null=True)
    brackish = serializers.BooleanField(source="is_brackish", allow_null=True)
    freshwater = serializers.BooleanField(source="is_freshwater", allow_null=True)
    terrestrial = serializers.BooleanField(source="is_terrestrial", allow_null=True)
    extinct = serializers.BooleanField(source="is_extinct", allow_null=True)
    iucnRedListCategory = Text(source="iucn_category")
    observations = serializers.IntegerField(
        source="observation_count", help_text="Published records of exactly this taxon."
    )

    class Meta:
        model = Taxon
        fields: tuple[str, ...] = (
            *(
                "aphiaID",
                "scientificName",
                "taxonLink",
                "scientificNameAuthorship",
                "taxonRank",
                "taxonomicStatus",
            ),
            *(
                "acceptedAphiaID",
                "parentAphiaID",
                "marine",
                "brackish",
                "freshwater",
                "terrestrial",
            ),
            *("extinct", "iucnRedListCategory", "observations"),
        )
        read_only_fields = fields

    def get_fields(self) -> dict[str, serializers.Field]:
        return super().get_fields() | {
            name: Text(**renamed(name, column)) for name, column in RANK_COLUMNS.items()
        }

    def to_representation(self, instance: Taxon) -> dict[str, Any]:
        return without_algaebase(super().to_representation(instance), instance)


class TaxonDetailSerializer(TaxonSerializer):
    """One taxon with its names in all languages."""

    vernacularNames = VernacularNameSerializer(source="vernacular_names", many=True)

    class Meta(TaxonSerializer.Meta):
        fields = (*TaxonSerializer.Meta.fields, "vernacularNames")
        read_only_fields = fields


def renamed(name: str, column: str) -> dict[str, str]:
    """A field's `source`, which REST framework forbids to name when it is the field's own name."""
    return {} if name == column else {"source": column}
