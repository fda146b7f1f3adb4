"""Records and species of each branch of the taxon tree, from the counts of each taxon."""

from dataclasses import dataclass
from typing import Any, Self

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Exists, F, Func, IntegerField, OuterRef, Q, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, NullIf, Substr

from species.models import CuratedObservation, DataVersion, Taxon
from species.models.observation_queries import PUBLISHED_SQL
from species.models.taxon import SPECIES, TaxonQuerySet, path_end_of
from species.terms import Finding, ObisFlag

KEPT_SECONDS = 86_400
MOST_TAXA = 300  # beyond which the first and the last record are not looked for
# records of each taxon, from either end, among which the first sound one is looked for
LOOKED_AT = 200

# What is formatted in is a direction; every value is a parameter.
END_OF_TIME = f"""
SELECT sound.id
FROM unnest(%s::bigint[]) AS taxon (ordinal) CROSS JOIN LATERAL (
    SELECT id, date_start
    FROM (
        SELECT id, date_start, obis_flags, findings FROM species_curatedobservation
        WHERE {PUBLISHED_SQL} AND taxon_ordinal = taxon.ordinal
            AND date_start IS NOT NULL
        ORDER BY date_start {{direction}} LIMIT %s
    ) candidates
    WHERE obis_flags & %s = 0 AND findings & %s = 0
    ORDER BY date_start {{direction}}, id LIMIT 1
) sound
ORDER BY date_start {{direction}}, id LIMIT 1
"""
UNSOUND_FINDINGS = Finding.ON_LAND | Finding.DATE_IMPLAUSIBLE | Finding.DATE_IN_FUTURE


@dataclass(frozen=True, slots=True)
class Branch:
    """A child of a taxon with its published records and species, lower taxa included."""

    aphia_id: int
    records: int
    species: int


@dataclass(frozen=True, slots=True)
class Holdings:
    """Records and species of a taxon with all below it; `branches`: its children, largest first."""

    records: int
    species: int
    branches: tuple[Branch, ...]

    @classmethod
    def of(cls, taxon: Taxon | None = None) -> Self:
        """Return the figures of a taxon, or of everything; one query on the taxa below.

        Large ones are cached until the data change.
        """
        key = f"holdings-{DataVersion.current()}-{taxon.pk if taxon else 0}"
        kept: Self | None = cache.get(key)
        held = kept or cls.summed(counted(taxon))
        if kept is None and held.records > settings.DENSITY_THRESHOLD:
            cache.set(key, held, KEPT_SECONDS)
        return held

    @classmethod
    def of_roots(cls) -> Self:
        """Return the figures of the top of the tree, skipping a single root such as Biota."""
        holdings = cls.of()
        if len(holdings.branches) > 1 or not holdings.branches:
            return holdings
        below = cls.of(Taxon.objects.get(pk=holdings.branches[0].aphia_id))
        return below if below.branches else holdings

    @classmethod
    def summed(cls, rows: list[Any]) -> Self:
        branches = [
            Branch(row["child"], row["records"], row["species"]) for row in rows if row["child"]
        ]
        branches.sort(key=lambda branch: (-branch.records, branch.aphia_id))
        return cls(
            sum(row["records"] for row in rows),
            sum(row["species"] for row in rows),
            tuple(branches),
        )


def counted(taxon: Taxon | None) -> list[Any]:
    """Return rows {child, records, species}; child is None for the taxon itself."""
    child: Combinable = Value(None, IntegerField())
    rows = Taxon.objects.filter(pk=taxon.pk) if taxon else Taxon.objects.filter(path__isnull=False)
    if taxon is None or taxon.path:
        rows = Taxon.objects.below(taxon) if taxon else rows
        rest = Substr("path", len(taxon.path or "") + 1) if taxon else F("path")
        child = Cast(
            NullIf(Func(rest, Value("/"), Value(1), function="split_part"), Value("")),
            IntegerField(),
        )
    is_species = Q(rank=SPECIES) & (Q(observation_count__gt=0) | Q(with_lower_ranks()))
    counts = rows.values(child=child).annotate(
        records=Sum("observation_count"), species=Count("pk", filter=is_species)
    )
    return list(counts.filter(records__gt=0))


def with_lower_ranks() -> Exists:
    """Whether anything below the species has records: the species then counts as recorded."""
    below = Taxon.objects.filter(path__gt=OuterRef("path"), path__lt=path_end_of(OuterRef("path")))
    return Exists(below.observed())


def observed_below(taxon: Taxon) -> TaxonQuerySet:
    return (
        Taxon.objects.below(taxon).observed()
        if taxon.path
        else Taxon.objects.filter(pk=taxon.pk).observed()
    )


def first_and_last(taxon: Taxon) -> tuple[CuratedObservation, CuratedObservation] | None:
    """Return the first and the last record of a taxon, at sea and with a plausible date.

    None if there is none among the records searched, or for more than MOST_TAXA observed taxa. Three
    queries. The order is that of the first day that a date can mean.
    """
    ordinals = list(observed_below(taxon).values_list("ordinal", flat=True)[: MOST_TAXA + 1])
    if not 0 < len(ordinals) <= MOST_TAXA:
        return None
    sound = (LOOKED_AT, int(ObisFlag.ON_LAND), int(UNSOUND_FINDINGS))
    with connection.cursor() as cursor:
        ends = []
        for direction in ("ASC", "DESC"):
            cursor.execute(END_OF_TIME.format(direction=direction), [ordinals, *sound])
            ends.append(cursor.fetchone())
    if None in ends:
        return None
    found = CuratedObservation.objects.in_bulk([end[0] for end in ends])
    return found[ends[0][0]], found[ends[1][0]]
