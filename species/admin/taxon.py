"""Taxa in the admin: facts from WoRMS, and the preferred common names that editors set."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from species.models import CuratedObservation, Taxon, VernacularName
from species.refresh.taxonomy.taxon_moves import rename_taxon
from species.taxon_names.identifiers import MAX_APHIA_ID, parse_aphia_id
from species.taxon_names.lookup import find_taxa_named
from users.admin.base import FactAdmin, fields_of, link_to, link_to_list, outside

RENAMED_AT_ONCE = 20_000  # observations; more are left to the queue runner
MOST_NAMES = 1_000


class PreferredForm(forms.ModelForm):
    """The flag of one name; the formset validates all names together."""

    def validate_constraints(self) -> None:
        """Skip them: while saving, two names of a language may be preferred."""


class PreferredFormSet(forms.BaseInlineFormSet):
    def clean(self) -> None:
        super().clean()
        seen: set[str] = set()
        for form in self.forms:
            if form.cleaned_data.get("is_preferred"):
                if form.instance.language in seen:
                    raise forms.ValidationError(
                        f"Choose only one preferred name in {form.instance.language}."
                    )
                seen.add(form.instance.language)

    def save(self, commit: bool = True) -> Any:
        """Save names that are no longer preferred first; the database allows one per language."""
        chosen = [form.instance.pk for form in self.forms if form.cleaned_data.get("is_preferred")]
        VernacularName.objects.filter(taxon=self.instance, is_preferred=True).exclude(
            pk__in=chosen
        ).update(is_preferred=False)
        return super().save(commit)


class VernacularInline(admin.TabularInline):
    model = VernacularName
    form, formset = PreferredForm, PreferredFormSet
    fields = ("language", "name", "record_count", "is_preferred")
    readonly_fields = ("language", "name", "record_count")
    ordering = ("language", "-record_count", "name")
    extra, max_num, can_delete = 0, MOST_NAMES, False
    verbose_name_plural = "common names (visitors see the preferred name of each language)"

    def has_add_permission(self, request: HttpRequest, obj: Taxon | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Taxon | None = None) -> bool:
        return request.user.has_perm("species.change_vernacularname")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("taxon")


@admin.register(Taxon)
class TaxonAdmin(FactAdmin):
    inlines = [VernacularInline]
    list_display = ("scientific_name", "aphia_id", "rank", "status", "family", "observation_count")
    ordering = ("-observation_count", "aphia_id")
    sortable_by = ()
    search_fields = ("scientific_name",)
    search_help_text = "An AphiaID, the start of a scientific name, or a full common name"
    fieldsets = (
        (
            None,
            {"fields": ("scientific_name", "authorship", "aphia_id", "rank", "status", "worms")},
        ),
        (
            "Classification",
            {"fields": ("lineage", "parent_link", "accepted_link", "path", "unaccept_reason")},
        ),
        (
            "Habitat",
            {
                "fields": (
                    "is_marine",
                    "is_brackish",
                    "is_freshwater",
                    "is_terrestrial",
                    "is_extinct",
                )
            },
        ),
        (
            "In this portal",
            {"fields": ("observation_count", "observations", "iucn_category", "credits_algaebase")},
        ),
        (
            "checked in WoRMS",
            {"fields": ("worms_asked_at", "worms_found", "worms_modified", "vernaculars_asked_at")},
        ),
    )

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Allow editors to open a taxon, whose own fields are read-only."""
        return request.user.has_perm("species.change_vernacularname")

    def has_view_permission(self, request: HttpRequest, obj: Taxon | None = None) -> bool:
        return request.user.has_perm("species.view_taxon") or self.has_change_permission(
            request, obj
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Taxon | None = None) -> list[str]:
        return fields_of(self.fieldsets)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        term = search_term.strip().replace("\x00", "")
        if not term:
            return queryset, False
        if (number := parse_aphia_id(term)) is not None:
            return queryset.filter(pk=number) if number <= MAX_APHIA_ID else queryset.none(), False
        if meant := find_taxa_named(term):
            called = Q(pk__in=[taxon.pk for taxon in meant]) | Q(scientific_name__istartswith=term)
            return queryset.filter(called), False
        beginning = Taxon.objects.called(Q(scientific_name__istartswith=term), Q(name__iexact=term))
        return queryset.filter(pk__in=beginning), False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Copy a new preferred name to the observations; the queue runner does very common taxa."""
        super().save_related(request, form, formsets, change)
        taxon = form.instance
        if not any(formset.has_changed() for formset in formsets):
            return
        if taxon.observation_count <= RENAMED_AT_ONCE:
            rename_taxon(taxon.pk)
            return
        Taxon.objects.filter(pk=taxon.pk).update(vernaculars_asked_at=None)
        self.message_user(
            request,
            f"The queue runner gives the name to {taxon.observation_count:,} observations, after asking WoRMS again.",
            messages.INFO,
        )

    @admin.display(description="classification")
    def lineage(self, taxon: Taxon) -> SafeString | str:
        above = Taxon.objects.in_bulk(taxon.ancestor_ids)
        links = [link_to(above[pk]) for pk in taxon.ancestor_ids if pk in above]
        return format_html_join(" / ", "{}", ((link,) for link in links)) or "-"

    @admin.display(description="parent")
    def parent_link(self, taxon: Taxon) -> SafeString | str:
        return link_to(taxon.parent)

    @admin.display(description="accepted as")
    def accepted_link(self, taxon: Taxon) -> SafeString | str:
        return link_to(taxon.accepted)

    @admin.display(description="WoRMS")
    def worms(self, taxon: Taxon) -> SafeString | str:
        return outside(taxon.worms_url)

    @admin.display(description="observations")
    def observations(self, taxon: Taxon) -> SafeString:
        return link_to_list(CuratedObservation, "View records", taxon__aphia_id__exact=taxon.pk)
