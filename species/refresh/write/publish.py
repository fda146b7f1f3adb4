"""Change published rows: insert, update and withdraw them, with everything derived from them.

All of it happens in the caller's transaction, which advances the data version last. Counts per
taxon and dataset and the densities follow one rule: subtract the old rows, add the new ones.
"""

from datetime import datetime

from species.density.maintain import keep_in_sync
from species.models import ChangeKind
from species.refresh.write.copy import OBSERVATION_COLUMNS

# Attributes that follow upstream without being a change of the observation, and our own
# bookkeeping.
NOT_IN_HISTORY = (
    "content_hash",
    "rule_set_version",
    "obis_id",
    "bathymetry",
    "shore_distance",
    "sst",
    "sss",
    "taxon_ordinal",
    "record_license_uri",  # follows from the text, which is in the history
)
HISTORY_COLUMNS = tuple(name for name in OBSERVATION_COLUMNS if name not in NOT_IN_HISTORY)

# What the rows that are to be published consist of.
PUBLISHED_COLUMNS = (*OBSERVATION_COLUMNS, "payload", "only_rules_differ")

# What a page's own statements join and choose by.
ANALYZED_COLUMNS = (
    "id, key, dataset_id, taxon_id, taxon_ordinal, occurrence_status, withdrawn_at, tile, grid_row,"
    " date_start"
)


def publish_rows(
    cursor,
    source: str,
    dataset_id: int,
    scope_id: int,
    run_id: int | None,
    now: datetime,
    *,
    all_new: bool = False,
) -> None:
    """Upsert the rows of `source`: a table, or a query in brackets, of PUBLISHED_COLUMNS.

    Rows that only our rules changed keep the time of their last change and are marked so in the
    history. `all_new`: no row exists yet, so there is nothing to subtract.
    """
    values = {"dataset": dataset_id, "scope": scope_id, "run": run_id, "now": now}
    held = f"FROM {source} s JOIN species_curatedobservation o ON o.key = s.key AND o.dataset_id = %(dataset)s"
    cursor.execute(
        f"""
        CREATE TEMPORARY TABLE effect ON COMMIT DROP AS
        SELECT s.taxon_id, s.occurrence_status, false AS withdrawn, 1 AS n FROM {source} s
        """  # noqa: S608
    )
    if not all_new:
        cursor.execute(
            "INSERT INTO effect SELECT o.taxon_id, o.occurrence_status, o.withdrawn_at IS NOT NULL, -1 "
            + held,
            values,
        )
        write_history(cursor, held, values)
    with keep_in_sync(cursor, held, values, all_new=all_new):
        upsert_rows(cursor, source, values)
    apply_effects(cursor, dataset_id)
    analyze_if_grown(cursor)


def analyze_if_grown(cursor) -> None:
    """Analyse the observations once they are ten times as many as at the last time.

    PostgreSQL does so by itself a minute later; until then it takes a first load's table for empty
    and reads all of it for each page.
    """
    cursor.execute(
        "SELECT pg_relation_size(oid) > 10 * relpages::bigint * current_setting('block_size')::integer"
        " FROM pg_class WHERE oid = 'species_curatedobservation'::regclass"
    )
    if cursor.fetchone()[0]:
        cursor.execute(f"ANALYZE species_curatedobservation ({ANALYZED_COLUMNS})")


def write_history(cursor, held: str, values: dict) -> None:
    """Record the old values of the rows `o` in the columns in which `s` differs.

    A row that only our rules changed, and in none of these columns, gets no entry.
    """
    old = ", ".join(f"'{name}', CASE WHEN o.{name}::text IS DISTINCT FROM s.{name}::text"
                    f" THEN coalesce({json_of(name)}, '\"\"'::jsonb) END" for name in HISTORY_COLUMNS)  # fmt: skip
    cursor.execute(
        f"""
        INSERT INTO species_observationchange (observation_id, run_id, at, kind, old_values)
        SELECT id, %(run)s, %(now)s, kind, old_values FROM (
            SELECT o.id, o.withdrawn_at IS NULL AND s.only_rules_differ AS may_be_silent,
                   CASE WHEN s.only_rules_differ THEN '{ChangeKind.RULES}'
                        WHEN o.withdrawn_at IS NULL THEN '{ChangeKind.CHANGED}'
                        ELSE '{ChangeKind.RETURNED}' END AS kind,
                   jsonb_strip_nulls(jsonb_build_object({old})) AS old_values
            {held}) entry
        WHERE NOT may_be_silent OR old_values <> '{{}}'
        """,  # noqa: S608
        values,
    )


def json_of(column: str) -> str:
    """Return SQL of a row's column as JSON; a place as GeoJSON, which staff can read."""
    return "ST_AsGeoJSON(o.location)::jsonb" if column == "location" else f"to_jsonb(o.{column})"


