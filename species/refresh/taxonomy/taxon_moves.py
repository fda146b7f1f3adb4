"""Apply changes of WoRMS to the tree: parents, synonyms and names. Call in a transaction."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils import timezone

from species.density.maintain import keep_in_sync
from species.models import ChangeKind, DataVersion, Taxon
from species.models.observation_queries import PUBLISHED_SQL
from species.refresh.taxonomy.ordinals import ordinals_between, renumber_observations
from species.refresh.taxonomy.taxa import TaxonFacts, closes_circle, facts_of, resolve_synonyms
from species.terms import Finding, ObisFlag


def reparent_taxon(aphia_id: int, parent_id: int) -> bool:
    """Move a taxon with its subtree under a new parent; return False if unchanged or cyclic."""
    taxon, parent = Taxon.objects.get(pk=aphia_id), Taxon.objects.get(pk=parent_id)
    if (
        taxon.parent_id == parent_id
        or not parent.path
        or (taxon.path and parent.path.startswith(taxon.path))
    ):
        return False
    new_path, old_path = f"{parent.path}{aphia_id}/", taxon.path or ""
    members = list(Taxon.objects.below(taxon).order_by("path")) if old_path else [taxon]
    with (
        connection.cursor() as cursor,
        keep_in_sync(cursor, *observations_of([member.pk for member in members])),
    ):
        # Out of the tree first, so that the new neighbours are others.
        Taxon.objects.filter(pk__in=[member.pk for member in members]).update(
            path=None, ordinal=None
        )
        paths = {member.pk: new_path + (member.path or "")[len(old_path) :] for member in members}
        ordinals = ordinals_between(list(paths.values()))
        for member in members:
            member.path, member.ordinal = paths[member.pk], ordinals[paths[member.pk]]
            if member.pk == aphia_id:
                member.parent_id = parent_id
        Taxon.objects.bulk_update(members, ["path", "ordinal", "parent"], batch_size=1000)
        renumber_observations(new_path)
    DataVersion.advance()
    return True


def observations_of(aphia_ids: Sequence[int]) -> tuple[str, dict[str, Any]]:
    """Return the observations of these taxa in the form that `keep_in_sync` takes."""
    return "FROM species_curatedobservation o WHERE o.taxon_id = ANY(%(taxa)s)", {
        "taxa": list(aphia_ids)
    }


def accept_name(aphia_id: int, accepted_id: int | None, run_id: int | None = None) -> int:
    """Set the accepted name of a taxon (None: its own), move its observations, return how many.

    Observations keep the AphiaID as published, so a synonymy can be revoked. Of two names that are
    synonyms of each other the second is ignored.
    """
    if accepted_id and closes_circle(aphia_id, accepted_id):
        return 0
    former = resolve_synonyms([aphia_id]).get(aphia_id, aphia_id)
    Taxon.objects.filter(pk=aphia_id).update(
        accepted_id=accepted_id if accepted_id != aphia_id else None
    )
    facts = facts_of([aphia_id]).get(aphia_id)
    if facts is None:
        return 0
    moved = copy_facts(aphia_id, facts, run_id) if facts.taxon_id != aphia_id else 0
    if former not in (aphia_id, facts.taxon_id):
        published_as = [
            aphia_id,
            *Taxon.objects.filter(accepted_id=aphia_id).values_list("pk", flat=True),
        ]
        moved += copy_facts(former, facts, run_id, published_as)
    return moved


def rename_taxon(aphia_id: int, run_id: int | None = None) -> int:
    """Copy a taxon's names and findings to its observations; return how many changed."""
    facts = facts_of([aphia_id]).get(aphia_id)
    return copy_facts(aphia_id, facts, run_id) if facts and facts.taxon_id == aphia_id else 0


