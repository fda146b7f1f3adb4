"""Maintain the taxon tree from the lineages of records."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.db.models import Q

from species.models import DataVersion, Taxon, VernacularName
from species.models.taxon import RANK_COLUMNS, end_of_chain
from species.refresh.records import TaxonLink, TaxonRow
from species.refresh.taxonomy.ordinals import ordinals_between
from species.refresh.text import LONGEST_NAME
from species.terms import Finding

# What a record may state of its taxon, with the value that states nothing.
STATED: dict[str, str | None] = {
    "is_marine": None, "is_brackish": None, "is_freshwater": None, "is_terrestrial": None, "iucn_category": "",
}  # fmt: skip
BIOTA = TaxonLink(rank="Superdomain", name="Biota", aphia_id=1)  # WoRMS's own root


@dataclass(frozen=True, slots=True)
class TaxonFacts:
    """The columns that an observation copies from its accepted taxon."""

    taxon_id: int
    ordinal: int
    species_name: str
    common_name: str
    findings: int


def ensure_taxa(rows: Iterable[TaxonRow]) -> dict[int, TaxonFacts]:
    """Create missing taxa with their ancestors; return the accepted taxon's facts by AphiaID."""
    by_id: dict[int, TaxonRow] = {}
    # Rows with an accepted name come first: the first prevails.
    for row in sorted(rows, key=lambda row: row.is_named_as_published):
        by_id[row.aphia_id] = (
            combine_rows(by_id[row.aphia_id], row) if row.aphia_id in by_id else row
        )
    known = set(Taxon.objects.filter(pk__in=by_id, path__isnull=False).values_list("pk", flat=True))
    plant_taxa([row for aphia_id, row in by_id.items() if aphia_id not in known])
    complete_facts(by_id.values())
    return facts_of(by_id)


def combine_rows(one: TaxonRow, other: TaxonRow) -> TaxonRow:
    """Return a taxon with the habitat and IUCN category of either record, the first one preferred."""
    lacking = [field for field, empty in STATED.items() if getattr(one, field) == empty]
    return replace(one, **{field: getattr(other, field) for field in lacking})


def complete_facts(rows: Iterable[TaxonRow]) -> None:
    """Add missing habitats and IUCN categories of taxa; known ones stay."""
    stated = {row.aphia_id: row for row in rows}
    lacking = Q(pk__in=())
    for field, empty in STATED.items():
        stating = [aphia_id for aphia_id, row in stated.items() if getattr(row, field) != empty]
        lacking |= Q((field, empty), pk__in=stating)  # Django compares with None as IS NULL
    incomplete = list(Taxon.objects.filter(lacking))
    for taxon in incomplete:
        fill_in(taxon, stated[taxon.pk])
    if incomplete:
        Taxon.objects.bulk_update(incomplete, list(STATED))
        DataVersion.advance()


def fill_in(taxon: Taxon, row: TaxonRow) -> None:
    """Copy the habitat and IUCN category that a taxon lacks from a record."""
    for field, empty in STATED.items():
        if getattr(taxon, field) == empty:
            setattr(taxon, field, getattr(row, field))


def ensure_synonyms(published: dict[int, tuple[str, int]]) -> None:
    """Store names as published, {AphiaID: (name, accepted AphiaID)}; WoRMS completes them later."""
    known = set(Taxon.objects.filter(pk__in=published).values_list("pk", flat=True))
    Taxon.objects.bulk_create(
        Taxon(aphia_id=aphia_id, scientific_name=name, status="unaccepted", accepted_id=accepted)
        for aphia_id, (name, accepted) in sorted(published.items())
        if aphia_id not in known and aphia_id != accepted and 0 < len(name) <= LONGEST_NAME
    )


def facts_of(aphia_ids: Iterable[int]) -> dict[int, TaxonFacts]:
    """Return the accepted taxon's facts by AphiaID, for taxa in the tree."""
    accepted = resolve_synonyms(aphia_ids)
    rows = Taxon.objects.filter(pk__in={*accepted, *accepted.values()}, ordinal__isnull=False).only(
        "ordinal", "scientific_name", "status", "accepted"
    )
    placed = {row.pk: row for row in rows}
    common = common_names(placed)
    return {
        asked: TaxonFacts(
            taxon.pk,
            taxon.ordinal or 0,
            taxon.scientific_name,
            common.get(taxon.pk, ""),
            taxon_findings(taxon),
        )
        for asked, target in accepted.items()
        # A taxon whose accepted name has no place in the tree yet stays where it is.
        if (taxon := placed.get(target) or placed.get(asked))
    }


