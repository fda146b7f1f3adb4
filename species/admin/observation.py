"""Observations in the admin: facts, map, record as received, and history."""

from typing import Any
from uuid import UUID

from csp.constants import NONCE
from csp.decorators import csp_update
from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString
from leaflet.admin import LeafletAdminWidget

from species.admin.rejected import unpack_text
from species.models import CuratedObservation, RecordAsReceived
from species.rules import OBIS_FLAGS, RULES
from species.taxon_names.identifiers import MAX_APHIA_ID, parse_aphia_id
from species.taxon_names.lookup import find_taxa_named
from species.terms import Finding, ObisFlag
from users.admin.base import FactAdmin, as_text, fields_of, link_to, sentences

MAP_SCRIPT: Any = forms.widgets.Script("js/admin-map.js", type="module")
MOST_CHANGES = 50
FINDINGS = {rule.finding: rule.statement for rule in RULES if rule.finding is not None}
NO_TILES: dict[str, Any] = {
    "TILES": [],
    "ATTRIBUTION_PREFIX": "Land: Natural Earth",
    "RESET_VIEW": False,
}


class PlaceWidget(LeafletAdminWidget):
    """A read-only map of django-leaflet with the portal's own basemap."""

    geom_type = "POINT"
    modifiable = False
    settings_overrides = NO_TILES

    @property
    def media(self) -> forms.Media:
        ours = forms.Media(css={"screen": ["css/admin.css"]}, js=[MAP_SCRIPT])
        return super().media + ours


@admin.register(CuratedObservation)
class ObservationAdmin(FactAdmin):
    change_form_template = "admin/species/curatedobservation/change_form.html"
    list_display = (
        "species_name",
        "event_date",
        "dataset",
        "occurrence_status",
        "withdrawn_at",
        "key",
    )
    list_select_related = ("dataset",)
    ordering = ("-pk",)
    sortable_by = ()
    search_fields = ("key",)
    search_help_text = "A record key, an AphiaID, or a full scientific or common name"
    fieldsets = (
        (None, {"fields": ("key", "species_name", "common_name", "taxon_link", "name_as_published",
                           "aphia_id_as_published", "dataset_link", "source", "occurrence_id", "obis_id")}),
        ("When", {"fields": ("event_date", "date_start", "date_end", "date_precision")}),
        ("Where", {"fields": ("longitude", "latitude", "coordinate_uncertainty_in_meters", "locality", "footprint_wkt",
                              "minimum_depth_in_meters", "maximum_depth_in_meters", "data_generalizations",
                              "information_withheld")}),
        ("What", {"fields": ("occurrence_status", "basis_of_record", "evidence", "individual_count", "sex",
                             "life_stage", "recorded_by")}),
        ("Licence", {"fields": ("license", "record_license", "license_as_given", "record_license_uri")}),
        ("Environment (modelled)", {"fields": ("bathymetry", "shore_distance", "sst", "sss")}),
        ("Quality", {"fields": ("flags_in_words", "findings_in_words", "given")}),
        ("In this portal", {"fields": ("first_seen", "last_changed", "withdrawn_at", "withdrawal_reason", "scope",
                                       "content_hash")}),
        ("History with old values (staff only)", {"fields": ("history",)}),
        ("As received from OBIS", {"fields": ("received_text",)}),
    )  # fmt: skip

    def get_readonly_fields(
        self, request: HttpRequest, obj: CuratedObservation | None = None
    ) -> list[str]:
        return fields_of(self.fieldsets)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Allow lookups that have an index."""
        return lookup in {"dataset__id__exact", "taxon__aphia_id__exact"}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        term = search_term.strip().replace("\x00", "")
        if not term:
            return queryset, False
        if (number := parse_aphia_id(term)) is not None and number <= MAX_APHIA_ID:
            return queryset.filter(taxon_id=number), False
        try:
            return queryset.filter(key=UUID(term)), False
        except ValueError:
            return queryset.filter(
                taxon_id__in=[taxon.pk for taxon in find_taxa_named(term)]
            ), False

    @method_decorator(csp_update({"script-src": [NONCE]}))
    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict | None = None,
    ) -> HttpResponse:
        """Allow the map widget's inline script, by a nonce, on this page only."""
        return super().change_view(request, object_id, form_url, extra_context)

    def render_change_form(
        self, request: HttpRequest, context: dict, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        widget = PlaceWidget()
        widget.csp_nonce = str(getattr(request, "csp_nonce", ""))  # put there by CSPMiddleware
        place = kwargs["obj"].location
        context |= {
            "map": widget.render("place", place, {"id": "place"}),
            "media": context["media"] + widget.media,
        }
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="taxon")
    def taxon_link(self, row: CuratedObservation) -> SafeString | str:
        return link_to(row.taxon)

    @admin.display(description="dataset")
    def dataset_link(self, row: CuratedObservation) -> SafeString | str:
        return link_to(row.dataset)

    @admin.display(description="longitude")
    def longitude(self, row: CuratedObservation) -> str:
        return str(row.location.x)

    @admin.display(description="latitude")
    def latitude(self, row: CuratedObservation) -> str:
        return str(row.location.y)

    @admin.display(description="OBIS flags")
    def flags_in_words(self, row: CuratedObservation) -> SafeString | str:
        return sentences(
            [
                f"{flag.name}: {OBIS_FLAGS.get(flag, '')}"
                for flag in ObisFlag
                if row.obis_flags & flag
            ]
        )

    @admin.display(description="portal flags")
    def findings_in_words(self, row: CuratedObservation) -> SafeString | str:
        return sentences(
            [FINDINGS.get(flag, str(flag.name)) for flag in Finding if row.findings & flag]
        )

    @admin.display(description="original values")
    def given(self, row: CuratedObservation) -> SafeString | str:
        return as_text(row.as_given)

    @admin.display(description="history")
    def history(self, row: CuratedObservation) -> SafeString | str:
        changes = row.changes.order_by("-pk")[:MOST_CHANGES]
        return as_text(
            [
                {
                    "at": change.at,
                    "what": change.kind,
                    "run": change.run_id,
                    "before": change.old_values,
                }
                for change in changes
            ]
        )

    @admin.display(description="record")
    def received_text(self, row: CuratedObservation) -> SafeString | str:
        received = RecordAsReceived.objects.filter(observation=row).first()
        return (
            unpack_text(received.payload)
            if received
            else "Not stored (KEEP_RECORDS_AS_RECEIVED is off)."
        )
