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

    vernacularName = MaskedText(source="common_name", help_text="In the requested language.")
    records = serializers.IntegerField(help_text="Published records, including lower ranks.")
    species = serializers.IntegerField(
        help_text="Species with published records. Lower ranks count towards their species."
    )


class TreeSerializer(serializers.Serializer):
    """What is held below a taxon, or of everything; the children with most records first."""

    taxon = TaxonNameSerializer(allow_null=True, help_text="Null for the root.")
    lineage = TaxonNameSerializer(many=True, help_text="From the root down.")
    records = serializers.IntegerField()
    species = serializers.IntegerField()
    branches = BranchSerializer(many=True, help_text="Children with records, page by page.")
    withheld = serializers.IntegerField(
        help_text="Children credited to AlgaeBase, which are not listed."
    )
    numberReturned = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)


class SuggestionSerializer(serializers.Serializer):
    """A taxon that a text may mean."""

    aphiaID = serializers.IntegerField(source="aphia_id")
    matched = serializers.CharField(source="name", help_text="The name that matched.")
    language = Text(help_text="Language of the name (ISO 639-3). Null for scientific names.")
    scientificName = serializers.CharField(source="scientific_name")
    taxonRank = Text(source="rank")
    acceptedNameUsage = Text(source="accepted", help_text="Accepted name of a synonym.")
    records = serializers.IntegerField(help_text="Published records, including lower ranks.")


class SuggestionsSerializer(serializers.Serializer):
    """The most observed first; at most eight."""

    results = SuggestionSerializer(
        many=True, source="matches", help_text="Taxa with a matching name."
    )
    didYouMean = SuggestionSerializer(
        many=True,
        source="similar",
        help_text="Taxa with a similar name, if `results` is empty.",
    )
