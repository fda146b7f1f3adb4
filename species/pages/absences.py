"""The list of absences: surveys that did not find a taxon. They are not shown elsewhere."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from config.http.unavailable import TookTooLong
from species.errors import InvalidQuery
from species.filters import ObservationFilter
from species.models import CuratedObservation
from species.pages.conditions import LABELS
from species.pages.explore import PAGE_SIZE
from species.pages.htmx import HtmxRequest

COUNT_UP_TO = 100_000


@require_safe
def absence_list(request: HtmxRequest) -> HttpResponse:
    """List the absences that match the filters."""
    context: dict[str, Any] = {}
    status = 200
    try:
        selection = ObservationFilter.from_query(request.GET)
        rows = selection.apply(CuratedObservation.objects.absences())
        page = rows.select_related("dataset", "taxon").page(
            after=request.GET.get("after"), size=PAGE_SIZE
        )
        context = {"selection": selection, "page": page, "count": rows.count_up_to(COUNT_UP_TO)}
    except InvalidQuery as question:
        context["errors"] = [
            f"{LABELS.get(name, name)}: {reason}" for name, reason in question.errors.items()
        ]
        status = 400
    except TookTooLong as refusal:
        context["errors"] = [refusal.reason]
        status = 503
    return render(request, "species/absence_list.html", context, status=status)
