"""One page of a selection's records at a bounded cost, however many there are and however deep the page lies.

Few records are sorted. Those of one taxon stand in the index in order. Of any others the newest so many are searched,
and the page says so: it may hold few or none, and the next one goes on from there.
"""

from django.conf import settings

from species.atlas.places import windows_asked_for
from species.atlas.routes import Reading, reading, rows_of
from species.atlas.slices import TAXA, slice_of
from species.atlas.windows import WORLD
from species.filters import ObservationFilter
from species.models import Taxon
from species.models.observation_queries import NEWEST, ObservationQuerySet, Ordering, Page, Way

DATES = {"from", "to", "dateMatch"}


def page_of(selection: ObservationFilter, after: str | None, size: int) -> Page:
    """Records newest first, with their taxa and datasets."""
    rows, way = by_date(selection)
    return rows.select_related("dataset", "taxon").page(after, size, way)


def by_date(selection: ObservationFilter) -> tuple[ObservationQuerySet, Way]:
    """The records, and the way to a page of them, newest first."""
    rows = rows_of(selection)
    if selection.canonical.keys() <= DATES:
        return rows, NEWEST  # the index of the order bounds the days too
    few = if_few(selection)
    if few:
        return few.found(rows), Way(Ordering.SORTED)
    if is_one_taxon(selection):
        return rows, Way(Ordering.OF_TAXON)
    return rows, Way(Ordering.NEWEST, settings.SEARCH_BOUND)


def by_key(selection: ObservationFilter) -> tuple[ObservationQuerySet, Way]:
    """The same in the order of their keys, which is that of the index on datasets too."""
    rows = rows_of(selection)
    if selection.is_everything or (len(selection.dataset) == 1 and selection.canonical.keys() == {"dataset"}):
        return rows, NEWEST
    few = if_few(selection)
    return (few.found(rows), Way(Ordering.SORTED)) if few else (rows, Way(Ordering.NEWEST, settings.SEARCH_BOUND))


def if_few(selection: ObservationFilter) -> Reading | None:
    """How to read them where so few records come into question that all are read for each page."""
    way = reading(selection, windows_asked_for(selection, [WORLD]))
    return way if way.rows <= settings.SEARCH_BOUND else None


def is_one_taxon(selection: ObservationFilter) -> bool:
    """Whether it asks for one taxon that has none below, and for days at most."""
    wanted = slice_of(selection)
    if wanted is None or len(wanted.subjects) != 1 or not selection.canonical.keys() <= TAXA | DATES:
        return False
    ordinals = wanted.subjects[0].ordinals
    if ordinals is None:
        return False
    below = Taxon.objects.filter(ordinal__gt=ordinals.first)
    return not (below.filter(ordinal__lt=ordinals.end) if ordinals.end is not None else below).exists()
