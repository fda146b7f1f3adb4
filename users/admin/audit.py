"""The audit log in the admin, read-only."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from users.admin.base import FactAdmin, as_text
from users.audit import Action
from users.models import AuditEntry


class ActionFilter(admin.SimpleListFilter):
    """Filter by action; the choices come from the enumeration, not from a query."""

    title = "action"
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(action, action.replace("_", " ")) for action in Action]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(action=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(FactAdmin):
    """Entries of the audit log."""

    list_display = ("at", "action", "who", "target", "address", "summary")
    list_filter = (ActionFilter, ("at", admin.DateFieldListFilter))
    list_select_related = ("actor",)
    search_fields = ("=target", "=address", "=actor__username")
    search_help_text = "A target such as user:12, an email address, or a username"
    ordering = ("-pk",)
    fields = ("at", "action", "who", "target", "address", "everything")

    @admin.display(description="who")
    def who(self, entry: AuditEntry) -> str:
        if entry.actor_id is None:
            return entry.actor_label or "-"
        return str(entry.actor) if entry.actor else f"deleted account {entry.actor_id}"

    @admin.display(description="details")
    def summary(self, entry: AuditEntry) -> str:
        return ", ".join(f"{name}: {value}" for name, value in entry.details.items())[:120]

    @admin.display(description="details")
    def everything(self, entry: AuditEntry) -> SafeString | str:
        return as_text(entry.details)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("actor")
