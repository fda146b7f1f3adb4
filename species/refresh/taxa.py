"""Keep the taxon tree: rows for the taxa that records name, their paths, their ordinals, and moves within the tree.

A path is the truth about where a taxon hangs. Its ordinal is a sparse number in the order of the paths, which the
observations repeat, so that one index range holds everything below a taxon. New taxa take numbers between their
neighbours; only where a gap is used up is the smallest roomy subtree spread anew.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.utils import timezone

from species.models import ChangeKind, DataVersion, Taxon, VernacularName
from species.models.taxon import path_end
from species.refresh.rows import TaxonLink, TaxonRow

BIOTA = TaxonLink(rank="Superdomain", name="Biota", aphia_id=1)  # WoRMS's own root
LAST_ORDINAL = 2**62
ROOM_PER_TAXON = 2**10  # a subtree is spread anew only where this much room is left for each


@dataclass(frozen=True, slots=True)
class TaxonFacts:
    """What an observation repeats of its (accepted) taxon."""

    taxon_id: int
    ordinal: int
    species_name: str
    common_name: str


def ensure_taxa(rows: Iterable[TaxonRow]) -> dict[int, TaxonFacts]:
    """Make sure of every taxon and of those above it; answers, by the AphiaID given, the accepted taxon's facts."""
    by_id = {row.aphia_id: row for row in rows}
    known = set(Taxon.objects.filter(pk__in=by_id, path__isnull=False).values_list("pk", flat=True))
    plant([row for aphia_id, row in by_id.items() if aphia_id not in known])
    return facts_of(by_id)


def ensure_synonyms(published: dict[int, tuple[str, int]]) -> None:
    """Remember names as published: AphiaID -> (name, accepted AphiaID). WoRMS completes them later."""
    known = set(Taxon.objects.filter(pk__in=published).values_list("pk", flat=True))
    Taxon.objects.bulk_create(
        Taxon(aphia_id=aphia_id, scientific_name=name, status="unaccepted", accepted_id=accepted)
        for aphia_id, (name, accepted) in sorted(published.items())
        if aphia_id not in known and aphia_id != accepted and name
    )


def facts_of(aphia_ids: Iterable[int]) -> dict[int, TaxonFacts]:
    """The accepted taxon's facts by AphiaID, for taxa that stand in the tree."""
    wanted = list(aphia_ids)
    accepted = {}
    for aphia_id, target in Taxon.objects.filter(pk__in=wanted).values_list("pk", "accepted_id"):
        accepted[aphia_id] = follow(target) if target else aphia_id
    rows = {
        pk: (ordinal, name)
        for pk, ordinal, name in Taxon.objects.filter(pk__in=set(accepted.values()), ordinal__isnull=False).values_list(
            "pk", "ordinal", "scientific_name"
        )
    }
    common = common_names(rows)
    return {
        asked: TaxonFacts(taxon, *rows[taxon], common.get(taxon, ""))
        for asked, given in accepted.items()
        # A taxon whose accepted name has no place in the tree yet stays where it is.
        for taxon in [given if given in rows else asked]
        if taxon in rows
    }


def common_names(taxon_ids: Iterable[int]) -> dict[int, str]:
    """The common name of each taxon in the operator's language, where there is one."""
    chosen = VernacularName.objects.chosen(settings.VERNACULAR_LANGUAGE)
    return dict(chosen.filter(taxon_id__in=list(taxon_ids)).values_list("taxon_id", "name"))


def follow(aphia_id: int) -> int:
    """The end of a chain of synonyms; a chain that bites its tail ends where it would begin again."""
    seen = {aphia_id}
    while (
        target := Taxon.objects.filter(pk=aphia_id).values_list("accepted_id", flat=True).first()
    ) and target not in seen:
        seen.add(target)
        aphia_id = target
    return aphia_id


def plant(rows: Sequence[TaxonRow]) -> None:
    """Put taxa into the tree under the lineages that their records give, ancestors first."""
    if not rows:
        return
    lineages = [complete(row) for row in rows]
    paths = dict(
        Taxon.objects.filter(pk__in={link.aphia_id for chain in lineages for link in chain}).values_list("pk", "path")
    )
    new: dict[int, tuple[TaxonLink, int | None, str]] = {}
    for chain in lineages:
        parent, path = None, ""
        for link in chain:
            if not paths.get(link.aphia_id):
                paths_end = f"{path}{link.aphia_id}/"
                new[link.aphia_id] = (link, parent, paths_end)
                paths[link.aphia_id] = paths_end
            path, parent = paths[link.aphia_id], link.aphia_id
    ordinals = ordinals_between([path for _, _, path in new.values()])
    details = {row.aphia_id: row for row in rows}
    Taxon.objects.bulk_create(
        [
            planted(link, parent, path, ordinals[path], details.get(link.aphia_id), lineage_names(path, new))
            for link, parent, path in sorted(new.values(), key=lambda item: len(item[2]))
        ],
        update_conflicts=True,  # a synonym known only by name gets its place
        unique_fields=["aphia_id"],
        update_fields=["parent", "path", "ordinal"],
    )


