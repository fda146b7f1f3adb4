"""Refresh runs in the admin: state, totals, and the form that queues one."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from species.models import RefreshMode, RefreshRun, RejectedRecord, RunState
from species.refresh.options import BadOptions, Options
from species.refresh.run_state import queue_run
from users.admin.base import FactAdmin, as_text, fields_of, link_to_list, sentences
from users.audit import Action, record

MODES = [
    (RefreshMode.INCREMENTAL, "Incremental: datasets updated at OBIS"),
    (RefreshMode.FULL, "Full: all datasets"),
]


# Columns of the list: the books with those of the earlier runs that a run goes on from.
TOTALS = ("fetched", "added", "changed", "withdrawn", "rejected")


def total_of(name: str) -> Callable[[Any], Any]:
    """Return a column of the list of runs."""
    return admin.display(description=name)(lambda run: run.totals[name])


def may_queue(user: Any) -> bool:
    """Return whether the user may queue a refresh."""
    return user.has_perm("species.add_refreshrun")


def is_queued(**options: Any) -> bool:
    """Return whether a run with these options is queued, so that a second click adds none."""
    return RefreshRun.objects.queued().filter(options__contains=options).exists()


class QueueForm(forms.ModelForm):
    """The options of a refresh, validated by the rules of the command."""

    mode = forms.ChoiceField(
        choices=MODES, initial=RefreshMode.INCREMENTAL, widget=forms.RadioSelect
    )
    dataset_ids = forms.CharField(
        label="Datasets",
        required=False,
        max_length=4_000,
        help_text="OBIS dataset IDs, separated by commas. Leave empty for all.",
    )
    taxon_ids = forms.CharField(
        label="Taxa", required=False, max_length=400,
        help_text=("AphiaIDs, separated by commas, including all lower ranks. Doesn't "
"withdraw any records."),
    )  # fmt: skip
    pages = forms.IntegerField(
        label="Page limit",
        required=False,
        min_value=1,
        max_value=1_000_000,
        help_text="The next refresh continues from there.",
    )
    dry_run = forms.BooleanField(required=False, help_text="Compare only. No records are changed.")
    yes = forms.BooleanField(
        label="Allow large refreshes",
        required=False,
        help_text="Otherwise, large refreshes and new datasets stop for confirmation.",
    )

    class Meta:
        model = RefreshRun
        fields = ("mode",)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        try:
            self.chosen = Options.from_dict(given)
        except BadOptions as error:
            raise forms.ValidationError(str(error)) from None
        waiting = RefreshRun.objects.queued().filter(options=self.chosen.to_dict())
        if not self.errors and waiting.exists():
            raise forms.ValidationError("This refresh is already queued.")
        return given


@admin.register(RefreshRun)
class RefreshRunAdmin(FactAdmin):
    change_list_template = "admin/species/refreshrun/change_list.html"
    change_form_template = "admin/species/refreshrun/change_form.html"
    add_form_template = "admin/species/refreshrun/queue.html"
    list_display = ("run", "mode", "colour", "requested_by", "started_at", "took",
                    *map(total_of, TOTALS), "short_error")  # fmt: skip
    list_filter = ("state", "mode", "is_scheduled")
    ordering = ("-pk",)
    sortable_by = ()
    actions = ["cancel"]
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "asked",
                    "requested_by",
                    "is_scheduled",
                    "is_dry_run",
                    "scope",
                    "queued_at",
                )
            },
        ),
        ("Notes", {"fields": ("said",)}),
        ("Rejected and withdrawn", {"fields": ("by_reason", "rejected_list")}),
        ("Datasets", {"fields": ("visits",)}),
    )
    queue_fieldsets = (
        (None, {"fields": ("mode", "dataset_ids", "taxon_ids", "pages", "dry_run", "yes")}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_queue(request.user)

    def has_queue_permission(self, request: HttpRequest) -> bool:
        return may_queue(request.user)

    def get_fieldsets(self, request: HttpRequest, obj: RefreshRun | None = None) -> Any:
        return self.fieldsets if obj else self.queue_fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: RefreshRun | None = None) -> list[str]:
        return fields_of(self.fieldsets) if obj else []

    def get_form(
        self,
        request: HttpRequest,
        obj: RefreshRun | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> type[forms.ModelForm]:
        return QueueForm if obj is None else super().get_form(request, obj, change, **kwargs)

    def save_model(
        self, request: HttpRequest, obj: RefreshRun, form: QueueForm, change: bool
    ) -> None:
        if change:  # runs are facts
            raise PermissionDenied
        obj.pk = queue_run(form.chosen, str(request.user)).pk
        obj.refresh_from_db()
        record(Action.REFRESH_QUEUED, request=request, target=f"run:{obj.pk}", options=obj.options)

    def response_add(
        self, request: HttpRequest, obj: RefreshRun, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Redirect to the run's page, where its progress is shown."""
        self.message_user(
            request, f"Refresh {obj.pk} is queued. It starts within five minutes.", messages.SUCCESS
        )
        return redirect("admin:species_refreshrun_change", obj.pk)

    def get_urls(self) -> list[URLPattern]:
        progress = self.admin_site.admin_view(self.progress_view)
        return [
            path("<int:pk>/progress/", progress, name="species_refreshrun_progress"),
            *super().get_urls(),
        ]

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the progress of a run; its page polls this while it is running."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = get_object_or_404(RefreshRun, pk=pk)
        return render(
            request, "admin/species/refreshrun/progress.html", {"run": run, "books": books(run)}
        )

    def render_change_form(
        self, request: HttpRequest, context: dict, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if run := kwargs.get("obj"):
            context |= {"run": run, "books": books(run)}
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.action(description="Cancel queued refreshes", permissions=["queue"])
    def cancel(self, request: HttpRequest, queryset: QuerySet) -> None:
        chosen = RefreshRun.objects.queued().filter(
            pk__in=list(queryset.values_list("pk", flat=True))
        )
        cancelled = chosen.update(
            state=RunState.FAILED,
            finished_at=timezone.now(),
            error=f"Cancelled by {request.user!s} before it began.",
        )
        record(
            Action.REFRESH_CANCELLED,
            request=request,
            runs=sorted(run.pk for run in queryset),
            cancelled=cancelled,
        )
        self.message_user(request, f"Queued refreshes cancelled: {cancelled}.", messages.SUCCESS)

    @admin.display(description="run")
    def run(self, run: RefreshRun) -> str:
        return f"{run.pk}, scheduled" if run.is_scheduled else str(run.pk)

    @admin.display(description="state")
    def colour(self, run: RefreshRun) -> SafeString | str:
        label = run.get_state_display()
        return (
            format_html('<span class="portal-red">{}</span>', label)
            if run.state == RunState.FAILED
            else label
        )

    @admin.display(description="took")
    def took(self, run: RefreshRun) -> str:
        return "" if run.seconds is None else f"{run.seconds / 60:,.1f} min"

    @admin.display(description="error")
    def short_error(self, run: RefreshRun) -> SafeString | str:
        return (
            format_html('<span class="portal-red">{}</span>', run.error[:120]) if run.error else ""
        )

    @admin.display(description="options")
    def asked(self, run: RefreshRun) -> SafeString | str:
        return as_text(run.options)

    @admin.display(description="notes")
    def said(self, run: RefreshRun) -> SafeString | str:
        return sentences(run.notes)

    @admin.display(description="by reason")
    def by_reason(self, run: RefreshRun) -> SafeString | str:
        largest = sorted(run.totals["reasons"].items(), key=lambda item: -item[1])
        return sentences([f"{reason.replace('_', ' ')}: {n:,}" for reason, n in largest])

    @admin.display(description="rejected records")
    def rejected_list(self, run: RefreshRun) -> SafeString | str:
        return (
            link_to_list(RejectedRecord, "View records", last_run__id__exact=run.pk)
            if run.rejected
            else "-"
        )

    @admin.display(description="totals by dataset")
    def visits(self, run: RefreshRun) -> SafeString | str:
        return sentences(
            [
                f"{visit.dataset.title[:90]}: {visit.fetched:,} fetched, {visit.added:,} added,"
                f" {visit.changed:,} changed, {visit.withdrawn:,} withdrawn, {visit.rejected:,} rejected;"
                f" {visit.outcome or 'not finished'}"
                for visit in run.visits.select_related("dataset").order_by("-fetched")[:100]
            ]
        )


def books(run: RefreshRun) -> list[tuple[str, int, int]]:
    """Return (name, total, part of an earlier run) of each count, in order."""
    totals, earlier = run.totals, run.earlier_counts
    return [(name, totals[name], earlier.get(name, 0)) for name in RefreshRun.COUNTED]
