"""Keep the counts of values and tiles, and the spatially balanced sample, in step with observations."""

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings

from species.density.columns import PUBLISHED_SQL
from species.models.sample import NOT_DRAWABLE, Facet

LEAST_IN_STRATUM = 20  # so that a lonely tile is not passed over
# a stratum's share is set anew once it is so many times what it should be, or less than that part
TOLERANCE = 2.0
MOST = UUID(int=2**128 - 1)
SAMPLED = (
    "id", "taxon_id", "taxon_ordinal", "dataset_id", "location", "grid_column", "grid_row", "date_start", "date_end",
    "minimum_depth_in_meters", "maximum_depth_in_meters", "coordinate_uncertainty_in_meters", "obis_flags",
    "findings", "basis_of_record", "evidence", "license", "source",
)  # fmt: skip
VALUES = ", ".join(f"('{facet}', {facet}::text)" for facet in Facet.values)


def count_values(cursor) -> None:
    """Add the rows of `changing` to the counts of values and of tiles."""
    cursor.execute(
        f"""
        INSERT INTO species_facetcount AS held (facet, value, n)
        SELECT facet, value, sum(n)
        FROM (SELECT {", ".join(Facet.values)}, sum(sign) AS n FROM changing GROUP BY {", ".join(Facet.values)}) alike
        CROSS JOIN LATERAL (VALUES {VALUES}) AS given (facet, value)
        GROUP BY facet, value HAVING sum(n) <> 0 ORDER BY facet, value
        ON CONFLICT (facet, value) DO UPDATE SET n = held.n + EXCLUDED.n;
        INSERT INTO species_stratum AS held (tile, n, sampled, counted, below)
        SELECT tile, sum(sign), 0, 0, (SELECT '{MOST}'::uuid WHERE EXISTS (SELECT FROM species_sampledobservation))
        FROM changing GROUP BY tile HAVING sum(sign) <> 0 ORDER BY tile
        ON CONFLICT (tile) DO UPDATE SET n = held.n + EXCLUDED.n
        """
    )


def is_sampled(cursor) -> bool:
    cursor.execute("SELECT EXISTS (SELECT FROM species_sampledobservation)")
    return cursor.fetchone()[0]


def update_sample(cursor) -> None:
    """Remove changed observations from the sample, and add those whose key is below the bound."""
    if not is_sampled(cursor):
        return
    cursor.execute(
        f"""
        WITH gone AS (
            DELETE FROM species_sampledobservation s USING (SELECT DISTINCT id FROM changing) c WHERE s.id = c.id
            RETURNING stratum)
        UPDATE species_stratum t SET sampled = sampled - g.n
        FROM (SELECT stratum, count(*) AS n FROM gone GROUP BY stratum) g WHERE t.tile = g.stratum;
        {insert_statement("JOIN changing c ON c.id = o.id AND c.sign = 1")}
        """
    )


def insert_statement(restriction: str) -> str:
    """Return SQL that adds observations `o` of strata `t` to the sample, as their keys decide."""
    return f"""
        WITH come AS (
            INSERT INTO species_sampledobservation (stratum, {", ".join(SAMPLED)})
            SELECT t.tile, {", ".join(f"o.{name}" for name in SAMPLED)}
            FROM species_curatedobservation o JOIN species_stratum t ON t.tile = coalesce(o.tile, {NOT_DRAWABLE})
            {restriction} WHERE {PUBLISHED_SQL} AND o.key < t.below
            RETURNING stratum)
        UPDATE species_stratum t SET sampled = sampled + c.n
        FROM (SELECT stratum, count(*) AS n FROM come GROUP BY stratum) c WHERE t.tile = c.stratum
    """


