"""What is in a view or a selection, in words and tables: the space under the map, and a page
without JavaScript.
"""

from typing import Any

from django.db import OperationalError
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from psycopg2.errors import QueryCanceled

from species.atlas.planner import plan_query
from species.atlas.summaries import Summary
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
    """Counts, years, months by depths, species and datasets of a selection, or of its part in a
    view.
    """
    context: dict[str, Any] = {"in_page": not request.htmx}
    status = 200
    try:
        context |= told(request.GET)
    except InvalidQuery as question:
        context["errors"], status = list(question.errors.values()), 400
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        context["errors"] = [
            gettext("This question took too long to answer. Ask for less, or try again in a while.")
        ]
        status = 503
    template = "species/summary.html" + ("#summary" if request.htmx else "")
    return render(request, template, context, status=status)


def told(query: QueryDict) -> dict[str, Any]:
    """What the template prints. Years outside the asked ones are counted too, as are other months
    and depths, so that a choice can be widened where it was made.
    """
    selection = ObservationFilter.from_query(query, also={VIEW})
    view = view_of(query)
    whole = plan_query(selection).summary(view)
    is_empty = whole.is_exact and not whole.count.number
    return {
        "selection": selection,
        "view": view,
        "summary": whole,
        "is_empty": is_empty,
        "ways_out": ways_out(selection) if is_empty and not view else [],
        "histogram": charts.histogram(apart(selection, view, whole, DATES).years, selection),
        "season": charts.season(apart(selection, view, whole, SEASONS).matrix, selection),
        "cells": [(cell, ",".join(map(format_number, cell.bbox))) for cell in whole.densest_cells],
    }


def view_of(query: QueryDict) -> Bbox | None:
    try:
        return parse_bbox(query.getlist(VIEW))
    except ValueError as error:
        raise InvalidQuery({VIEW: str(error)}) from None


def apart(
    selection: ObservationFilter, view: Bbox | None, whole: Summary, names: tuple[str, ...]
) -> Summary:
    """The summary without some conditions; the same one where none of them is asked for."""
    rest = selection.without(*names)
    return whole if rest == selection else plan_query(rest).summary(view)
