"""Keep densities quick to read as observations become more: keep new pairs, merge layers, bring the
sample into line.

What it does changes the speed of answers, never what they say. Each step is a transaction of its
own, so a process that is killed leaves a true state. The caller holds the refresh's lock, and no
transaction.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction

from species.atlas import layers, sample
from species.atlas.atoms import Copied, Lineages, Placed
from species.atlas.compaction import compact
from species.atlas.counting import OTHERS, crowded, near_counts, wide_counts
from species.atlas.folding import fold
from species.atlas.pairs import EVERYTHING, Pairs, kept_pairs
from species.atlas.rebuild import rebuild
from species.models import Dataset, DataVersion, Taxon

EVERY = 100_000  # changed observations, after which a long refresh does this in between

Say = Callable[[str], None]


def tend(say: Say = lambda sentence: None) -> None:
    """Everything that is due; next to nothing where nothing is."""
    if Dataset.objects.published_total() > settings.DENSITY_THRESHOLD:
        promote(say)
    compact()
    with transaction.atomic(), connection.cursor() as cursor:
        if sample.adapt(cursor):
            DataVersion.advance()


@dataclass(frozen=True, slots=True)
class Due:
    """Pairs to be kept from now on, a condition (SQL) that finds the observations in them, and how
    many those are.
    """

    pairs: Pairs
    condition: str
    n: int


def promote(say: Say) -> None:
    """Build the densities of pairs that have become crowded; all anew where that is less work."""
    with connection.cursor() as cursor:
        former = kept_pairs(cursor)
        total = Dataset.objects.published_total()
        grown = grown_tiles(cursor)
        wide = list(new_wide_pairs(cursor, former))
        if not len(former) or sum(grown.values()) + sum(due.n for due in wide) > total:
            say("The densities of the map are built anew ...")
            rebuild()
            return
        lineages = Lineages()
        placed = lineages.read(cursor) if wide or grown else None
        for due in wide:
            with transaction.atomic():
                rows = Copied.drawn(cursor, due.condition, "o.dataset_id, o.taxon_ordinal")
                build(cursor, rows, due.pairs, lineages, placed)
        for tile, n in grown.items():
            with transaction.atomic():
                promote_in_tile(cursor, tile, n, former, lineages, placed)


def new_wide_pairs(cursor, former: Pairs) -> Iterator[Due]:
    """Of zoom 0."""
    counts = wide_counts(cursor)
    new = crowded(counts, former) - former
    numbers = dict(zip(*(column.tolist() for column in counts[0]), strict=True))
    for code, subject in zip(new.codes[0].tolist(), new.subjects(0).tolist(), strict=True):
        yield Due(Pairs({0: new.codes[0][new.codes[0] == code]}), counts_in(subject), numbers[code])


def counts_in(subject: int) -> str:
    """SQL: whether an observation `o` counts in the subject."""
    if subject == EVERYTHING:
        return "true"
    if subject < EVERYTHING:
        return f"o.dataset_id = {-subject}"
    first, end = Taxon.objects.get(pk=subject).ordinal_range()
    return f"o.taxon_ordinal >= {first}" + (
        f" AND o.taxon_ordinal < {end}" if end is not None else ""
    )


def grown_tiles(cursor) -> dict[int, int]:
    """Tiles of zoom 6, and how many observations they hold, in which so many are new that a pair
    may have become crowded; a crowded one may stay unnoticed as long as it can still be read raw.
    """
    cursor.execute(
        """
        SELECT tile, n FROM species_stratum
        WHERE tile >= 0 AND n > %(threshold)s
          AND n - counted > greatest(%(threshold)s / 2, least(n / 20, %(bound)s / 2)) ORDER BY tile
        """,
        {"threshold": settings.DENSITY_THRESHOLD * OTHERS, "bound": settings.RAW_ROW_BOUND},
    )
    return dict(cursor.fetchall())


def promote_in_tile(
    cursor, tile: int, n: int, former: Pairs, lineages: Lineages, placed: Placed | None
) -> None:
    rows = Copied.drawn(cursor, f"o.tile = {tile}", "o.taxon_ordinal")
    if placed:
        new = (
            crowded(near_counts(rows, placed, lineages.ancestors, lineages.species), former)
            - former
        )
        build(cursor, rows, new, lineages, placed)
    cursor.execute("UPDATE species_stratum SET counted = %s WHERE tile = %s", [n, tile])


def build(cursor, rows: Copied, pairs: Pairs, lineages: Lineages, placed: Placed | None) -> None:
    """The densities of these pairs from the observations that count in them, a layer for each
    chunk.
    """
    if not len(pairs) or placed is None:
        return
    ancestors = lineages.ancestors
    for layer, atoms in enumerate(rows.chunks(placed, lineages.species)):
        layers.write(cursor, ((some, layer) for some in fold(atoms, None, ancestors, pairs)))