def upsert_rows(cursor, source: str, values: dict) -> None:
    """Insert or update the rows and the records as received."""
    names = ", ".join(OBSERVATION_COLUMNS)
    updates = ", ".join(
        f"{name} = EXCLUDED.{name}" for name in OBSERVATION_COLUMNS if name != "key"
    )
    cursor.execute(
        f"""
        WITH written AS (
            INSERT INTO species_curatedobservation AS o ({names}, dataset_id, scope_id, first_seen, last_changed,
                                                         withdrawal_reason)
            SELECT {names}, %(dataset)s, %(scope)s, moment.at, moment.at, ''
            FROM {source} s CROSS JOIN LATERAL (
                SELECT coalesce(CASE WHEN s.only_rules_differ THEN
                    (SELECT h.last_changed FROM species_curatedobservation h
                     WHERE h.key = s.key AND h.dataset_id = %(dataset)s) END, %(now)s) AS at) moment
            ON CONFLICT (key, dataset_id) DO UPDATE
            SET {updates}, last_changed = EXCLUDED.last_changed, withdrawn_at = NULL, withdrawal_reason = ''
            WHERE o.content_hash <> EXCLUDED.content_hash OR o.withdrawn_at IS NOT NULL
            RETURNING id, key
        )
        , replaced AS (
            -- What was received before is not what this row was made of.
            DELETE FROM species_recordasreceived r USING written JOIN {source} s USING (key)
            WHERE r.observation_id = written.id AND s.payload IS NULL
        )
        INSERT INTO species_recordasreceived AS r (observation_id, payload)
        SELECT written.id, s.payload FROM written JOIN {source} s USING (key) WHERE s.payload IS NOT NULL
        ON CONFLICT (observation_id) DO UPDATE SET payload = EXCLUDED.payload
        """,  # noqa: S608
        values,
    )


def withdraw_rows(
    cursor,
    condition: str,
    dataset_id: int,
    run_id: int | None,
    now: datetime,
    values: dict,
    kind: ChangeKind = ChangeKind.WITHDRAWN,
) -> int:
    """Withdraw the dataset's rows `o` that meet a condition; return how many.

    `condition` is SQL of the form `... AS reason FROM species_curatedobservation o WHERE ...`.
    """
    parameters = {"dataset": dataset_id, "run": run_id, "now": now} | values
    cursor.execute(
        f"CREATE TEMPORARY TABLE leaving ON COMMIT DROP AS SELECT o.id, {condition}",
        parameters,
    )
    cursor.execute(
        """
        CREATE TEMPORARY TABLE effect ON COMMIT DROP AS
        SELECT taxon_id, occurrence_status, withdrawn, n FROM (
            SELECT o.taxon_id, o.occurrence_status FROM leaving JOIN species_curatedobservation o USING (id)
        ) gone CROSS JOIN (VALUES (false, -1), (true, 1)) AS step (withdrawn, n)
        """
    )
    cursor.execute(
        f"""
        INSERT INTO species_observationchange (observation_id, run_id, at, kind, old_values)
        SELECT id, %(run)s, %(now)s, '{kind}', '{{}}' FROM leaving
        """,  # noqa: S608
        parameters,
    )
    with keep_in_sync(cursor, "FROM leaving JOIN species_curatedobservation o USING (id)"):
        cursor.execute(
            """
            UPDATE species_curatedobservation o SET withdrawn_at = %(now)s, last_changed = %(now)s,
                   withdrawal_reason = leaving.reason FROM leaving WHERE o.id = leaving.id
            """,
            parameters,
        )
        gone = cursor.rowcount
    apply_effects(cursor, dataset_id)
    cursor.execute("DROP TABLE leaving")
    return gone


def apply_effects(cursor, dataset_id: int) -> None:
    """Add the table `effect` to the counts of taxa and of the dataset, and drop it."""
    cursor.execute(
        """
        UPDATE species_taxon t SET observation_count = observation_count + e.n
        FROM (SELECT taxon_id, sum(n) AS n FROM effect
              WHERE occurrence_status = 'present' AND NOT withdrawn GROUP BY taxon_id HAVING sum(n) <> 0) e
        WHERE t.aphia_id = e.taxon_id;
        UPDATE species_dataset d
        SET published_count = published_count + e.published, absent_count = absent_count + e.absent,
            withdrawn_count = withdrawn_count + e.withdrawn
        FROM (SELECT coalesce(sum(n) FILTER (WHERE occurrence_status = 'present' AND NOT withdrawn), 0) AS published,
                     coalesce(sum(n) FILTER (WHERE occurrence_status = 'absent' AND NOT withdrawn), 0) AS absent,
                     coalesce(sum(n) FILTER (WHERE withdrawn), 0) AS withdrawn FROM effect) e
        WHERE d.id = %s;
        DROP TABLE effect
        """,
        [dataset_id],
    )
