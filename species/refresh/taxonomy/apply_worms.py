"""Apply an answer of WoRMS to its taxon: name, place in the tree, accepted name, common names."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from species.density.columns import SPECIES
from species.density.maintain import keep_in_sync
from species.models import DataVersion, Taxon, VernacularName
from species.models.taxon import path_end
from species.refresh.records import TaxonLink, TaxonRow
from species.refresh.taxonomy.taxa import plant_taxa
from species.refresh.taxonomy.taxon_moves import (
    accept_name,
    observations_of,
    rename_taxon,
    reparent_taxon,
)
from species.refresh.taxonomy.vernaculars import LONGEST_NAME as LONGEST_VERNACULAR
from species.refresh.taxonomy.vernaculars import share_counts
from species.refresh.text import LONGEST_NAME, clean_name, clean_text, read_bool, read_id
from users.languages import SECOND_CODES, UNDETERMINED

NO_PAUSE = {"worms_failures": 0, "worms_retry_at": None}  # an answer could be used
Chain = Sequence[tuple[str, str, int]]


def neighbours_of(record: Mapping[str, Any]) -> set[int]:
    """Return AphiaIDs that must be in the tree first: the accepted name or the parent."""
    valid, parent = read_id(record.get("valid_AphiaID")), read_id(record.get("parentNameUsageID"))
    if valid and valid != record["AphiaID"]:
        return {valid}
    return {parent} if parent else set()


def apply_record(
    record: Mapping[str, Any], run_id: int | None = None, chains: Iterable[Chain] = ()
) -> int:
    """Update a taxon from its AphiaRecord; return how many observations changed.

    `chains` are classifications of neighbours that are not in the tree yet. Everything is one
    transaction.
    """
    with transaction.atomic():
        plant_taxa([_row(chain) for chain in chains])
        taxon = Taxon.objects.select_for_update().get(pk=record["AphiaID"])
        was_named, was_rejected = taxon.scientific_name, taxon.lacks_accepted_name
        _describe(taxon, record)
        # Move it first: observations can only return to a taxon in the tree.
        moved = read_id(record.get("valid_AphiaID")) in (None, taxon.pk) and _move(taxon, record)
        changed = _accept(taxon, record, run_id)
        taxon.refresh_from_db()
        if (taxon.scientific_name, taxon.lacks_accepted_name) != (was_named, was_rejected):
            changed += rename_taxon(taxon.pk, run_id)
        if taxon.path and (moved or taxon.scientific_name != was_named):
            name_ranks(taxon.path)
        return changed


def mark_unknown(aphia_ids: Iterable[int]) -> None:
    """Record that WoRMS does not know these AphiaIDs; the taxa stay in their places."""
    Taxon.objects.filter(pk__in=list(aphia_ids)).update(
        worms_asked_at=timezone.now(), worms_found=False, **NO_PAUSE
    )


def apply_vernaculars(
    aphia_id: int, answer: Sequence[Mapping[str, Any] | None] | None, run_id: int | None = None
) -> int:
    """Store the common names of WoRMS (None: it has none); return how many observations changed.

    Preferred names of editors stay, and so do names that records use. If one name of the answer
    (None) cannot be read, no name is deleted.
    """
    given = {pair for row in answer or () if row and (pair := _vernacular(row))}
    is_whole = None not in (answer or ())
    with transaction.atomic():
        held = VernacularName.objects.filter(taxon_id=aphia_id)
        for name in held.filter(is_preferred=False).exclude(
            language=UNDETERMINED, record_count__gt=0
        ):
            if is_whole and (name.language, name.name) not in given:
                name.delete()
        VernacularName.objects.bulk_create(
            [
                VernacularName(taxon_id=aphia_id, language=code, name=name)
                for code, name in sorted(given)
            ],
            ignore_conflicts=True,
        )
        share_counts(aphia_id)
        Taxon.objects.filter(pk=aphia_id).update(vernaculars_asked_at=timezone.now(), **NO_PAUSE)
        return rename_taxon(aphia_id, run_id)


def name_ranks(path: str) -> None:
    """Update kingdom to genus of a taxon and its subtree from the tree."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE species_taxon t
            SET kingdom = above.kingdom, phylum = above.phylum, class_name = above.class_name,
                order_name = above.order_name, family = above.family, genus = above.genus
            FROM (
                SELECT t.aphia_id,
                       coalesce(max(a.scientific_name) FILTER (WHERE a.step = 'Kingdom'), '') AS kingdom,
                       coalesce(max(a.scientific_name) FILTER (WHERE a.step = 'Phylum'), '') AS phylum,
                       coalesce(max(a.scientific_name) FILTER (WHERE a.step = 'Class'), '') AS class_name,
                       coalesce(max(a.scientific_name) FILTER (WHERE a.step = 'Order'), '') AS order_name,
                       coalesce(max(a.scientific_name) FILTER (WHERE a.step = 'Family'), '') AS family,
                       coalesce(max(a.scientific_name) FILTER (WHERE a.step = 'Genus'), '') AS genus
                FROM species_taxon t
                -- "Phylum (Division)" is a phylum
                JOIN (SELECT aphia_id, scientific_name, split_part(rank, ' ', 1) AS step FROM species_taxon) a
                  ON a.aphia_id = ANY (string_to_array(rtrim(t.path, '/'), '/')::int[])
                WHERE t.path >= %(path)s AND t.path < %(end)s
                GROUP BY t.aphia_id
            ) above
            WHERE t.aphia_id = above.aphia_id
            """,
            {"path": path, "end": path_end(path)},
        )


def _describe(taxon: Taxon, record: Mapping[str, Any]) -> None:
    """Copy a record's facts to the taxon; a missing habitat leaves OBIS's value."""
    name = clean_name(record.get("scientificname"))  # null for some deleted and quarantined names
    taxon.scientific_name = name if 0 < len(name) <= LONGEST_NAME else taxon.scientific_name
    taxon.authorship = clean_name(record.get("authority"))
    taxon.rank = clean_name(record.get("rank"))[:40] or taxon.rank
    taxon.status = clean_name(record.get("status"))[:60]
    taxon.unaccept_reason = clean_text(record.get("unacceptreason"))
    for column, key in (
        ("is_marine", "isMarine"),
        ("is_brackish", "isBrackish"),
        ("is_freshwater", "isFreshwater"),
        ("is_terrestrial", "isTerrestrial"),
        ("is_extinct", "isExtinct"),
    ):
        said = read_bool(record.get(key))
        if said is not None:
            setattr(taxon, column, said)
    credits_algaebase = "algaebase" in clean_text(record.get("citation")).casefold()
    if credits_algaebase != taxon.credits_algaebase:
        taxon.credits_algaebase = credits_algaebase
        DataVersion.advance()  # caches may publish too much of it, or too little
    taxon.worms_modified = clean_text(record.get("modified"))[:40]
    taxon.worms_asked_at, taxon.worms_found = timezone.now(), True
    taxon.worms_failures, taxon.worms_retry_at = 0, None
    save_taxon(taxon)


def save_taxon(taxon: Taxon) -> None:
    """Save a taxon; if it becomes or stops being a species, count its subtree anew."""
    was = Taxon.objects.filter(pk=taxon.pk).values_list("rank", flat=True).first()
    with connection.cursor() as cursor, ExitStack() as stack:
        if taxon.path and was != taxon.rank and SPECIES in (was, taxon.rank):
            members = Taxon.objects.below(taxon).values_list("pk", flat=True)
            stack.enter_context(keep_in_sync(cursor, *observations_of(list(members))))
        taxon.save()


def _accept(taxon: Taxon, record: Mapping[str, Any], run_id: int | None) -> int:
    """Apply the accepted name; a taxon without any stays in its place."""
    valid = read_id(record.get("valid_AphiaID"))
    accepted = None if valid == taxon.pk else valid
    if valid is None or accepted == taxon.accepted_id:
        return 0
    if accepted and not Taxon.objects.filter(pk=accepted).exists():
        return 0
    return accept_name(taxon.pk, accepted, run_id)


def _move(taxon: Taxon, record: Mapping[str, Any]) -> bool:
    parent = read_id(record.get("parentNameUsageID"))
    if parent is None or not Taxon.objects.filter(pk=parent, path__isnull=False).exists():
        return False
    return reparent_taxon(taxon.pk, parent)


def _row(chain: Chain) -> TaxonRow:
    """Return a classification as a lineage; the tree adds the root."""
    lineage = tuple(TaxonLink(rank, clean_name(name), aphia_id) for rank, name, aphia_id in chain)
    last = lineage[-1]
    return TaxonRow(last.aphia_id, last.name, "", last.rank, lineage, None, None, None, None, "")


def _vernacular(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return (language, name), with "und" for a missing language; None for no usable name."""
    name = clean_name(row.get("vernacular"))
    code = clean_text(row.get("language_code")).strip().lower()
    code = SECOND_CODES.get(
        code, code if len(code) == 3 and code.isalpha() and code.isascii() else UNDETERMINED
    )
    return (code, name) if 0 < len(name) <= LONGEST_VERNACULAR else None
