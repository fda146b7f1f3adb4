"""Observations with the values that a query filters by, from the maintained counts of values."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from django.db.models import F, Q, Subquery

from species.filters import ObservationFilter
from species.models import DataVersion, Facet, FacetCount
from species.models.observation_queries import ObservationQuerySet
from species.terms import flag_bits

# The parameters that ask for values of a counted column; `flag` asks for bits of two.
COLUMNS = {
    "evidence": Facet.EVIDENCE,
    "basis": Facet.BASIS,
    "licence": Facet.LICENSE,
    "source": Facet.SOURCE,
}
FLAG = "flag"


@dataclass(frozen=True, slots=True)
class FlaggedValues:
    """All values of the two flag columns with any of some flags, and how often they occur.

    `version`: the version of the data they were read from.
    """

    obis: tuple[int, ...]
    findings: tuple[int, ...]
    in_obis: int
    in_findings: int
    version: int

    @property
    def most(self) -> int:
        """The greatest possible number of flagged records: some may be flagged in both columns."""
        return self.in_obis + self.in_findings

    def restrict(self, rows: ObservationQuerySet) -> ObservationQuerySet:
        """Return the flagged rows, found by whole values: no index knows single bits."""
        return rows.filter(Q(obis_flags__in=self.obis) | Q(findings__in=self.findings))


@dataclass(frozen=True, slots=True)
class ValueCounts:
    """Observations with the values that a query filters by, everywhere and of any taxon."""

    by_parameter: dict[str, int]
    flagged: FlaggedValues | None

    @classmethod
    def of(cls, selection: ObservationFilter) -> Self:
        """Return the counts; one query, none where the query filters by no value."""
        asked = [name for name in COLUMNS if name in selection.canonical]
        facets = [COLUMNS[name] for name in asked] + (
            [Facet.FLAGS, Facet.FINDINGS] if selection.flag else []
        )
        if not facets:
            return cls({}, None)
        version = Subquery(DataVersion.objects.filter(pk=1).values("number"))
        counted = FacetCount.objects.filter(facet__in=facets, n__gt=0).annotate(version=version)
        held = list(counted.values_list("facet", "value", F("n"), "version"))
        counts = {(facet, value): n for facet, value, n, _ in held}
        sums = {
            name: sum(counts.get((COLUMNS[name], value), 0) for value in getattr(selection, name))
            for name in asked
        }
        return cls(
            sums,
            flagged(selection.flag, counts, held[0][-1] or 0) if selection.flag and held else None,
        )

    def exactly(self, selection: ObservationFilter) -> int | None:
        """Return how many observations match, if the query filters by values of one column alone."""
        if len(self.by_parameter) == 1 and selection.canonical.keys() == self.by_parameter.keys():
            return next(iter(self.by_parameter.values()))
        both = self.flagged and self.flagged.obis and self.flagged.findings
        return (
            self.flagged.most
            if self.flagged and not both and selection.canonical.keys() == {FLAG}
            else None
        )


def flagged(
    names: Iterable[str], counts: dict[tuple[str, str], int], version: int
) -> FlaggedValues:
    bits = flag_bits(names)
    obis, findings = (
        {int(value): n for (of, value), n in counts.items() if of == facet and int(value) & asked}
        for facet, asked in ((Facet.FLAGS, bits.obis), (Facet.FINDINGS, bits.findings))
    )
    return FlaggedValues(
        tuple(obis), tuple(findings), sum(obis.values()), sum(findings.values()), version
    )
