"""Pages of an observation: details, a card for the map, and a note if it was withdrawn."""

import re
from uuid import UUID

import numpy as np
import shapely
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from species.masking import mask
from species.models import CuratedObservation
from species.pages import words
from species.pages.htmx import HtmxRequest
from species.pages.vernaculars import name_for_visitor

HISTORY_SHOWN = 50
LONGEST_FOOTPRINT = 50_000  # characters of WKT that a page draws
# GEOS also reads curves, which GeoJSON does not know, and collections, in which it calls itself at
# each bracket.
DRAWN = re.compile(r"\s*(MULTI)?(POINT|LINESTRING|POLYGON)\b", re.IGNORECASE)


def find(key: UUID) -> CuratedObservation:
    """Return the observation, published or withdrawn. Raises Http404."""
    observation = CuratedObservation.objects.at_address(key)
    if observation is None:
        raise Http404("Record not found.")
    return observation


def gone(request: HtmxRequest, observation: CuratedObservation) -> HttpResponse:
    """Return 410 with dataset, date and reason of a withdrawn record."""
    context = {
        "dataset": mask(observation.dataset.title),
        "withdrawn_at": observation.withdrawn_at,
        "reason": words.reason(observation.withdrawal_reason),
    }
    return render(request, "410.html" + ("#facts" if request.htmx else ""), context, status=410)


@require_safe
def observation_detail(request: HtmxRequest, key: UUID) -> HttpResponse:
    """Show a record with all values as given and as understood."""
    observation = find(key)
    if observation.withdrawn_at:
        return gone(request, observation)
    name_for_visitor(request, [observation])
    changes = observation.changes.order_by("-at", "-pk")[:HISTORY_SHOWN]
    context = {
        "observation": observation,
        "canonical": request.build_absolute_uri(
            reverse("species:observation-detail", args=[observation.key])
        ),
        "footprint": footprint(observation.footprint_wkt),
        "flags": list(words.flags(observation)),
        "as_given": words.as_given(observation),
        "history": [(change, words.changed_fields(change)) for change in changes],
        "today": timezone.now(),
    }
    return render(request, "species/observation_detail.html", context)


@require_safe
def observation_card(request: HtmxRequest, key: UUID) -> HttpResponse:
    """Show a summary of the record in the panel over the map."""
    observation = find(key)
    if observation.withdrawn_at:
        return gone(request, observation)
    name_for_visitor(request, [observation])
    context = {"observation": observation, "footprint": footprint(observation.footprint_wkt)}
    return render(request, "species/observation_card.html", context)


def footprint(wkt: str) -> str:
    """Return the record's footprint as GeoJSON, "" for points and invalid or infinite shapes."""
    if not DRAWN.match(wkt) or len(wkt) > LONGEST_FOOTPRINT:
        return ""
    try:
        geometry = shapely.force_2d(shapely.from_wkt(wkt))
    except (shapely.errors.GEOSException, NotImplementedError, UnicodeEncodeError):
        return ""
    has_place = not geometry.is_empty and np.isfinite(shapely.get_coordinates(geometry)).all()
    return shapely.to_geojson(geometry) if has_place and geometry.geom_type != "Point" else ""