def recount_values(cursor) -> None:
    """Count values and tiles from nothing, and empty the sample."""
    columns = ", ".join(Facet.values)
    cursor.execute(
        f"""
        DELETE FROM species_facetcount; DELETE FROM species_stratum; DELETE FROM species_sampledobservation;
        CREATE TEMPORARY TABLE counted ON COMMIT DROP AS
        SELECT coalesce(tile, {NOT_DRAWABLE}) AS tile, {columns}, count(*) AS sign
        FROM species_curatedobservation o WHERE {PUBLISHED_SQL} GROUP BY 1, {columns};
        INSERT INTO species_facetcount (facet, value, n)
        SELECT facet, value, sum(sign) FROM counted CROSS JOIN LATERAL (VALUES {VALUES}) AS given (facet, value)
        GROUP BY facet, value;
        INSERT INTO species_stratum (tile, n, sampled, counted)
        SELECT tile, sum(sign), 0, sum(sign) FROM counted GROUP BY tile;
        DROP TABLE counted
        """
    )


def draw_sample(cursor) -> bool:
    """Draw the sample from nothing if one answer could not read all; return whether it did."""
    cursor.execute("SELECT tile, n FROM species_stratum WHERE n > 0")
    strata = dict(cursor.fetchall())
    if sum(strata.values()) <= settings.RAW_ROW_BOUND:
        return False
    share = share_of(list(strata.values()))
    set_shares(cursor, {tile: inclusion_probability(n, share) for tile, n in strata.items()})
    cursor.execute(insert_statement(""))
    return True


def adapt_sample(cursor) -> bool:
    """Draw a missing sample, or adapt strata that have grown or shrunk; return whether it changed."""
    if not is_sampled(cursor):
        return draw_sample(cursor)
    cursor.execute("SELECT tile, n, below FROM species_stratum WHERE n > 0 AND below IS NOT NULL")
    strata = {tile: (n, share_below(below)) for tile, n, below in cursor.fetchall()}
    share = share_of([n for n, _ in strata.values()])
    wanted = {tile: inclusion_probability(n, share) for tile, (n, _) in strata.items()}
    off = {
        tile: p
        for tile, p in wanted.items()
        if not p / TOLERANCE <= strata[tile][1] <= min(1.0, p * TOLERANCE)
    }
    if off:
        redraw_strata(cursor, off)
    return bool(off)


def redraw_strata(cursor, shares: dict[int, float]) -> None:
    tiles = list(shares)
    cursor.execute(
        "DELETE FROM species_sampledobservation WHERE stratum = ANY(%s::smallint[])", [tiles]
    )
    cursor.execute(
        "UPDATE species_stratum SET sampled = 0 WHERE tile = ANY(%s::smallint[])", [tiles]
    )
    set_shares(cursor, shares)
    drawable = [tile for tile in tiles if tile != NOT_DRAWABLE]
    cursor.execute(insert_statement("AND o.tile = ANY(%s::smallint[])"), [drawable])
    if NOT_DRAWABLE in shares:
        cursor.execute(insert_statement("AND o.tile IS NULL"))


def set_shares(cursor, shares: dict[int, float]) -> None:
    cursor.execute(
        "UPDATE species_stratum t SET below = given.below"
        " FROM unnest(%s::smallint[], %s::uuid[]) AS given (tile, below) WHERE t.tile = given.tile",
        [list(shares), [str(key_bound(p)) for p in shares.values()]],
    )


def share_of(sizes: Sequence[int]) -> float:
    """Return the share of each stratum for a sample of SAMPLE_SIZE, none below its minimum."""
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        too_many = sum(n * inclusion_probability(n, middle) for n in sizes) > settings.SAMPLE_SIZE
        low, high = (low, middle) if too_many else (middle, high)
    return low


def inclusion_probability(n: int, share: float) -> float:
    """Return the probability that an observation of a stratum of n is in the sample."""
    return min(1.0, max(share, LEAST_IN_STRATUM / n))


def key_bound(p: float) -> UUID:
    """Return the key below which a share p of all keys lies."""
    return UUID(int=min(int(p * 2**128), MOST.int))


def share_below(below: UUID) -> float:
    return below.int / 2**128
