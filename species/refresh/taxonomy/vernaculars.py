"""Count the common names that records use; of several in one language the most used is shown."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q
from psycopg2.extras import execute_values

from species.models import CuratedObservation, StagedObservation, VernacularName
from species.refresh.payload import unpack_record
from species.refresh.text import clean_name, read_id, says_nothing
from users.languages import UNDETERMINED

LONGEST_NAME = 200


def count_names_used(given: Iterable[tuple[int, object]]) -> None:
    """Add (AphiaID, vernacularName as given) of incoming records to the counts of names."""
    rows = [
        (aphia_id, UNDETERMINED, name, n)
        for (aphia_id, name), n in sorted(count_uses(given).items())
    ]
    if not rows:
        return
    with connection.cursor() as cursor:
        execute_values(
            cursor,
            """
            INSERT INTO species_vernacularname AS v (taxon_id, language, name, record_count, is_preferred) VALUES %s
            ON CONFLICT (taxon_id, language, name) DO UPDATE SET record_count = v.record_count + EXCLUDED.record_count
            """,
            rows,
            template="(%s, %s, %s, %s, false)",
        )


def count_uses(given: Iterable[tuple[int, object]]) -> Counter[tuple[int, str]]:
    """Return how often each (AphiaID, name) is used, without values that are no names."""
    uses = Counter((aphia_id, clean_name(name)) for aphia_id, name in given if name)
    return Counter(
        {
            use: n
            for use, n in uses.items()
            if len(use[1]) <= LONGEST_NAME and not says_nothing(use[1])
        }
    )


def taxa_named_by(keys: Iterable[UUID]) -> set[int]:
    """Return the taxa that may have a common name from these observations.

    Without a record as received they are all of its taxa.
    """
    named: set[int] = set()
    for taxa, raw in read_records(Q(key__in=list(keys))):
        named |= taxa if raw is None or raw.get("vernacularName") else set()
    return named


def recount_names(taxa: Iterable[int]) -> None:
    """Count the names of these taxa again from the records kept, and delete unused ones.

    This reads every record of these taxa, so it is only for erasing on request.
    """
    wanted = set(taxa)
    about = Q(taxon__in=wanted) | Q(aphia_id_as_published__in=wanted)
    given = (
        (read_id(raw.get("aphiaID")), raw.get("vernacularName"))
        for _, raw in read_records(about)
        if raw
    )
    uses = count_uses((aphia_id, name) for aphia_id, name in given if aphia_id in wanted)
    for name in VernacularName.objects.filter(
        taxon__in=wanted, language=UNDETERMINED, record_count__gt=0
    ):
        name.record_count = uses[name.taxon_id, name.name]
        if name.record_count:
            name.save(update_fields=["record_count"])
        else:
            name.delete()
    for aphia_id in wanted:
        share_counts(aphia_id)


def read_records(about: Q) -> Iterator[tuple[set[int], dict[str, Any] | None]]:
    """Yield ({AphiaIDs}, record as received or None) of published and staged observations."""
    columns = ("taxon_id", "aphia_id_as_published")
    held = CuratedObservation.objects.filter(about).values_list(*columns, "received__payload")
    staged = StagedObservation.objects.filter(about).values_list(*columns, "payload")
    for rows in (held, staged):
        for taxon_id, published_as, payload in rows.iterator():
            raw = None
            with suppress(ValueError, TypeError):  # not kept, or not readable
                raw = unpack_record(payload)
            yield {taxon_id, published_as} - {None}, raw


def share_counts(aphia_id: int) -> None:
    """Copy the counts of names without a language to the same names in a language."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE species_vernacularname v SET record_count = coalesce(
                (SELECT sum(used.record_count) FROM species_vernacularname used
                 WHERE used.taxon_id = v.taxon_id AND used.language = %(none)s AND lower(used.name) = lower(v.name)), 0)
            WHERE v.taxon_id = %(taxon)s AND v.language <> %(none)s
            """,
            {"taxon": aphia_id, "none": UNDETERMINED},
        )