def complete(row: TaxonRow) -> list[TaxonLink]:
    """The record's lineage with the root before it; the taxon itself stands last, each taxon once."""
    chain = [link for link in row.lineage if link.aphia_id not in (BIOTA.aphia_id, row.aphia_id)]
    own = TaxonLink(rank=row.rank, name=row.scientific_name, aphia_id=row.aphia_id)
    return [BIOTA, *chain, own] if row.aphia_id != BIOTA.aphia_id else [BIOTA]


RANK_COLUMNS = {
    "kingdom": "kingdom",
    "phylum": "phylum",
    "class": "class_name",
    "order": "order_name",
    "family": "family",
    "genus": "genus",
}


def lineage_names(path: str, new: dict[int, tuple[TaxonLink, int | None, str]]) -> dict[str, str]:
    """Kingdom to genus of a taxon being planted, as far as the links planted with it tell."""
    links = [new[int(part)][0] for part in path.split("/")[:-1] if int(part) in new]
    return {RANK_COLUMNS[link.rank.lower()]: link.name for link in links if link.rank.lower() in RANK_COLUMNS}


def planted(
    link: TaxonLink, parent: int | None, path: str, ordinal: int, row: TaxonRow | None, names: dict[str, str]
) -> Taxon:
    taxon = Taxon(
        aphia_id=link.aphia_id, scientific_name=link.name, rank=link.rank, parent_id=parent, path=path, ordinal=ordinal
    )
    for column, name in names.items():
        setattr(taxon, column, name)
    if row:
        taxon.authorship, taxon.iucn_category = row.authorship, row.iucn_category
        taxon.is_marine, taxon.is_brackish = row.is_marine, row.is_brackish
        taxon.is_freshwater, taxon.is_terrestrial = row.is_freshwater, row.is_terrestrial
    return taxon


# --- Ordinals -------------------------------------------------------------------------------------------------------


def ordinals_between(paths: Sequence[str]) -> dict[str, int]:
    """A free ordinal for each new path, in the order of the paths; spreads a crowded subtree anew where it must."""
    result: dict[str, int] = {}
    gaps: dict[tuple[int, int], list[str]] = {}
    for path in sorted(set(paths)):
        gaps.setdefault(neighbours(path), []).append(path)
    for (low, high), members in gaps.items():
        if high - low <= len(members):
            spread(roomy_ancestor(members[0], len(members)), len(members))
            return ordinals_between(paths)
        step = (high - low) // (len(members) + 1)
        result |= {path: low + step * place for place, path in enumerate(members, 1)}
    return result


def neighbours(path: str) -> tuple[int, int]:
    """The ordinals just before and after a path that is not in the tree."""
    tree = Taxon.objects.filter(path__isnull=False).values_list("ordinal", flat=True)
    before = tree.filter(path__lt=path).order_by("-path").first()
    after = tree.filter(path__gt=path).order_by("path").first()
    return (0 if before is None else before, LAST_ORDINAL if after is None else after)


def bounds(path: str) -> tuple[int, int]:
    """The ordinals between which a subtree lies, both exclusive; for the empty path: of the whole tree."""
    if not path:
        return 0, LAST_ORDINAL
    tree = Taxon.objects.filter(path__isnull=False).values_list("ordinal", flat=True)
    before = tree.filter(path__lt=path).order_by("-path").first()
    after = tree.filter(path__gte=path_end(path)).order_by("path").first()
    return (0 if before is None else before, LAST_ORDINAL if after is None else after)


def roomy_ancestor(path: str, newcomers: int) -> str:
    """The nearest path above that has room for its subtree and the newcomers; the empty path when none has."""
    parts = path.split("/")[:-2]
    for depth in range(len(parts), 0, -1):
        prefix = "/".join(parts[:depth]) + "/"
        low, high = bounds(prefix)
        members = Taxon.objects.filter(path__gte=prefix, path__lt=path_end(prefix)).count()
        if high - low > (members + newcomers) * ROOM_PER_TAXON:
            return prefix
    return ""


def spread(path: str, newcomers: int) -> None:
    """Give a subtree evenly spaced ordinals, and its observations with it."""
    low, high = bounds(path)
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
    """Let the observations of a subtree carry their taxa's ordinals."""
    with connection.cursor() as cursor:
        for table in ("species_curatedobservation", "species_stagedobservation"):
            cursor.execute(
                f"""
                UPDATE {table} o SET taxon_ordinal = t.ordinal FROM species_taxon t
                WHERE o.taxon_id = t.aphia_id AND o.taxon_ordinal <> t.ordinal
                  AND t.path IS NOT NULL AND (%(path)s = '' OR (t.path >= %(path)s AND t.path < %(end)s))
                """,  # noqa: S608  # the table's name is one of the two above
                {"path": path, "end": path_end(path) if path else ""},
            )


