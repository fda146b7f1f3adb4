"""One page of a selection's records at a bounded cost, however many there are and however deep the page lies.

Few records are sorted. Those of one taxon stand in the index in order. Of any others the newest so many are searched,
and the page says so: it may hold few or none, and the next one goes on from there.
"""

from django.conf import settings

from species.atlas.places import windows_asked_for
from species.atlas.routes import reading, rows_of
from species.atlas.slices import TAXA, slice_of
from species.atlas.windows import WORLD
from species.filters import ObservationFilter
from species.models import Taxon
from species.models.observation_queries import NEWEST, Ordering, Page, Way

DATES = {"from", "to", "dateMatch"}


def page_of(selection: ObservationFilter, after: str | None, size: int) -> Page:
    """Records newest first, with their taxa and datasets."""
    return rows_of(selection).select_related("dataset", "taxon").page(after, size, way_through(selection))


def way_through(selection: ObservationFilter) -> Way:
    if selection.canonical.keys() <= DATES:
        return NEWEST  # the index of the order bounds the days too
    if is_few(selection):
        return Way(Ordering.SORTED)
    if is_one_taxon(selection):
        return Way(Ordering.OF_TAXON)
    return Way(Ordering.NEWEST, settings.SEARCH_BOUND)


def way_by_key(selection: ObservationFilter) -> Way:
    """The same for rows in the order of their keys, which is that of the index on datasets too."""
    if selection.is_everything or (len(selection.dataset) == 1 and selection.canonical.keys() == {"dataset"}):
        return NEWEST
    return Way(Ordering.SORTED) if is_few(selection) else Way(Ordering.NEWEST, settings.SEARCH_BOUND)


def is_few(selection: ObservationFilter) -> bool:
    """Whether so few records come into question that all are read for each page."""
    return reading(selection, windows_asked_for(selection, [WORLD])).rows <= settings.SEARCH_BOUND


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
