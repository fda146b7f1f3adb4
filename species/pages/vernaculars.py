"""The common names of records in the language that a visitor reads, where that is not the one that rows hold."""

from collections.abc import Iterable

from django.conf import settings
from django.http import HttpRequest

from species.languages import of_visitor
from species.models import CuratedObservation, VernacularName


def name_for_visitor(request: HttpRequest, rows: Iterable[CuratedObservation]) -> None:
    """Give each row its taxon's name in the visitor's language, in one question for all of them."""
    language = of_visitor(request)
    if language == settings.VERNACULAR_LANGUAGE:
        return
    rows = list(rows)
    taxa = {row.taxon_id for row in rows}
    names = VernacularName.objects.chosen(language).filter(taxon__in=taxa).values_list("taxon_id", "name")
    named = dict(names)
    for row in rows:
        if row.taxon_id in named:
            row.name_for_visitor = (named[row.taxon_id], language)  # type: ignore[attr-defined]
