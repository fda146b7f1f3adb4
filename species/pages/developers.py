"""The page for developers, with calls that run against this portal."""

from typing import NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from species.models import Taxon
from species.models.grid import MAX_ZOOM

MONTHS_OF_NOTICE = 12  # between an address's last word and its end


class Call(NamedTuple):
    """A call of the API to try."""

    title: str
    about: str
    address: str


@require_safe
def developers(request: HttpRequest) -> HttpResponse:
    """Show calls with curl, Python, R and QGIS for a species in the data, and the terms of use."""
    root = request.build_absolute_uri(reverse("species:observation-map")).rstrip("/")
    species = Taxon.objects.observed().of_rank("Species").most_observed_first().first()
    query = urlencode({"taxon": species.pk}) if species else "from=2010"
    context = {
        "root": root,
        "taxon": species.scientific_name if species else "Gadus morhua",
        "query": query,
        "calls": calls(query),
        "tiles": f"{root}/tiles/observations/{{z}}/{{x}}/{{y}}.mvt",
        "max_zoom": MAX_ZOOM,
        "limits": {name: quota for name, (quota, _seconds) in settings.THROTTLES.items()},
        "export_bound": settings.EXPORT_BOUND,
        "months_of_notice": MONTHS_OF_NOTICE,
    }
    return render(request, "species/developers.html", context)


def calls(query: str) -> list[Call]:
    """Return the calls, from a count to a file; the last one shows an error."""
    observations = reverse("api:observation-list")
    two = f"{observations}?{query}&limit=2"
    return [
        Call(_("Count"), _("Count records."), f"{observations}count/?{query}"),
        Call(
            _("Records"),
            _("GeoJSON with Darwin Core terms, page by page."),
            f"{observations}?{query}&limit=2",
        ),
        Call(
            _("CSV"),
            _("The same records as a table, with a citation in each row."),
            f"{two}&format=csv",
        ),
        Call(
            _("Names"),
            _("Autocomplete."),
            reverse("api:taxon-suggest") + "?q=seal",
        ),
        Call(
            _("Classification"),
            _("Species and groups with records, level by level."),
            reverse("api:taxon-tree") + "?limit=5",
        ),
        Call(
            _("Statistics"),
            _("Totals and the date of the last update."),
            reverse("api:statistics"),
        ),
        Call(
            _("An error"),
            _("Errors are problem documents that name the parameter."),
            f"{observations}?bbox=1",
        ),
    ]
