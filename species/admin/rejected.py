"""Rejected records in the admin: by reason, each with the record as received."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from species.models import RejectedRecord
from species.refresh import payload
from species.rules import RULES
from users.admin.base import FactAdmin, as_text, link_to

COUNTED_TO = 1_000  # of each reason; beyond it the list says "more than"
STATEMENTS = {rule.code: rule.statement for rule in RULES if rule.effect == "rejected"}


class ReasonFilter(admin.SimpleListFilter):
    """The reasons with their numbers of records, counted up to a bound."""

    title, parameter_name = "reason", "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        counts = {
            code: RejectedRecord.objects.filter(reason=code)[: COUNTED_TO + 1].count()
            for code in STATEMENTS
        }
        return [
            (code, f"{code.replace('_', ' ')} ({format_bounded(n)})")
            for code, n in counts.items()
            if n
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(reason=self.value()) if self.value() else queryset


def format_bounded(n: int) -> str:
    """Return a count as text; beyond the bound "more than" it."""
    return f"{n:,}" if n <= COUNTED_TO else f"more than {COUNTED_TO:,}"


@admin.register(RejectedRecord)
class RejectedRecordAdmin(FactAdmin):
    list_display = ("obis_id", "reason", "dataset", "occurrence_id", "last_seen")
    list_filter = (ReasonFilter,)
    list_select_related = ("dataset",)
    ordering = ("-pk",)
    sortable_by = ()
    fields = ("reason", "rule", "its_dataset", "obis_id", "occurrence_id", "key", "first_seen", "last_seen",
              "first_run_link", "last_run_link", "received")  # fmt: skip
    readonly_fields = fields

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup in {"reason", "dataset__id__exact", "last_run__id__exact"}

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the queryset without loading `payload`, which lists do not show."""
        return super().get_queryset(request).defer("payload")

    @admin.display(description="rule")
    def rule(self, record: RejectedRecord) -> str:
        return STATEMENTS.get(record.reason, "This rule is no longer used.")

    @admin.display(description="dataset")
    def its_dataset(self, record: RejectedRecord) -> SafeString | str:
        return link_to(record.dataset)

    @admin.display(description="first run")
    def first_run_link(self, record: RejectedRecord) -> SafeString | str:
        return link_to(record.first_run)

    @admin.display(description="last run")
    def last_run_link(self, record: RejectedRecord) -> SafeString | str:
        return link_to(record.last_run)

    @admin.display(description="as received")
    def received(self, record: RejectedRecord) -> SafeString | str:
        return unpack_text(record.payload)


def unpack_text(packed: bytes | memoryview) -> SafeString | str:
    """Return a packed record as text."""
    try:
        return as_text(payload.unpack_record(packed))
    except ValueError as error:
        return f"Can't be unpacked: {error}"
