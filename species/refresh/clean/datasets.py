"""Read the datasets that OBIS lists: title, citation, licence, links, node and state.

Contacts are not read, as they are personal data.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from species.models import Dataset
from species.refresh.clean.licences import read_license
from species.refresh.text import clean_text, read_total
from species.terms import Source

LONGEST_STATE = 40  # characters


def has_uuid(raw: Mapping[str, Any]) -> bool:
    """Return whether a dataset has an id by which OBIS can be queried."""
    try:
        return bool(UUID(str(raw.get("id"))))
    except ValueError:
        return False


def read_dataset(raw: Mapping[str, Any]) -> Dataset:
    """Return a listed dataset as a row that is not saved."""
    uuid = UUID(str(raw["id"]))
    rights = clean_text(raw.get("intellectualrights"))
    reading = read_license(rights)
    nodes = raw.get("nodes")
    names = [
        clean_text(node.get("name"))
        for node in (nodes if isinstance(nodes, list) else [])
        if isinstance(node, Mapping)
    ]
    return Dataset(
        uuid=uuid,
        source=Source.OBIS,
        title=clean_text(raw.get("title")).strip() or f"Untitled dataset {uuid}",
        citation=clean_text(raw.get("citation")),
        license=reading.license,
        license_as_given=rights,
        license_uri=reading.uri,
        url=clean_text(raw.get("url")),
        archive_url=clean_text(raw.get("archive")),
        node=", ".join(filter(None, names)),
        updated=read_state(raw),
        announced_count=read_total(raw.get("records")),
    )


def read_state(raw: Mapping[str, Any]) -> str:
    """Return OBIS's `updated` of a dataset, which is compared as text."""
    return clean_text(raw.get("updated"))[:LONGEST_STATE]
