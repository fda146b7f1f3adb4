"""Number taxa sparsely in the order of their paths, and copy the numbers to observations.

A new taxon gets a number between its neighbours. If the gap is used up, the smallest subtree with
enough room is numbered anew.
"""

from collections.abc import Sequence

from django.db import connection

from species.models import Taxon
from species.models.taxon import path_end

LAST_ORDINAL = 2**62
ROOM_PER_TAXON = 2**10  # a subtree is spread anew only where this much room is left for each


def ordinals_between(paths: Sequence[str]) -> dict[str, int]:
    """Return a free ordinal for each new path; renumber a crowded subtree if necessary."""
    result: dict[str, int] = {}
    gaps: dict[tuple[int, int], list[str]] = {}
    for path, gap in neighbour_ordinals(sorted(set(paths))):
        gaps.setdefault(gap, []).append(path)
    for (low, high), members in gaps.items():
        if high - low <= len(members):
            spread_ordinals(roomy_ancestor(members[0], len(members)), len(members))
            return ordinals_between(paths)
        step = (high - low) // (len(members) + 1)
        result |= {path: low + step * place for place, path in enumerate(members, 1)}
    return result


def neighbour_ordinals(paths: Sequence[str]) -> list[tuple[str, tuple[int, int]]]:
    """Return each path with the ordinals just before and after it, in the order given."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT asked.path,
                   coalesce((SELECT ordinal FROM species_taxon t WHERE t.path < asked.path COLLATE "C"
                             ORDER BY t.path DESC LIMIT 1), 0),
                   coalesce((SELECT ordinal FROM species_taxon t WHERE t.path > asked.path COLLATE "C"
                             ORDER BY t.path LIMIT 1), %s)
            FROM unnest(%s::text[]) WITH ORDINALITY AS asked (path, place) ORDER BY place
            """,
            [LAST_ORDINAL, list(paths)],
        )
        return [(path, (low, high)) for path, low, high in cursor.fetchall()]


def subtree_bounds(path: str) -> tuple[int, int]:
    """Return the ordinals around a subtree, both exclusive; for "" those of the whole tree."""
    if not path:
        return 0, LAST_ORDINAL
    tree = Taxon.objects.filter(path__isnull=False).values_list("ordinal", flat=True)
    before = tree.filter(path__lt=path).order_by("-path").first()
    after = tree.filter(path__gte=path_end(path)).order_by("path").first()
    return (0 if before is None else before, LAST_ORDINAL if after is None else after)


def roomy_ancestor(path: str, newcomers: int) -> str:
    """Return the nearest ancestor with room for its subtree and the newcomers, or ""."""
    parts = path.split("/")[:-2]
    for depth in range(len(parts), 0, -1):
        prefix = "/".join(parts[:depth]) + "/"
        low, high = subtree_bounds(prefix)
        members = Taxon.objects.filter(path__gte=prefix, path__lt=path_end(prefix)).count()
        # All newcomers may be between the same two members.
        if high - low > (members + newcomers + 1) * max(ROOM_PER_TAXON, newcomers + 1):
            return prefix
    return ""


def spread_ordinals(path: str, newcomers: int) -> None:
    """Give a subtree evenly spaced ordinals, and its observations as well."""
    low, high = subtree_bounds(path)
    members = Taxon.objects.filter(path__isnull=False)
    if path:
        members = members.filter(path__gte=path, path__lt=path_end(path))
    step = (high - low) // (members.count() + newcomers + 1)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE species_taxon t SET ordinal = %(low)s + %(step)s * placed.place
            FROM (SELECT aphia_id, row_number() OVER (ORDER BY path) AS place FROM species_taxon
                  WHERE path IS NOT NULL AND (%(path)s = '' OR (path >= %(path)s AND path < %(end)s))) placed
            WHERE t.aphia_id = placed.aphia_id
            """,
            {"low": low, "step": step, "path": path, "end": path_end(path) if path else ""},
        )
    renumber_observations(path)


def renumber_observations(path: str) -> None:
    """Copy the ordinals of a subtree's taxa to its observations."""
    with connection.cursor() as cursor:
        for table in (
            "species_curatedobservation",
            "species_stagedobservation",
            "species_sampledobservation",
        ):
            cursor.execute(
                f"""
                UPDATE {table} o SET taxon_ordinal = t.ordinal FROM species_taxon t
                WHERE o.taxon_id = t.aphia_id AND o.taxon_ordinal <> t.ordinal
                  AND t.path IS NOT NULL AND (%(path)s = '' OR (t.path >= %(path)s AND t.path < %(end)s))
                """,  # noqa: S608  # the table's name is one of the three above
                {"path": path, "end": path_end(path) if path else ""},
            )