def copy_facts(
    old: int, facts: TaxonFacts, run_id: int | None, published_as: Sequence[int] | None = None
) -> int:
    """Give the observations of one taxon the facts of a taxon; return how many changed.

    `published_as` limits them to these AphiaIDs as published. Another taxon is recorded in the
    history.
    """
    values: dict[str, Any] = {
        "old": old,
        "taxon": facts.taxon_id,
        "ordinal": facts.ordinal,
        "species": facts.species_name,
        "common": facts.common_name,
        "published_as": list(published_as or ()),
        "run": run_id,
        "now": timezone.now(),
        "kind": ChangeKind.TAXON,
        "findings": facts.findings,
        "not_accepted": int(Finding.NAME_NOT_ACCEPTED),
        "obis_flag": int(ObisFlag.NO_ACCEPTED_NAME),
    }
    chosen = "taxon_id = %(old)s" + (
        " AND aphia_id_as_published = ANY(%(published_as)s)" if published_as else ""
    )
    # OBIS's flag says the same of a name, and stays when WoRMS gives it a status of its own.
    findings = (
        "(findings & ~%(not_accepted)s::bigint | CASE WHEN obis_flags & %(obis_flag)s <> 0"
        " THEN %(not_accepted)s ELSE %(findings)s END)"
    )
    # Another common name is news of a language, not of the record: it has no entry in the history.
    is_other = (
        f"(taxon_id, species_name, findings) IS DISTINCT FROM (%(taxon)s, %(species)s, {findings})"
    )
    differs = f"({is_other} OR common_name <> %(common)s)"
    # What says nothing of a synonym was published under the very taxon that it leaves.
    told = f"""
        SET findings = {findings}, taxon_id = %(taxon)s, taxon_ordinal = %(ordinal)s,
            species_name = %(species)s, common_name = %(common)s,
            aphia_id_as_published = COALESCE(aphia_id_as_published, NULLIF(taxon_id, %(taxon)s))"""
    with connection.cursor() as cursor, ExitStack() as stack:
        # Names are in no aggregate; taxa and findings are.
        counted = f"{chosen} AND (taxon_id, findings) IS DISTINCT FROM (%(taxon)s, {findings})"
        cursor.execute(
            f"SELECT EXISTS (SELECT FROM species_curatedobservation WHERE {counted})",  # noqa: S608
            values,
        )
        if cursor.fetchone()[0]:
            stack.enter_context(
                keep_in_sync(cursor, f"FROM species_curatedobservation o WHERE {chosen}", values)
            )
        cursor.execute(
            f"""
            INSERT INTO species_observationchange (observation_id, run_id, at, kind, old_values)
            SELECT id, %(run)s, %(now)s, %(kind)s,
                   jsonb_strip_nulls(jsonb_build_object(
                       'taxon_id', CASE WHEN taxon_id <> %(taxon)s THEN taxon_id END,
                       'species_name', CASE WHEN species_name <> %(species)s THEN species_name END,
                       'findings', CASE WHEN findings <> {findings} THEN findings END))
            FROM species_curatedobservation WHERE {chosen} AND {is_other}
            """,  # noqa: S608
            values,
        )
        cursor.execute(
            f"""
            WITH moved AS (
                UPDATE species_curatedobservation
                {told}, last_changed = CASE WHEN {is_other} THEN %(now)s ELSE last_changed END
                WHERE {chosen} AND {differs}
                RETURNING {PUBLISHED_SQL} AS published)
            SELECT count(*), count(*) FILTER (WHERE published) FROM moved
            """,  # noqa: S608
            values,
        )
        moved, published = cursor.fetchone()
        cursor.execute(f"UPDATE species_stagedobservation {told} WHERE {chosen}", values)
    if moved:
        if old != facts.taxon_id:
            Taxon.objects.filter(pk=old).update(
                observation_count=F("observation_count") - published
            )
            Taxon.objects.filter(pk=facts.taxon_id).update(
                observation_count=F("observation_count") + published
            )
        DataVersion.advance()
    return moved
