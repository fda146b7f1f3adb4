"""Who a record is, and whether it changed: hashes of the raw record, made before any cleaning.

OBIS's `id` changes whenever a dataset is re-published and grid look-ups change with the grids, so
neither counts as content. All hashes are MD5 as UUIDs: they identify, they protect nothing.
"""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson

from species.rules import RULE_SET_VERSION

LOOKED_UP = {"bathymetry", "shoredistance", "sst", "sss"}
NOT_CONTENT = {"id", "node_id", "node_ids"} | LOOKED_UP


def digest(*parts: bytes) -> UUID:
    return UUID(bytes=hashlib.md5(b"\x1f".join(parts), usedforsecurity=False).digest())


def content_of(raw: Mapping[str, Any]) -> bytes:
    """Return what the provider says as JSON, whatever the order of the keys; a null is the same as
    a missing key.

    Raises TypeError for a record that is nested more than 250 levels deep.
    """
    content = dict(raw)
    for key in NOT_CONTENT:
        content.pop(key, None)
    if None in content.values():
        content = {key: value for key, value in content.items() if value is not None}
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def fingerprint(raw: Mapping[str, Any]) -> UUID:
    """Return the hash of what the provider says."""
    return digest(content_of(raw))


def content_hash(print_of_record: UUID, version: int | None = None) -> UUID:
    """Return the hash of the content and of a rule set (default: the current one): corrected rules
    reach old rows.
    """
    return digest(
        print_of_record.bytes, str(RULE_SET_VERSION if version is None else version).encode()
    )


def key_of_occurrence(dataset: UUID, occurrence_id: str) -> UUID:
    """The lasting identity of a record with an occurrenceID."""
    return digest(b"occurrence", dataset.bytes, occurrence_id.encode("utf-8", "surrogatepass"))


def base_of_content(print_of_record: UUID, occurrence_id: str = "") -> UUID:
    """What equal records have in common that lack an occurrenceID, or share one."""
    return digest(b"content", print_of_record.bytes, occurrence_id.encode("utf-8", "surrogatepass"))


def key_of_replicate(dataset: UUID, base: UUID, ordinal: int) -> UUID:
    """The lasting identity of the n-th (from 0) of equal records."""
    return digest(b"replicate", dataset.bytes, base.bytes, str(ordinal).encode())


def block_hash(key: UUID) -> bytes:
    """What the block list keeps of a purged record's key."""
    return hashlib.sha256(b"purged" + key.bytes).digest()
