"""Datasets in the admin: origin, freshness, and states that wait for a decision."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from species.admin.run import is_queued, may_queue
from species.models import CuratedObservation, Dataset, DatasetVisit, RejectedRecord
from species.refresh.options import Options
from species.refresh.run_state import queue_run
from users.admin.base import FactAdmin, fields_of, link_to, link_to_list, outside, sentences
from users.audit import Action, record

LATEST_VISITS = 10


class AttentionFilter(admin.SimpleListFilter):
    """Datasets that need attention."""

    title, parameter_name = "attention", "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("held-back", "Held back"),
            ("missing", "Missing at OBIS"),
            ("unpublished", "Unpublished"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return {
            "held-back": queryset.exclude(held_back=""),
            "missing": queryset.filter(missing_since__isnull=False),
            "unpublished": queryset.filter(unpublished_at__isnull=False),
        }.get(self.value() or "", queryset)


@admin.register(Dataset)
class DatasetAdmin(FactAdmin):
    change_form_template = "admin/species/dataset/change_form.html"
    list_display = (
        "short_title",
        "license",
        "published_count",
        "rejected_count",
        "refreshed_at",
        "attention",
    )
    list_filter = (AttentionFilter, "source", "license")
    ordering = ("-published_count", "pk")
    search_fields = ("title", "uuid")
    search_help_text = "Part of a title, or an OBIS dataset ID"
    fieldsets = (
        (None, {"fields": ("title", "uuid", "source", "citation", "link", "archive", "obis", "node")}),
        ("Licence", {"fields": ("license", "license_as_given", "license_uri")}),
        ("Freshness", {"fields": ("updated", "refreshed_at", "refreshed_state", "held_back", "missing_since",
                                  "unpublished_at", "first_listed_at")}),
        ("Records", {"fields": ("announced_count", "published_count", "absent_count", "withdrawn_count",
                                "rejected_count", "lists", "latest_visits")}),
    )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Dataset | None = None) -> list[str]:
        return fields_of(self.fieldsets)

    def get_urls(self) -> list[URLPattern]:
        accept = self.admin_site.admin_view(self.accept_view)
        return [
            path("<int:pk>/accept/", accept, name="species_dataset_accept"),
            *super().get_urls(),
        ]

    def accept_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Queue the run that publishes a state held back by the safety threshold."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not may_queue(request.user):
            raise PermissionDenied
        dataset = get_object_or_404(Dataset, pk=pk)
        options = Options.from_dict({"accept": str(dataset.uuid)})
        if not dataset.held_back:
            self.message_user(request, "This dataset has no update on hold.", messages.WARNING)
        elif is_queued(accept=options.accept):
            self.message_user(request, "This is already queued.", messages.WARNING)
        else:
            run = queue_run(options, str(request.user))
            record(
                Action.WITHDRAWALS_ACCEPTED,
                request=request,
                target=f"dataset:{dataset.uuid}",
                run=run.pk,
            )
            self.log_change(
                request, dataset, f"Refresh {run.pk} is queued. It will publish the update on hold."
            )
            self.message_user(
                request,
                format_html("{} will publish the update on hold.", link_to(run)),
                messages.SUCCESS,
            )
        return HttpResponseRedirect(reverse("admin:species_dataset_change", args=[pk]))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict | None = None,
    ) -> HttpResponse:
        context = (extra_context or {}) | {"may_queue": may_queue(request.user)}
        return super().change_view(request, object_id, form_url, context)

    @admin.display(description="title", ordering="title")
    def short_title(self, dataset: Dataset) -> str:
        return dataset.title if len(dataset.title) <= 90 else f"{dataset.title[:90]} ..."

    @admin.display(description="attention")
    def attention(self, dataset: Dataset) -> SafeString | str:
        words = ""
        if dataset.held_back:
            words = f"On hold: {dataset.held_back}"
        elif dataset.unpublished_at or dataset.missing_since:
            words = "Unpublished" if dataset.unpublished_at else "Missing at OBIS"
        return format_html('<span class="portal-red">{}</span>', words) if words else ""

    @admin.display(description="link")
    def link(self, dataset: Dataset) -> SafeString | str:
        return outside(dataset.url)

    @admin.display(description="archive")
    def archive(self, dataset: Dataset) -> SafeString | str:
        return outside(dataset.archive_url)

    @admin.display(description="OBIS")
    def obis(self, dataset: Dataset) -> SafeString | str:
        return outside(dataset.obis_url)

    @admin.display(description="lists")
    def lists(self, dataset: Dataset) -> SafeString:
        observations = link_to_list(
            CuratedObservation, "Observations", dataset__id__exact=dataset.pk
        )
        rejected = link_to_list(RejectedRecord, "rejected records", dataset__id__exact=dataset.pk)
        return format_html("{}, {}", observations, rejected)

    @admin.display(description="latest runs")
    def latest_visits(self, dataset: Dataset) -> SafeString | str:
        visits = (
            DatasetVisit.objects.filter(dataset=dataset)
            .select_related("run")
            .order_by("-run_id")[:LATEST_VISITS]
        )
        return sentences(
            format_html(
                "{}: {} fetched, {} added, {} changed, {} withdrawn, {} rejected ({})",
                link_to(visit.run), visit.fetched, visit.added, visit.changed, visit.withdrawn, visit.rejected,
                visit.outcome or "not finished",
            )
            for visit in visits
        )  # fmt: skip
