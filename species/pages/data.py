"""Pages about the data as a whole: totals, last update, rejections and rules."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from species.holdings import rejections
from species.models import Dataset, DataVersion, RefreshRun
from species.pages import freshness, words
from species.refresh.schedule import schedule_health
from species.rules import OBIS_FLAGS, RULES

RUNS_SHOWN = 8


@require_safe
def holdings(request: HttpRequest) -> HttpResponse:
    """Show totals, the last update, rejections by reason, and citations."""
    schedule = schedule_health()
    context = {
        "totals": Dataset.objects.totals(),
        "published_at": DataVersion.objects.values_list("published_at", flat=True).first(),
        "runs": RefreshRun.objects.newest_first()[:RUNS_SHOWN],
        "problems": freshness.problems(schedule),
        "schedule": schedule,
        "rejections": [
            {"code": code, "n": n, "statement": words.reason(code)}
            for code, n in rejections().items()
        ],
        "today": timezone.now(),
    }
    return render(request, "species/holdings.html", context)


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """Show the rules of curation, generated from the code that applies them."""
    headings = {
        "rejected": _("Rejected"),
        "finding": _("Flagged"),
        "normalised": _("Standardised"),
    }
    groups = [
        (text, effect, [rule for rule in RULES if rule.effect == effect])
        for effect, text in headings.items()
    ]
    return render(
        request, "species/rules.html", {"groups": groups, "obis_flags": OBIS_FLAGS.items()}
    )
