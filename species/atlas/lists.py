"""One page of a selection's records at a bounded cost, however many there are and however deep the
page lies.

Few records are sorted; where an index covers what is asked of them, only those of the page are
read. Those of a few taxa stand in the index taxon by taxon, in order, and are merged. Of any others
the newest so many are searched, and the page says so: it may hold few or none, and the next one
goes on from there.
"""

from dataclasses import replace

from django.conf import settings

from species.atlas.access import COVERED, cheapest_path, rows_of
from species.atlas.density_query import TAXA, subjects_of
from species.atlas.extents import WORLD, windows_within
from species.filters import OR_UNDATED, ObservationFilter
from species.models import Taxon
from species.models.observation_pages import NEWEST, Ordering, Page, Way
from species.models.observation_queries import ObservationQuerySet

DATES = {"from", "to", "dateMatch"}
IN_INDEX = COVERED - {"dataset"}  # whose own index has no days
MOST_TAXA = 100  # whose lists are merged


def page_of(selection: ObservationFilter, after: str | None, size: int) -> Page:
    """Records newest first, with their taxa and datasets."""
    rows, way = by_date(selection)
    return rows.select_related("dataset", "taxon").page(after, size, way)


def by_date(selection: ObservationFilter) -> tuple[ObservationQuerySet, Way]:
    """The records, and the way to a page of them, newest first."""
    if selection.date_match == OR_UNDATED and not selection.months:
        # Said of the dated rows alone, which an index then bounds.
        found, undated_too = by_date(selection.without("from", "to"))
        return found, replace(undated_too, days=(selection.date_from, selection.date_to))
    rows = rows_of(selection)
    if selection.canonical.keys() <= DATES:
        return rows, NEWEST  # the index of the order bounds the days too
    if taxa := few_taxa(selection):
        return rows_of(selection.without(*TAXA)), Way(Ordering.OF_TAXA, taxa=taxa)
    way = cheapest_path(selection, windows_within(selection, [WORLD]))
    if way.rows <= settings.SEARCH_BOUND:
        return way.found(rows), Way(Ordering.SORTED, by_days=selection.canonical.keys() <= IN_INDEX)
    return rows, Way(Ordering.NEWEST, settings.SEARCH_BOUND)


def by_key(selection: ObservationFilter) -> tuple[ObservationQuerySet, Way]:
    """The same in the order of their keys, which is that of the index on datasets too."""
    rows = rows_of(selection)
    if selection.is_everything or (
        len(selection.dataset) == 1 and selection.canonical.keys() == {"dataset"}
    ):
        return rows, NEWEST
    way = cheapest_path(selection, windows_within(selection, [WORLD]))
    if way.rows <= settings.SEARCH_BOUND:
        return way.found(rows), Way(Ordering.SORTED)
    return rows, Way(Ordering.NEWEST, settings.SEARCH_BOUND)


def few_taxa(selection: ObservationFilter) -> tuple[int, ...]:
    """The ordinals of all taxa whose records it asks for, if those are few and it asks for days at
    most beside them.
    """
    if not (selection.taxon or selection.q) or not selection.canonical.keys() <= TAXA | DATES:
        return ()
    ranges = [subject.ordinals for subject in subjects_of(selection) if subject.ordinals]
    found = Taxon.objects.observed().in_ranges(ranges)[: MOST_TAXA + 1]
    return (
        tuple(taxon.ordinal for taxon in found if taxon.ordinal) if len(found) <= MOST_TAXA else ()
    )
