"""The pages that list a selection: the map with its list beside it, and the list alone."""

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
FORM = "filter-form"  # the filter's form, in HX-Trigger
PANEL = "map-panel"  # what the panel over the map says it is, in HX-Target
YEARS_SHOWN = 10  # of the preset


@dataclass(frozen=True, slots=True)
class Preset:
    """A question with a name of its own."""

    title: Any
    query: str
    is_active: bool


@gzip_page
@vary_on_headers("HX-Request", "HX-Target")
@require_safe
def observation_map(request: HtmxRequest) -> HttpResponse:
    """The map of the selection with its list beside it."""
    return answer(request, "species/observation_map.html", sea_names=sea_names(), has_map=True)


@gzip_page
@vary_on_headers("HX-Request", "HX-Target")
@require_safe
def observation_list(request: HtmxRequest) -> HttpResponse:
    """The list of the selection, with everything that the map says and no JavaScript."""
    return answer(request, "species/observation_list.html")


def answer(request: HtmxRequest, template: str, **also: Any) -> HttpResponse:
    """The page, or for htmx its results alone; a question that makes no sense is a 400 that says
    why.
    """
    in_panel = request.htmx.target == PANEL
    context: dict[str, Any] = {
        "form": FilterForm.as_typed(request.GET),
        "in_panel": in_panel,
        **also,
    }
    # What somebody is typing stays; a link that changes the question brings the form that goes with
    # it.
    context["renews_form"] = request.htmx and not in_panel and request.htmx.trigger != FORM
    status = 200
    try:
        query = ObservationFilter.from_query(request.GET)
        plan = plan_query(query)
        context |= results(request, plan)
        context["canonical"] = canonical(request, query)
        context["form"] = FilterForm(query.canonical)
        if also.get("has_map") and not request.htmx and "map" not in request.GET:
            context["extent"] = plan.extent()
    except InvalidQuery as question:
        context["errors"] = [
            f"{LABELS.get(name, name)}: {reason}" for name, reason in question.errors.items()
        ]
        context["form"].refuse(question.errors)
        context["similar"] = names_like(request.GET) if set(question.errors) == {"taxon"} else []
        status = 400
    except TookTooLong as refusal:
        context["errors"] = [refusal.reason]
        status = 503
    part = "species/observation_list.html#results" if request.htmx else template
    return render(request, part, context, status=status)


def names_like(asked: QueryDict) -> list[dict[str, str]]:
    """Return taxa with names like the one asked for, each with the query string that asks for it
    instead.
    """
    try:
        found = suggestions(asked.get("taxon", "")).similar
    except ValueError:
        return []
    beside = kept(asked.urlencode())
    return [{"name": taxon.name, "query": f"{beside}taxon={taxon.aphia_id}"} for taxon in found]


def canonical(request: HtmxRequest, selection: ObservationFilter) -> str:
    """Return the page's address without the map's view: one for equal questions, however they are
    written.
    """
    after = {"after": cursor} if (cursor := request.GET.get("after")) else {}
    query = selection.query_string(**after)
    return request.build_absolute_uri(f"{request.path}?{query}" if query else request.path)


def results(request: HtmxRequest, plan: QueryPlan) -> dict[str, Any]:
    """Return the context of a page of results: its records, their number, and the filters in words."""
    query = plan.query
    page = plan.page(request.GET.get("after"), PAGE_SIZE)
    name_for_visitor(request, page.rows)
    count = plan.count()
    is_empty = count.is_exact and not count.number
    return {
        "selection": query,
        "page": page,
        "count": count,
        "is_empty": is_empty,  # which a search among the newest records may not know
        "ways_out": ways_out(query) if is_empty else [],
        "chips": chips(query),
        "presets": presets(query, timezone.localdate()),
        "synonyms": [taxon for taxon in query.taxa if taxon.via] if query.taxon else [],
        "is_first_page": "after" not in request.GET,
        "not_drawn": plan.not_drawn(),
        "version": cache_version(),
        "compared": compared(request.GET),
    }


def presets(selection: ObservationFilter, today: date) -> list[Preset]:
    """Questions that are one tap away, the active one marked; links stay equal for a month."""
    recent = ObservationFilter(
        evidence=(Evidence.SEEN,),
        date_from=date(today.year - YEARS_SHOWN, today.month, 1),
        not_flag=("ON_LAND",),
    )
    named = (
        (_("All records"), ObservationFilter()),
        (_("Recent sightings"), recent),
    )
    return [
        Preset(title, question.query_string(), question == selection) for title, question in named
    ]
