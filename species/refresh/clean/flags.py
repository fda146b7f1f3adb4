"""Read OBIS's quality flags as bits of ObisFlag, from a list or text."""

from typing import NamedTuple

from species.refresh.text import cache_short, clean_text
from species.terms import ObisFlag

_FLAG_BITS = {
    name: int(flag) for name, flag in ObisFlag.__members__.items() if flag is not ObisFlag.UNLISTED
}
_UNLISTED = int(ObisFlag.UNLISTED)


class Flags(NamedTuple):
    """ObisFlag bits, and the names of unknown flags separated by commas."""

    bits: int
    unlisted: str


def read_flags(value: object) -> Flags:
    """Return OBIS's flags from a list or a comma-separated text, in any case."""
    if isinstance(value, list):
        names = ",".join(clean_text(name) for name in value if name is not None)
    else:
        names = clean_text(value)
    return _read_flags(names)


@cache_short
def _read_flags(text: str) -> Flags:
    names = {name.strip() for name in text.split(",")} - {""}
    unlisted = sorted(name for name in names if name.upper() not in _FLAG_BITS)
    bits = sum({_FLAG_BITS[name.upper()] for name in names if name.upper() in _FLAG_BITS})
    return Flags(bits | _UNLISTED if unlisted else bits, ", ".join(unlisted))
