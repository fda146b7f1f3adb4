"""Count the common names that records themselves use: among several in one language, the most used is shown."""

from collections import Counter
from collections.abc import Iterable

from django.db import connection
from psycopg2.extras import execute_values

from species.refresh.text import clean_name, says_nothing

UNDETERMINED = "und"  # ISO 639-3: a language nobody named; records name none
LONGEST_NAME = 200


def count_names_used(given: Iterable[tuple[int, object]]) -> None:
    """Add (AphiaID, vernacularName as given) of records that come in to the counts of their names."""
    uses = Counter((aphia_id, clean_name(name)) for aphia_id, name in given if name)
    rows = [
        (aphia_id, UNDETERMINED, name, n)
        for (aphia_id, name), n in sorted(uses.items())
        if len(name) <= LONGEST_NAME and not says_nothing(name)
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


def share_counts(aphia_id: int) -> None:
    """Names that WoRMS gives in a language are as much used as the same names that records give without one."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE species_vernacularname v SET record_count = used.n
            FROM (SELECT lower(name) AS name, sum(record_count) AS n FROM species_vernacularname
                  WHERE taxon_id = %(taxon)s AND language = %(none)s GROUP BY 1) used
            WHERE v.taxon_id = %(taxon)s AND v.language <> %(none)s AND lower(v.name) = used.name
            """,
            {"taxon": aphia_id, "none": UNDETERMINED},
        )
