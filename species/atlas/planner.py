"""Plan how to answer a query once, and answer it: pages, counts, extents, summaries and tiles."""

from django.conf import settings

from species.atlas import lists, summaries
from species.atlas.access import QueryAccess
from species.atlas.extent import find_extent
from species.atlas.grid import Tile, not_drawable
from species.atlas.results import Amount, Histogram, Route, Summary
from species.atlas.tiles import RenderedTile, render_tile
from species.filters import ObservationFilter
from species.models import Dataset
from species.models.observation_pages import Page, Way
from species.models.observation_queries import ObservationQuerySet
from species.ranges import Bbox


class QueryPlan(QueryAccess):
    """The answers to one query, each at a bounded cost.

    The plan chooses their source: stored densities where they have the answer, else few enough rows,
    else the sample. What several answers need is found once.
    """

    def page(self, after: str | None, size: int) -> Page:
        """Return a page of records newest first, with their taxa and datasets."""
        rows, way = self.newest_first()
        return rows.select_related("dataset", "taxon").page(after, size, way)

    def newest_first(self) -> tuple[ObservationQuerySet, Way]:
        """Return the records, and the way to pages of them newest first."""
        return lists.newest_first(self)

    def in_order_of_keys(self) -> tuple[ObservationQuerySet, Way]:
        """Return the records, and the way to pages of them in the order of their keys."""
        return lists.in_order_of_keys(self)

    def count(self) -> Amount:
        """Return how many records match, drawable or not."""
        if self.query.is_everything:
            return Amount.exact(Dataset.objects.published_total(), Route.PACKED)
        counted = self.values.exactly(self.query)
        if counted is not None:
            return Amount.exact(counted, Route.PACKED)
        return summaries.count_by_profile(self)

    def not_drawn(self) -> Amount:
        """Return how many records lie poleward of the map, counted up to a bound."""
        bounded = not_drawable(self.rows).count_up_to(settings.RAW_ROW_BOUND)
        return Amount.exact(bounded.number, Route.RAW)

    def extent(self) -> Bbox | None:
        """Return the box of its taxa or datasets, on which a map opens; None for the world."""
        return find_extent(self)

    def histogram(self, view: Bbox | None = None) -> Histogram:
        """Return years, months and depths of its records, or of those in a view."""
        return summaries.make_histogram(self, view)

    def summary(self, view: Bbox | None = None) -> Summary:
        """Return all figures of its records, or of those in a view."""
        return summaries.make_summary(self, self.not_drawn(), view)

    def tile(self, z: int, x: int, y: int) -> RenderedTile:
        """Return a vector tile of its records."""
        return render_tile(self, Tile(z, x, y))


def plan_query(query: ObservationFilter) -> QueryPlan:
    """Return the plan of a query; nothing is read before an answer needs it."""
    return QueryPlan(query)
