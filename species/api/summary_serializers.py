"""What the API says of a selection in numbers."""
# ruff: noqa: N815  # as everywhere in the API, camelCase is what it calls its fields

from rest_framework import serializers

from species.atlas.results import Route
from species.darwincore.fields import MaskedText


class AmountSerializer(serializers.Serializer):
    """A number of records; of an estimate, the interval in which it lies with 95 % confidence."""

    number = serializers.IntegerField()
    low = serializers.IntegerField()
    high = serializers.IntegerField()
    isExact = serializers.BooleanField(source="is_exact")
    basis = serializers.ChoiceField(
        choices=[route.value for route in Route], help_text="How the number was computed."
    )


class BinSerializer(serializers.Serializer):
    """A bar, or with an empty key a bucket of what is in none of them."""

    key = serializers.CharField(help_text="The filter value. Empty for buckets.")
    label = serializers.CharField()  # type: ignore[assignment]  # a field, not an option
    number = serializers.IntegerField()


class MatrixSerializer(serializers.Serializer):
    """Records by depth and month; `cells` has a row for each band, and with the buckets adds up to
    the count.
    """

    bands = BinSerializer(many=True, help_text="Keys are values of `depth`.")
    months = BinSerializer(many=True, help_text="Keys are values of `months`.")
    cells = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField()))
    buckets = BinSerializer(many=True)


class CountSerializer(serializers.Serializer):
    """How many records a selection has, and how many of them lie too near a pole for the map."""

    count = AmountSerializer()
    notDrawn = AmountSerializer(source="not_drawn")


class HistogramSerializer(serializers.Serializer):
    """Records by year, and by season and depth; each with its buckets adds up to the count."""

    count = AmountSerializer()
    shownBox = serializers.ListField(
        child=serializers.FloatField(), source="shown_box", allow_null=True, min_length=4, max_length=4,
        help_text="west,south,east,north of the rounded view, or null without a view.",
    )  # fmt: skip
    years = BinSerializer(many=True)
    seasonByDepth = MatrixSerializer(source="matrix")


class SpeciesCountSerializer(serializers.Serializer):
    """A species, lower ranks rolled up, and its number of records."""

    aphiaID = serializers.IntegerField(source="taxon.pk")
    scientificName = serializers.CharField(source="taxon.scientific_name")
    number = serializers.IntegerField()


class DatasetCountSerializer(serializers.Serializer):
    """A dataset and its number of records."""

    datasetID = serializers.UUIDField(source="dataset.uuid")
    title = MaskedText(source="dataset.title")
    number = serializers.IntegerField()


class RichnessSerializer(serializers.Serializer):
    """Distinct accepted species among so many records of species; not corrected for effort."""

    species = serializers.IntegerField()
    records = serializers.IntegerField()
    basis = serializers.ChoiceField(choices=[route.value for route in Route])


class CellSerializer(serializers.Serializer):
    """A cell of the map and its number of records."""

    bbox = serializers.ListField(child=serializers.FloatField(), min_length=4, max_length=4)
    number = serializers.IntegerField()


class SummarySerializer(CountSerializer, HistogramSerializer):
    """All numbers of a selection, or of what of it lies in a view."""

    topSpecies = SpeciesCountSerializer(source="top_species", many=True)
    topDatasets = DatasetCountSerializer(source="top_datasets", many=True)
    richness = RichnessSerializer()
    densestCells = CellSerializer(source="densest_cells", many=True)
    bases = serializers.DictField(
        child=serializers.CharField(), help_text="How each part was computed."
    )
