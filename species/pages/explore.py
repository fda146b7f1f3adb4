"""The pages that list a selection: the map with its list beside it, and the list alone."""

from dataclasses import dataclass
from typing import Any

from django.db import OperationalError
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from psycopg2.errors import QueryCanceled

from species.atlas.tile import not_drawable
from species.filters import BadQuestion, ObservationFilter
from species.models import CuratedObservation, Dataset, DataVersion
from species.models.observation_queries import BoundedCount, ObservationQuerySet
from species.pages.forms import FilterForm
from species.pages.htmx import HtmxRequest

PAGE_SIZE = 25
COUNT_UP_TO = 100_000
PANEL = "map-panel"  # what the panel over the map says it is, in HX-Target
LABELS = {
    "taxon": "Taxon",
    "q": "Name contains",
    "bbox": "Area",
    "from": "From",
    "to": "To",
    "depth": "Depth",
    "evidence": "Evidence",
    "basis": "Basis of record",
    "dataset": "Dataset",
    "source": "Source",
    "licence": "Licence",
    "dateMatch": "Dates",
    "depthMatch": "Depth",
}
# Parameters that make one condition; the last names it.
DATES, DEPTHS = ("from", "to", "dateMatch"), ("depth", "depthMatch")
TOGETHER = {"from": DATES, "to": DATES, "depth": DEPTHS}


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition of the selection in words, and the question without it."""

    text: str
    without: str


@vary_on_headers("HX-Request", "HX-Target")
@require_safe
def observation_map(request: HtmxRequest) -> HttpResponse:
    """The map of the selection with its list beside it."""
    return answer(request, "species/observation_map.html")


@vary_on_headers("HX-Request", "HX-Target")
@require_safe
def observation_list(request: HtmxRequest) -> HttpResponse:
    """The list of the selection, with everything that the map says and no JavaScript."""
    return answer(request, "species/observation_list.html")


def answer(request: HtmxRequest, template: str) -> HttpResponse:
    """The page, or for htmx its results alone; a question that makes no sense is a 400 that says why."""
    context: dict[str, Any] = {"form": FilterForm(request.GET), "in_panel": request.htmx.target == PANEL}
    status = 200
    try:
        context |= results(request)
    except BadQuestion as question:
        context["errors"] = [f"{LABELS.get(name, name)}: {reason}" for name, reason in question.errors.items()]
        context["form"].refuse(question.errors)
        status = 400
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        context["errors"] = ["This question took too long to answer. Ask for less, or try again in a while."]
        status = 503
    part = "species/observation_list.html#results" if request.htmx else template
    return render(request, part, context, status=status)


def results(request: HtmxRequest) -> dict[str, Any]:
    """One page of the selection, its size, and what was asked, in words."""
    selection = ObservationFilter.from_query(request.GET)
    rows = CuratedObservation.objects.published().matching(selection)
    return {
        "selection": selection,
        "page": rows.select_related("dataset", "taxon").page(after=request.GET.get("after"), size=PAGE_SIZE),
        "count": count(rows, selection),
        "chips": chips(selection),
        "synonyms": [taxon for taxon in selection.taxa if taxon.via] if selection.taxon else [],
        "is_first_page": "after" not in request.GET,
        "not_drawn": not_drawable(rows).count_up_to(COUNT_UP_TO),
        "version": DataVersion.current(),
    }


def count(rows: ObservationQuerySet, selection: ObservationFilter) -> BoundedCount:
    """How many match: of everything the maintained total, else counted, up to a bound that is told."""
    if selection.is_everything:
        return BoundedCount(Dataset.objects.published_total(), is_exact=True)
    return rows.count_up_to(COUNT_UP_TO)


def chips(selection: ObservationFilter) -> list[Chip]:
    """The conditions in words, each with the question that remains when it is taken away."""
    return [
        Chip(f"{LABELS[TOGETHER.get(name, (name,))[-1]]}: {words}", without(selection, TOGETHER.get(name, (name,))))
        for name, words in selection.phrases()
    ]


def without(selection: ObservationFilter, names: tuple[str, ...]) -> str:
    kept = {name: text for name, text in selection.canonical.items() if name not in names}
    return ObservationFilter.from_query(kept).query_string()
