"""Common names in the visitor's language."""

from collections.abc import Iterable

from django.conf import settings
from django.http import HttpRequest

from species.models import CuratedObservation, VernacularName
from users.languages import UNDETERMINED, of_visitor


def name_for_visitor(request: HttpRequest, rows: Iterable[CuratedObservation]) -> None:
    """Set `name_for_visitor` of each row. At most one query."""
    language = of_visitor(request)
    if language == settings.VERNACULAR_LANGUAGE:
        return
    rows = list(rows)
    taxa = {row.taxon_id for row in rows}
    names = VernacularName.objects.chosen(language).of_taxa(taxa).values_list("taxon_id", "name")
    named = dict(names)
    for row in rows:
        if row.taxon_id in named:
            row.name_for_visitor = (named[row.taxon_id], language)  # type: ignore[attr-defined]


def each_once(names: Iterable[VernacularName]) -> list[VernacularName]:
    """Return the names without repetitions in other case or without a language."""
    names = list(names)
    claimed = {name.name.casefold() for name in names if name.language != UNDETERMINED}
    kept: dict[tuple[str, str], VernacularName] = {}
    for name in names:
        text = name.name.casefold()
        if name.language != UNDETERMINED or text not in claimed:
            kept.setdefault((name.language, text), name)
    return list(kept.values())