# --- What WoRMS changes; call these inside one transaction ----------------------------------------------------------


def reparent(aphia_id: int, parent_id: int) -> bool:
    """Hang a taxon with all below it under another parent; False where nothing changes or it would hang on itself."""
    taxon, parent = Taxon.objects.get(pk=aphia_id), Taxon.objects.get(pk=parent_id)
    if taxon.parent_id == parent_id or not parent.path or (taxon.path and parent.path.startswith(taxon.path)):
        return False
    new_path = f"{parent.path}{aphia_id}/"
    old_path = taxon.path
    members = list(Taxon.objects.below(taxon).order_by("path")) if old_path else [taxon]
    # Out of the tree first, so that the new neighbours are others.
    Taxon.objects.filter(pk__in=[m.pk for m in members]).update(path=None, ordinal=None)
    for member in members:
        member.path = new_path + (member.path[len(old_path) :] if old_path else "")
    ordinals = ordinals_between([member.path for member in members])
    for member in members:
        member.ordinal = ordinals[member.path]
    taxon_row = next(member for member in members if member.pk == aphia_id)
    taxon_row.parent_id = parent_id
    Taxon.objects.bulk_update(members, ["path", "ordinal", "parent"], batch_size=1000)
    renumber_observations(new_path)
    DataVersion.advance()
    return True


def accept(aphia_id: int, accepted_id: int | None, run_id: int | None = None) -> int:
    """Record whose synonym a taxon is (None: of nobody) and move its observations there; answers how many moved."""
    Taxon.objects.filter(pk=aphia_id).update(accepted_id=accepted_id if accepted_id != aphia_id else None)
    facts = facts_of([aphia_id]).get(aphia_id)
    if facts is None or facts.taxon_id == aphia_id:
        return 0
    return retell(aphia_id, facts, run_id)


def rename(aphia_id: int, run_id: int | None = None) -> int:
    """Let observations repeat their taxon's present names; answers how many changed."""
    facts = facts_of([aphia_id]).get(aphia_id)
    return retell(aphia_id, facts, run_id) if facts and facts.taxon_id == aphia_id else 0


def retell(aphia_id: int, facts: TaxonFacts, run_id: int | None) -> int:
    """Give all observations of one taxon the facts of (another) one, with an entry in the ledger for each."""
    values = {
        "old": aphia_id,
        "taxon": facts.taxon_id,
        "ordinal": facts.ordinal,
        "species": facts.species_name,
        "common": facts.common_name,
        "run": run_id,
        "now": timezone.now(),
        "kind": ChangeKind.TAXON,
    }
    differs = "(taxon_id, species_name, common_name) IS DISTINCT FROM (%(taxon)s, %(species)s, %(common)s)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO species_observationchange (observation_id, run_id, at, kind, old_values)
            SELECT id, %(run)s, %(now)s, %(kind)s,
                   jsonb_strip_nulls(jsonb_build_object(
                       'taxon_id', CASE WHEN taxon_id <> %(taxon)s THEN taxon_id END,
                       'species_name', CASE WHEN species_name <> %(species)s THEN species_name END,
                       'common_name', CASE WHEN common_name <> %(common)s THEN common_name END))
            FROM species_curatedobservation WHERE taxon_id = %(old)s AND {differs}
            """,  # noqa: S608
            values,
        )
        cursor.execute(
            f"""
            UPDATE species_curatedobservation
            SET taxon_id = %(taxon)s, taxon_ordinal = %(ordinal)s, species_name = %(species)s,
                common_name = %(common)s, last_changed = %(now)s
            WHERE taxon_id = %(old)s AND {differs}
            """,  # noqa: S608
            values,
        )
        moved = cursor.rowcount
        cursor.execute(
            "UPDATE species_stagedobservation SET taxon_id = %(taxon)s, taxon_ordinal = %(ordinal)s,"
            " species_name = %(species)s, common_name = %(common)s WHERE taxon_id = %(old)s",
            values,
        )
    if moved:
        move_counts(aphia_id, facts.taxon_id)
        DataVersion.advance()
    return moved


def move_counts(old: int, new: int) -> None:
    """All published observations of one taxon now count for another."""
    if old != new:
        count = Taxon.objects.filter(pk=old).values_list("observation_count", flat=True).get()
        target = Taxon.objects.get(pk=new)
        Taxon.objects.filter(pk=new).update(observation_count=target.observation_count + count)
        Taxon.objects.filter(pk=old).update(observation_count=0)
