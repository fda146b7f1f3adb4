"""The values of all parameters, and the rows that they refer to."""

import re
from datetime import date
from functools import cached_property
from uuid import UUID

from django.utils.translation import gettext as _

from species.areas import MAX_CHARACTERS_STORED, Area
from species.errors import InvalidQuery
from species.models import Dataset, SavedArea
from species.ranges import Bbox, Circle, DepthRange
from species.taxon_names.lookup import MatchedTaxon, find_taxa, find_taxa_mentioning

CERTAIN, POSSIBLE = MATCHES = ("certain", "possible")
OR_UNDATED = "possibleOrUndated"  # as OGC API - Features wants it: undated records match too
UNKNOWN = "unknown"  # selects records without a value
SAVED_HASH = re.compile(r"[0-9a-f]{20}", re.ASCII)  # of a saved area or search


class FilterValues:
    """The values of all parameters, as attributes.

    The values of one parameter are alternatives; records must meet all parameters. An unset
    parameter has its empty value. Declared here are the attributes that other packages read.
    """

    taxon: tuple[str, ...]
    q: str
    bbox: Bbox | None
    polygon: str  # canonical WKT, or the hash of a saved area; see `area`
    near: Circle | None
    date_from: date | None
    date_to: date | None
    date_unknown: bool
    date_match: str
    months: tuple[int, ...]
    depth: DepthRange | None
    depth_unknown: bool
    depth_match: str
    evidence: tuple[str, ...]
    basis: tuple[str, ...]
    dataset: tuple[UUID, ...]
    source: tuple[str, ...]
    licence: tuple[str, ...]
    iucn: tuple[str, ...]
    flag: tuple[str, ...]
    not_flag: tuple[str, ...]
    max_uncertainty: float | None  # metres
    uncertainty_unknown: bool

    @cached_property
    def taxa(self) -> tuple[MatchedTaxon, ...]:
        """Return the taxa of `taxon`. Raises InvalidQuery for a name that no taxon has."""
        return find_taxa(self.taxon)

    @cached_property
    def found(self) -> tuple[MatchedTaxon, ...]:
        """Return the taxa whose names contain `q`. Raises InvalidQuery for too many."""
        return find_taxa_mentioning(self.q) if self.q else ()

    @cached_property
    def datasets(self) -> tuple[Dataset, ...]:
        """Return the datasets of `dataset` that exist here, by title."""
        rows = Dataset.objects.with_uuids(self.dataset).order_by("title", "pk")
        return tuple(rows.only("uuid", "title", "published_count"))

    @cached_property
    def area(self) -> Area | None:
        """Return the area of `polygon`. Raises InvalidQuery for a saved area that has expired."""
        if not SAVED_HASH.fullmatch(self.polygon):
            return Area(self.polygon) if self.polygon else None
        saved = SavedArea.objects.filter(hash=self.polygon).first()
        if saved is None:
            reason = _("This saved area doesn't exist or has expired. Upload it again.")
            raise InvalidQuery({"polygon": reason})
        if len(saved.wkt) > MAX_CHARACTERS_STORED:  # saved before joined parts were limited
            reason = _("This saved area has too many points. Simplify it and upload it again.")
            raise InvalidQuery({"polygon": reason})
        return saved.area
