"""Keep the taxon tree: rows for the taxa that records name, under the lineages that their records give."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings

from species.models import Taxon, VernacularName
from species.models.taxon import RANK_COLUMNS
from species.refresh.ordinals import ordinals_between
from species.refresh.rows import TaxonLink, TaxonRow
from species.refresh.text import LONGEST_NAME

BIOTA = TaxonLink(rank="Superdomain", name="Biota", aphia_id=1)  # WoRMS's own root


@dataclass(frozen=True, slots=True)
class TaxonFacts:
    """What an observation repeats of its (accepted) taxon."""

    taxon_id: int
    ordinal: int
    species_name: str
    common_name: str


def ensure_taxa(rows: Iterable[TaxonRow]) -> dict[int, TaxonFacts]:
    """Make sure of every taxon and of those above it; answers, by the AphiaID given, the accepted taxon's facts."""
    # A row with an accepted name comes last, so that it is the one that counts.
    by_id = {row.aphia_id: row for row in sorted(rows, key=lambda row: not row.is_named_as_published)}
    known = set(Taxon.objects.filter(pk__in=by_id, path__isnull=False).values_list("pk", flat=True))
    plant([row for aphia_id, row in by_id.items() if aphia_id not in known])
    return facts_of(by_id)


def ensure_synonyms(published: dict[int, tuple[str, int]]) -> None:
    """Remember names as published: AphiaID -> (name, accepted AphiaID). WoRMS completes them later."""
    known = set(Taxon.objects.filter(pk__in=published).values_list("pk", flat=True))
    Taxon.objects.bulk_create(
        Taxon(aphia_id=aphia_id, scientific_name=name, status="unaccepted", accepted_id=accepted)
        for aphia_id, (name, accepted) in sorted(published.items())
        if aphia_id not in known and aphia_id != accepted and 0 < len(name) <= LONGEST_NAME
    )


def facts_of(aphia_ids: Iterable[int]) -> dict[int, TaxonFacts]:
    """The accepted taxon's facts by AphiaID, for taxa that stand in the tree."""
    wanted = list(aphia_ids)
    accepted = {}
    for aphia_id, target in Taxon.objects.filter(pk__in=wanted).values_list("pk", "accepted_id"):
        accepted[aphia_id] = follow(target) if target else aphia_id
    placed = Taxon.objects.filter(pk__in={*wanted, *accepted.values()}, ordinal__isnull=False)
    rows = {pk: (ordinal or 0, name) for pk, ordinal, name in placed.values_list("pk", "ordinal", "scientific_name")}
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
    links = {link.aphia_id: link for chain in lineages for link in chain}
    paths = {pk: path or "" for pk, path in Taxon.objects.filter(pk__in=links).values_list("pk", "path")}
    new: dict[int, tuple[TaxonLink, int | None, str]] = {}
    for chain in lineages:
        parent: int | None = None
        path = ""
        for link in chain:
            if not paths.get(link.aphia_id):
                paths[link.aphia_id] = f"{path}{link.aphia_id}/"
                new[link.aphia_id] = (link, parent, paths[link.aphia_id])
            path, parent = paths[link.aphia_id], link.aphia_id
    ordinals = ordinals_between([path for _, _, path in new.values()])
    details = {row.aphia_id: row for row in rows}
    Taxon.objects.bulk_create(
        [
            planted(link, parent, path, ordinals[path], details.get(link.aphia_id), lineage_names(path, links))
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


def lineage_names(path: str, links: dict[int, TaxonLink]) -> dict[str, str]:
    """Kingdom to genus of a taxon being planted, as far as the records' lineages tell."""
    above = [links[int(part)] for part in path.split("/")[:-1] if int(part) in links]
    steps = [(link.rank.lower().partition(" ")[0], link.name) for link in above]  # "Phylum (Division)" is a phylum
    return {RANK_COLUMNS[step]: name for step, name in steps if step in RANK_COLUMNS}


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
