"""What the API says of the portal itself: its refreshes, its numbers, its saved selections."""
# ruff: noqa: N815  # as everywhere in the API, camelCase is what it calls its fields

from rest_framework import serializers

from species.models import RefreshMode, RefreshRun, RunState


class RefreshRunSerializer(serializers.ModelSerializer):
    """One refresh from OBIS and its books: `fetched` is the sum of the six numbers that follow it.

    The books of a refresh that resumes an interrupted one include the part that was done before.
    """

    mode = serializers.ChoiceField(RefreshMode.choices)
    state = serializers.ChoiceField(RunState.choices)
    isScheduled = serializers.BooleanField(source="is_scheduled")
    isTrial = serializers.BooleanField(
        source="is_dry_run", help_text="Compared only, published nothing."
    )
    isComplete = serializers.BooleanField(
        source="is_complete", help_text="Completed everything planned."
    )
    queued = serializers.DateTimeField(source="queued_at")
    started = serializers.DateTimeField(source="started_at", allow_null=True)
    finished = serializers.DateTimeField(source="finished_at", allow_null=True)
    datasetsPlanned = serializers.IntegerField(source="datasets_planned")
    datasetsDone = serializers.IntegerField(source="datasets_done")
    fetched = serializers.IntegerField(source="totals.fetched")
    added = serializers.IntegerField(source="totals.added")
    changed = serializers.IntegerField(source="totals.changed")
    unchanged = serializers.IntegerField(source="totals.unchanged")
    returned = serializers.IntegerField(source="totals.returned")
    rejected = serializers.IntegerField(source="totals.rejected")
    repeated = serializers.IntegerField(source="totals.repeated")
    withdrawn = serializers.IntegerField(source="totals.withdrawn")
    ofWhichByAnEarlierRun = serializers.DictField(
        source="earlier_counts",
        child=serializers.IntegerField(),
        help_text="Counts from interrupted refreshes that this one resumed. Often empty.",
    )
    reasons = serializers.DictField(
        source="totals.reasons",
        child=serializers.IntegerField(),
        help_text="Rejected and withdrawn records by reason. See /data/rules/.",
    )

    class Meta:
        model = RefreshRun
        fields: tuple[str, ...] = (
            *(
                "id",
                "mode",
                "state",
                "isScheduled",
                "isTrial",
                "isComplete",
                "queued",
                "started",
                "finished",
            ),
            *(
                "datasetsPlanned",
                "datasetsDone",
                "fetched",
                "added",
                "changed",
                "unchanged",
                "returned",
                "rejected",
            ),
            *("repeated", "withdrawn", "ofWhichByAnEarlierRun", "reasons"),
        )
        read_only_fields = fields


class HeldSerializer(serializers.Serializer):
    """Rows of the table of observations by kind: published + absent + withdrawn = total."""

    published = serializers.IntegerField(help_text="As in lists, counts, tiles and OGC items.")
    absent = serializers.IntegerField(help_text="Surveys that did not find the species.")
    withdrawn = serializers.IntegerField()
    total = serializers.IntegerField()
    demonstration = serializers.IntegerField(help_text="Demo records in the total.")
    publishedDemonstration = serializers.IntegerField(
        source="demonstration_published", help_text="Part of published."
    )
    absentDemonstration = serializers.IntegerField(
        source="demonstration_absent", help_text="Part of absent."
    )
    withdrawnDemonstration = serializers.IntegerField(
        source="demonstration_withdrawn", help_text="Part of withdrawn."
    )


class RejectedSerializer(serializers.Serializer):
    """Records that curation refused, by rule."""

    reason = serializers.CharField()
    rule = serializers.CharField(help_text="The rule in words.")
    number = serializers.IntegerField()
    isExact = serializers.BooleanField(source="is_exact", help_text="False if there are more.")


class ScheduleSerializer(serializers.Serializer):
    """A scheduled refresh: what became of the last one, and when the next is due."""

    mode = serializers.ChoiceField(RefreshMode.choices)
    state = serializers.ChoiceField(["not yet", "done", "running", "waiting", "failed", "missed"])
    due = serializers.DateTimeField(source="due_at", allow_null=True)
    next = serializers.DateTimeField(source="next_at", allow_null=True)


class StatisticsSerializer(serializers.Serializer):
    """What the portal holds and how fresh it is."""

    observations = HeldSerializer()
    datasets = serializers.IntegerField(help_text="With published records.")
    species = serializers.IntegerField(
        help_text="Species with published records. Lower ranks count towards their species."
    )
    dataVersion = serializers.IntegerField(
        source="version", help_text="Increases with every published change."
    )
    lastChanged = serializers.DateTimeField(source="published_at", allow_null=True)
    rejected = RejectedSerializer(many=True)
    schedule = ScheduleSerializer(many=True)


class SelectionSerializer(serializers.Serializer):
    """A saved selection: a question under a short name, which every list, count and tile takes as
    `selection`.
    """

    hash = serializers.CharField()
    query = serializers.CharField(help_text="The filters as a query string.")
    parameters = serializers.DictField(child=serializers.CharField())
    words = serializers.CharField(help_text="The filters in words.")
    expires = serializers.DateTimeField(allow_null=True, help_text="Null if its owner keeps it.")
    area = serializers.JSONField(allow_null=True, help_text="GeoJSON of the area, if any.")
    observations = serializers.URLField(help_text="Its observations.")
    map = serializers.URLField(help_text="Its map.")
