"""What the API says of the tree of taxa and of names that somebody types."""
# ruff: noqa: N815  # as everywhere in the API, camelCase is what it calls its fields

from rest_framework import serializers

from species.darwincore.fields import MaskedText, Text


class TaxonNameSerializer(serializers.Serializer):
    """A taxon in short."""

    aphiaID = serializers.IntegerField(source="aphia_id")
    scientificName = serializers.CharField(source="scientific_name")
    taxonRank = Text(source="rank")


class BranchSerializer(TaxonNameSerializer):
    """A child in the tree with all below it."""

    vernacularName = MaskedText(source="common_name", help_text="In the language asked for.")
    records = serializers.IntegerField(help_text="Published, of the taxon and all below it.")
    species = serializers.IntegerField(
        help_text="Of which something is published, lower ranks rolled up."
    )


class TreeSerializer(serializers.Serializer):
    """What is held below a taxon, or of everything; the children with most records first."""

    taxon = TaxonNameSerializer(allow_null=True, help_text="Null for everything.")
    lineage = TaxonNameSerializer(many=True, help_text="From the root down.")
    records = serializers.IntegerField()
    species = serializers.IntegerField()
    branches = BranchSerializer(many=True, help_text="Children that have records, page by page.")
    withheld = serializers.IntegerField(
        help_text="Children credited to AlgaeBase, which stand in no classification."
    )
    numberReturned = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)


class SuggestionSerializer(serializers.Serializer):
    """A taxon that a text may mean."""

    aphiaID = serializers.IntegerField(source="aphia_id")
    matched = serializers.CharField(source="name", help_text="The name that matched.")
    language = Text(help_text="Of that name, ISO 639-3; null for a scientific one.")
    scientificName = serializers.CharField(source="scientific_name")
    taxonRank = Text(source="rank")
    acceptedNameUsage = Text(source="accepted", help_text="What a synonym stands for.")
    records = serializers.IntegerField(help_text="Published, of the taxon and all below it.")


class SuggestionsSerializer(serializers.Serializer):
    """The most observed first; at most eight."""

    results = SuggestionSerializer(
        many=True, source="matches", help_text="Taxa whose name matches."
    )
    didYouMean = SuggestionSerializer(
        many=True,
        source="similar",
        help_text="Taxa with a similar name; empty where `results` is not.",
    )
