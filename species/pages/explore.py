"""The pages of a query's results: the map with its list beside it, and the list alone."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from config.http.unavailable import TookTooLong
from species.atlas.planner import QueryPlan, plan_query
from species.caching import cache_version
from species.errors import InvalidQuery
from species.filters import ObservationFilter
from species.pages.comparison import compared
from species.pages.conditions import LABELS, chips, ways_out
from species.pages.forms import FilterForm
from species.pages.htmx import HtmxRequest
from species.pages.seas import sea_names
from species.pages.suggest import kept
from species.pages.vernaculars import name_for_visitor
from species.suggestions import suggestions
from species.terms import Evidence

PAGE_SIZE = 25
FORM = "filter-form"  # in HX-Trigger
PANEL = "map-panel"  # the panel over the map, in HX-Target
YEARS_SHOWN = 10  # of the preset


@dataclass(frozen=True, slots=True)
class Preset:
    """A query with a name."""

    title: Any
    query: str
    is_active: bool


@gzip_page
@vary_on_headers("HX-Request", "HX-Target")
@require_safe
def observation_map(request: HtmxRequest) -> HttpResponse:
    """Return the map of a query, with its list beside it."""
    template = "species/observation_map.html"
    return render_results(request, template, sea_names=sea_names(), has_map=True)


@gzip_page
@vary_on_headers("HX-Request", "HX-Target")
@require_safe
def observation_list(request: HtmxRequest) -> HttpResponse:
    """Return the list of a query, with all the information of the map and no JavaScript."""
    return render_results(request, "species/observation_list.html")


def render_results(request: HtmxRequest, template: str, **extra: Any) -> HttpResponse:
    """Return a page of results; for htmx, the results alone.

    An invalid query is a 400 with the reasons, one that takes too long a 503.
    """
    in_panel = request.htmx.target == PANEL
    context: dict[str, Any] = {
        "form": FilterForm.as_typed(request.GET),
        "in_panel": in_panel,
        # A link that changes the query replaces the form; what a visitor is typing stays.
        "renews_form": request.htmx and not in_panel and request.htmx.trigger != FORM,
        **extra,
    }
    status = 200
    try:
        plan = plan_query(ObservationFilter.from_query(request.GET))
        context |= results_of(plan, request.GET.get("after"))
        if extra.get("has_map") and not request.htmx and "map" not in request.GET:
            context["extent"] = plan.extent()
        name_for_visitor(request, context["page"].rows)
        context |= about_query(request, plan.query, is_empty=context["is_empty"])
    except InvalidQuery as error:
        context["errors"] = [
            f"{LABELS.get(name, name)}: {reason}" for name, reason in error.errors.items()
        ]
        context["form"].refuse(error.errors)
        context["similar"] = similar_names(request.GET) if set(error.errors) == {"taxon"} else []
        status = 400
    except TookTooLong as refusal:
        context["errors"] = [refusal.reason]
        status = 503
    part = "species/observation_list.html#results" if request.htmx else template
    return render(request, part, context, status=status)


def results_of(plan: QueryPlan, after: str | None) -> dict[str, Any]:
    """Return a page of the records, and their number."""
    page, count = plan.page(after, PAGE_SIZE), plan.count()
    is_empty = count.is_exact and not count.number
    return {
        "page": page,
        "count": count,
        "is_empty": is_empty,  # a search of the newest records may not know
        "not_drawn": plan.not_drawn(),
        "is_first_page": after is None,
        "version": cache_version(),
    }


def about_query(
    request: HtmxRequest, query: ObservationFilter, *, is_empty: bool
) -> dict[str, Any]:
    """Return the query as the page shows it: its address, its form, and its filters in words.

    Where nothing matches, also the filters whose removal would help.
    """
    return {
        "selection": query,
        "canonical": canonical_address(request, query),
        "form": FilterForm(query.canonical),
        "chips": chips(query),
        "ways_out": ways_out(query) if is_empty else [],
        "presets": presets(query, timezone.localdate()),
        "synonyms": [taxon for taxon in query.taxa if taxon.via] if query.taxon else [],
        "compared": compared(request.GET),
    }


def similar_names(parameters: QueryDict) -> list[dict[str, str]]:
    """Return taxa with names like an unknown one, each with the query string to use instead."""
    try:
        found = suggestions(parameters.get("taxon", "")).similar
    except ValueError:
        return []
    beside = kept(parameters.urlencode())
    return [{"name": taxon.name, "query": f"{beside}taxon={taxon.aphia_id}"} for taxon in found]


def canonical_address(request: HtmxRequest, query: ObservationFilter) -> str:
    """Return the page's address, the same for equal queries, without the map's view."""
    after = {"after": cursor} if (cursor := request.GET.get("after")) else {}
    text = query.query_string(**after)
    return request.build_absolute_uri(f"{request.path}?{text}" if text else request.path)


def presets(query: ObservationFilter, today: date) -> list[Preset]:
    """Return queries one tap away, the active one marked; their links change once a month."""
    recent = ObservationFilter(
        evidence=(Evidence.SEEN,),
        date_from=date(today.year - YEARS_SHOWN, today.month, 1),
        not_flag=("ON_LAND",),
    )
    named = (
        (_("All records"), ObservationFilter()),
        (_("Recent sightings"), recent),
    )
    return [Preset(title, preset.query_string(), preset == query) for title, preset in named]