def taxon_findings(taxon: Taxon) -> int:
    """Return the Finding bits that every observation of a taxon has."""
    return int(Finding.NAME_NOT_ACCEPTED) if taxon.lacks_accepted_name else 0


def common_names(taxon_ids: Iterable[int]) -> dict[int, str]:
    """Return the common name of each taxon in the operator's language, if there is one."""
    chosen = VernacularName.objects.chosen(settings.VERNACULAR_LANGUAGE)
    return dict(chosen.filter(taxon_id__in=list(taxon_ids)).values_list("taxon_id", "name"))


def resolve_synonyms(aphia_ids: Iterable[int]) -> dict[int, int]:
    """Return the accepted AphiaID of each stored taxon.

    This takes one query for each link of the longest chain of synonyms.
    """
    given = list(aphia_ids)
    accepted: dict[int, int | None] = {}
    wanted = set(given)
    while wanted:
        accepted |= dict(Taxon.objects.filter(pk__in=wanted).values_list("pk", "accepted_id"))
        wanted = {target for target in accepted.values() if target} - accepted.keys()
    return {
        aphia_id: end_of_chain(accepted, aphia_id) for aphia_id in given if aphia_id in accepted
    }


def closes_circle(aphia_id: int, accepted_id: int) -> bool:
    """Return whether the accepted name is itself a synonym of the taxon, also through others."""
    seen: set[int] = set()
    current: int | None = accepted_id
    while current and current not in seen:
        if current == aphia_id:
            return True
        seen.add(current)
        current = Taxon.objects.filter(pk=current).values_list("accepted_id", flat=True).first()
    return False


def plant_taxa(rows: Sequence[TaxonRow]) -> None:
    """Add taxa to the tree under the lineages of their records, ancestors first."""
    if not rows:
        return
    lineages = [complete_lineage(row) for row in rows]
    links = {link.aphia_id: link for chain in lineages for link in chain}
    paths = {
        pk: path or "" for pk, path in Taxon.objects.filter(pk__in=links).values_list("pk", "path")
    }
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
            build_taxon(
                link,
                parent,
                path,
                ordinals[path],
                details.get(link.aphia_id),
                lineage_names(path, links),
            )
            for link, parent, path in sorted(new.values(), key=lambda item: len(item[2]))
        ],
        update_conflicts=True,  # a synonym known only by name gets its place
        unique_fields=["aphia_id"],
        update_fields=["parent", "path", "ordinal"],
    )


def complete_lineage(row: TaxonRow) -> list[TaxonLink]:
    """Return a lineage from the root to the taxon itself, each taxon once."""
    chain = [link for link in row.lineage if link.aphia_id not in (BIOTA.aphia_id, row.aphia_id)]
    own = TaxonLink(rank=row.rank, name=row.scientific_name, aphia_id=row.aphia_id)
    return [BIOTA, *chain, own] if row.aphia_id != BIOTA.aphia_id else [BIOTA]


def lineage_names(path: str, links: dict[int, TaxonLink]) -> dict[str, str]:
    """Return the names from kingdom to genus that the lineages give for a path."""
    above = [links[int(part)] for part in path.split("/")[:-1] if int(part) in links]
    # "Phylum (Division)" is a phylum
    steps = [(link.rank.lower().partition(" ")[0], link.name) for link in above]
    return {RANK_COLUMNS[step]: name for step, name in steps if step in RANK_COLUMNS}


def build_taxon(
    link: TaxonLink,
    parent: int | None,
    path: str,
    ordinal: int,
    row: TaxonRow | None,
    names: dict[str, str],
) -> Taxon:
    """Return a taxon that is not saved."""
    taxon = Taxon(
        aphia_id=link.aphia_id,
        scientific_name=link.name,
        rank=link.rank,
        parent_id=parent,
        path=path,
        ordinal=ordinal,
    )
    for column, name in names.items():
        setattr(taxon, column, name)
    if row:
        taxon.authorship = row.authorship
        fill_in(taxon, row)
    return taxon
