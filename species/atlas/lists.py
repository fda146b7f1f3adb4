"""Pages of the records of a query at a bounded cost, however many there are and however deep a page.

Few records are sorted; where an index covers the conditions, only those of the page are read. The
records of a few taxa are in order in an index, taxon by taxon, and are merged. Of any others only the
newest are searched, up to a bound: such a page says so, may hold few records or none, and the next
one goes on from there.
"""

from dataclasses import replace

from django.conf import settings

from species.atlas.access import COVERED, QueryAccess
from species.atlas.density_query import TAXA
from species.filters import OR_UNDATED
from species.models import Taxon
from species.models.observation_pages import NEWEST, Ordering, Way
from species.models.observation_queries import ObservationQuerySet

DATES = {"from", "to", "dateMatch"}
IN_INDEX = COVERED - {"dataset"}  # the index on datasets has no days
MOST_TAXA = 100  # whose lists are merged


def newest_first(access: QueryAccess) -> tuple[ObservationQuerySet, Way]:
    """Return the records and the way to a page of them, newest first."""
    query = access.query
    if query.date_match == OR_UNDATED and not query.months:
        # The days restrict the dated rows only, so that an index bounds these.
        rows, way = newest_first(QueryAccess(query.without("from", "to")))
        return rows, replace(way, days=(query.date_from, query.date_to))
    if query.canonical.keys() <= DATES:
        return access.rows, NEWEST  # the index of the order bounds the days too
    if taxa := few_taxa(access):
        rows = QueryAccess(query.without(*TAXA)).rows
        return rows, Way(Ordering.OF_TAXA, taxa=taxa)
    return bounded(access, by_days=query.canonical.keys() <= IN_INDEX)


def in_order_of_keys(access: QueryAccess) -> tuple[ObservationQuerySet, Way]:
    """Return the records and the way to a page of them, in the order of their keys.

    The index on datasets has the same order.
    """
    query = access.query
    is_one_dataset = len(query.dataset) == 1 and query.canonical.keys() == {"dataset"}
    if query.is_everything or is_one_dataset:
        return access.rows, NEWEST
    return bounded(access)


def bounded(access: QueryAccess, *, by_days: bool = False) -> tuple[ObservationQuerySet, Way]:
    """Return a way that sorts few records, or searches the newest of many."""
    path = access.path(access.windows)
    if path.rows <= settings.SEARCH_BOUND:
        return access.rows_on(path, None), Way(Ordering.SORTED, by_days=by_days)
    return access.rows, Way(Ordering.NEWEST, settings.SEARCH_BOUND)


def few_taxa(access: QueryAccess) -> tuple[int, ...]:
    """Return the ordinals of all observed taxa of a query for taxa, with or without days.

    None where there are more than MOST_TAXA, or other conditions.
    """
    names = access.query.canonical.keys()
    if not names & TAXA or not names <= TAXA | DATES:
        return ()
    ranges = [subject.ordinals for subject in access.subjects if subject.ordinals]
    found = Taxon.objects.observed().in_ranges(ranges)[: MOST_TAXA + 1]
    if len(found) > MOST_TAXA:
        return ()
    return tuple(taxon.ordinal for taxon in found if taxon.ordinal)
