"""Hash raw records, before any cleaning, to identify them and to find changes.

OBIS's `id` changes with each re-publication, and grid values change with the grids, so neither is
content. The hashes are MD5 as UUIDs: they identify and protect nothing.
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
    """Return the MD5 hash of the parts."""
    return UUID(bytes=hashlib.md5(b"\x1f".join(parts), usedforsecurity=False).digest())


def content_of(raw: Mapping[str, Any]) -> bytes:
    """Return the content as JSON with sorted keys and without nulls.

    Raises TypeError for a record nested more than 250 levels deep.
    """
    content = dict(raw)
    for key in NOT_CONTENT:
        content.pop(key, None)
    if None in content.values():
        content = {key: value for key, value in content.items() if value is not None}
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def fingerprint(raw: Mapping[str, Any]) -> UUID:
    """Return the hash of the content."""
    return digest(content_of(raw))


def content_hash(print_of_record: UUID, version: int | None = None) -> UUID:
    """Return the hash of content and rule set (default: current), so that new rules reach old rows."""
    return digest(
        print_of_record.bytes, str(RULE_SET_VERSION if version is None else version).encode()
    )


def key_of_occurrence(dataset: UUID, occurrence_id: str) -> UUID:
    """Return the identity of a record with an occurrenceID."""
    return digest(b"occurrence", dataset.bytes, occurrence_id.encode("utf-8", "surrogatepass"))


def base_of_content(print_of_record: UUID, occurrence_id: str = "") -> UUID:
    """Return the shared part of the identity of equal records without an occurrenceID of their own."""
    return digest(b"content", print_of_record.bytes, occurrence_id.encode("utf-8", "surrogatepass"))


def key_of_replicate(dataset: UUID, base: UUID, ordinal: int) -> UUID:
    """Return the identity of the n-th (from 0) of equal records."""
    return digest(b"replicate", dataset.bytes, base.bytes, str(ordinal).encode())


def block_hash(key: UUID) -> bytes:
    """Return the hash of a purged key for the block list."""
    return hashlib.sha256(b"purged" + key.bytes).digest()
