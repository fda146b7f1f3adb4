"""Find JSON objects with a repeated key, whose meaning is uncertain."""

import json
from typing import Any

from species.refresh.fetch.errors import mend_json


def names_keys_once(text: bytes | bytearray, value: Any) -> bool:
    """Return whether text and parsed value have as many keys; False may be a false alarm."""
    written = text.count(b'":') - text.count(b'\\":')
    return written == count_flat_keys(value) or written == count_keys(value)


def count_flat_keys(value: Any) -> int:
    """Return the number of keys, quickly, of records without nested objects, as nearly all are."""
    if isinstance(value, dict):
        return len(value) + count_flat_keys(value.get("results"))
    return (
        sum([len(record) for record in value if type(record) is dict])
        if isinstance(value, list)
        else 0
    )


def count_keys(value: Any) -> int:
    """Return the number of keys in a value and all nested objects."""
    count, waiting = 0, [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            count += len(value)
            waiting += [inner for inner in value.values() if isinstance(inner, dict | list)]
        else:
            waiting += [inner for inner in value if isinstance(inner, dict | list)]
    return count


def repeats_keys(text: bytes | bytearray) -> bool:
    """Return whether an object in the text has a key twice."""
    found = False

    def look(pairs: list[tuple[str, Any]]) -> None:
        nonlocal found
        found = found or len({key for key, _ in pairs}) < len(pairs)

    try:
        json.loads(mend_json(text), strict=False, object_pairs_hook=look, parse_int=str)
    except (ValueError, RecursionError):
        return False
    return found
