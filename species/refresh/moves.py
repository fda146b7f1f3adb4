"""What WoRMS changes in the tree: a taxon hangs elsewhere, is a synonym, or has another name. Call in a transaction."""

from django.db import connection
from django.utils import timezone

from species.models import ChangeKind, DataVersion, Taxon
from species.refresh.ordinals import ordinals_between, renumber_observations
from species.refresh.taxa import TaxonFacts, facts_of


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
