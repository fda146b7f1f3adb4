"""Shared parts of the admin: read-only facts, and lists that never count or sort every row."""

import json
from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import LogEntry
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import BadRequest, ValidationError
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from users.audit import Action, record

MOST_LISTED = 10_000  # rows that a list leads to; beyond them it says "more than"
LONGEST_TEXT = 200_000  # characters of one record that a page shows
# of the filters that Django makes of a field
OWN_LOOKUPS = {"__exact", "__isnull", "__isempty", "__gte", "__lt"}


class BoundedPaginator(Paginator):
    """Count up to MOST_LISTED rows; `is_bounded` says whether there are more."""

    @cached_property
    def counted(self) -> int:
        rows = self.object_list
        assert isinstance(rows, QuerySet)  # what the admin pages through
        return rows.order_by()[: MOST_LISTED + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self.counted, MOST_LISTED)

    @property
    def is_bounded(self) -> bool:
        return self.counted > MOST_LISTED


class BoundedChangeList(ChangeList):
    """Sort only the first MOST_LISTED rows of a filtered list, as the filter's index finds them."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet:
        rows = super().get_queryset(request, exclude_parameters)
        if not rows.query.where:
            return rows
        found = rows.order_by().values("pk")[: MOST_LISTED + 1]
        chosen = self.root_queryset.model._default_manager.filter(pk__in=found)
        return self.apply_select_related(chosen.order_by(*rows.query.order_by))


def fields_of(fieldsets: Any) -> list[str]:
    """Return the fields in the fieldsets."""
    return [field for _, options in fieldsets for field in options["fields"]]


def uses(item: Any, lookup: str) -> bool:
    """Return whether an item of `list_filter` (a filter, a field, or both) uses a lookup."""
    if isinstance(item, type):
        return lookup == item.parameter_name  # type: ignore[attr-defined]
    return lookup.removeprefix(item if isinstance(item, str) else item[0]) in OWN_LOOKUPS


class StrictAdmin(admin.ModelAdmin):
    """Refuse lookups other than the list's filters, and invalid ids in actions."""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Return whether a filter of the list uses the lookup; others may be slow or invalid."""
        filters: Iterable[Any] = self.get_list_filter(request)
        return any(uses(item, lookup) for item in filters)

    def response_action(
        self, request: HttpRequest, queryset: QuerySet, *args: Any
    ) -> HttpResponse | None:
        for text in request.POST.getlist(ACTION_CHECKBOX_NAME):
            try:
                self.opts.pk.to_python(text)
            except ValidationError:
                raise BadRequest("A selected row no longer exists. Reload the list.") from None
        return super().response_action(request, queryset, *args)


class FactAdmin(StrictAdmin):
    """Rows from upstream or the refresh, which staff may view but not edit."""

    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    list_per_page = 50
    list_max_show_all = 50

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return BoundedChangeList

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> LogEntry:
        """Write changes to the few editable fields to the audit log as well."""
        record(
            Action.FACT_CHANGED,
            request=request,
            target=f"{obj._meta.model_name}:{obj.pk}",
            change=message,
        )
        return super().log_change(request, obj, message)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def link_to(row: Model | None, text: str = "") -> SafeString | str:
    """Return a link to a row's page in the admin, or a dash."""
    if row is None:
        return "-"
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', address, text or str(row))


def link_to_list(model: type[Model], text: str, **filters: Any) -> SafeString:
    """Return a link to a model's filtered list."""
    address = reverse(
        f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist", query=filters
    )
    return format_html('<a href="{}">{}</a>', address, text)


def outside(address: str) -> SafeString | str:
    """Return an upstream address as a link if it is http(s), else as text."""
    if not address.lower().startswith(("http://", "https://")):
        return address or "-"
    return format_html('<a href="{}" rel="nofollow noopener">{}</a>', address, address)


def as_text(value: Any) -> SafeString | str:
    """Return a JSON value as indented text, cut at LONGEST_TEXT."""
    if value in (None, {}, []):
        return "-"
    text = json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True, default=str)
    cut = (
        text
        if len(text) <= LONGEST_TEXT
        else f"{text[:LONGEST_TEXT]}\n... ({len(text):,} characters in all)"
    )
    return format_html('<pre class="as-received">{}</pre>', cut)


def sentences(lines: Iterable[str]) -> SafeString | str:
    """Return sentences as a list."""
    lines = list(lines)
    if not lines:
        return "-"
    items = format_html_join("", "<li>{}</li>", ((line,) for line in lines))
    return format_html('<ul class="sentences">{}</ul>', items)
