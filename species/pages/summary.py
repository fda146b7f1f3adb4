"""The figures of a query or of a map view, below the map and as a page of their own."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from config.http.unavailable import TookTooLong
from species.atlas.planner import plan_query
from species.atlas.results import Histogram
from species.errors import InvalidQuery
from species.filters import ObservationFilter
from species.pages import charts
from species.pages.conditions import ways_out
from species.pages.htmx import HtmxRequest
from species.parsing.numbers import format_number
from species.parsing.places import parse_bbox
from species.ranges import Bbox

DATES, SEASONS = ("from", "to", "dateMatch"), ("months", "depth", "depthMatch")
VIEW = "view"  # the part of the sea that the map shows; west,south,east,north


@gzip_page
@vary_on_headers("HX-Request", "Accept-Language")
@require_safe
def observation_summary(request: HtmxRequest) -> HttpResponse:
    """Return the page of a query's figures, or of those in a view."""
    context: dict[str, Any] = {"in_page": not request.htmx}
    status = 200
    try:
        context |= summary_context(request.GET)
    except InvalidQuery as question:
        context["errors"], status = list(question.errors.values()), 400
    except TookTooLong as refusal:
        context["errors"] = [refusal.reason]
        status = 503
    template = "species/summary.html" + ("#summary" if request.htmx else "")
    return render(request, template, context, status=status)


def summary_context(parameters: QueryDict) -> dict[str, Any]:
    """Return the context of the template.

    Years outside the filter's are counted too, and so are other months and depths: a choice can be
    widened in the chart in which it was made.
    """
    query = ObservationFilter.from_query(parameters, also={VIEW})
    view = view_of(parameters)
    summary = plan_query(query).summary(view)
    of_all_years = histogram_without(query, DATES, view) or summary
    of_all_seasons = histogram_without(query, SEASONS, view) or summary
    is_empty = summary.is_exact and not summary.count.number
    return {
        "selection": query,
        "view": view,
        "summary": summary,
        "is_empty": is_empty,
        "ways_out": ways_out(query) if is_empty and not view else [],
        "histogram": charts.histogram(of_all_years.years, query),
        "season": charts.season(of_all_seasons.matrix, query),
        "cells": [
            (cell, ",".join(map(format_number, cell.bbox))) for cell in summary.densest_cells
        ],
    }


def histogram_without(
    query: ObservationFilter, names: tuple[str, ...], view: Bbox | None
) -> Histogram | None:
    """Return the histogram without some filters; None where the query has none of them."""
    rest = query.without(*names)
    return None if rest == query else plan_query(rest).histogram(view)


def view_of(parameters: QueryDict) -> Bbox | None:
    """Return the box of the `view` parameter. Raises InvalidQuery."""
    try:
        return parse_bbox(parameters.getlist(VIEW))
    except ValueError as error:
        raise InvalidQuery({VIEW: str(error)}) from None
