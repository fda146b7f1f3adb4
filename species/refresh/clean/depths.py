"""Read depths in metres, positive downwards; nothing is flipped, swapped or filled in."""

from typing import NamedTuple

from species.refresh.text import clean_text, read_number, says_nothing
from species.terms import MAXIMUM_DEPTH, MINIMUM_DEPTH, Finding

_OUT_OF_RANGE, _REVERSED = int(Finding.DEPTH_OUT_OF_RANGE), int(Finding.DEPTH_REVERSED)
_ONE_SIDED, _ZERO = int(Finding.DEPTH_ONE_SIDED), int(Finding.DEPTH_ZERO)
_BELOW_SEA_FLOOR = int(Finding.DEPTH_BELOW_SEA_FLOOR)


class Depths(NamedTuple):
    """Minimum and maximum depth in metres, and Finding bits."""

    minimum: float | None
    maximum: float | None
    findings: int


def read_depths(minimum: object, maximum: object) -> Depths:
    """Return both depths as given; a missing one stays missing, an unusable one gives a finding."""
    if minimum is None and maximum is None:  # by far the most frequent case
        return Depths(None, None, 0)
    low, low_findings = _read_depth(minimum)
    high, high_findings = _read_depth(maximum)
    findings = low_findings | high_findings
    if low is not None and high is not None:
        findings |= _REVERSED if low > high else 0
    elif low is not None or high is not None:
        findings |= _ONE_SIDED
    if {low, high} - {None} == {0.0}:
        findings |= _ZERO
    return Depths(low, high, findings)


def _read_depth(value: object) -> tuple[float | None, int]:
    depth = read_number(value)
    if depth is None:
        return None, 0 if value is None or says_nothing(clean_text(value)) else _OUT_OF_RANGE
    # Beyond the highest mountain and the deepest trench a number is a code for "missing" or a slip.
    if MINIMUM_DEPTH <= depth <= MAXIMUM_DEPTH:
        return depth, 0
    return None, _OUT_OF_RANGE


def below_sea_floor(depths: Depths, bathymetry: float | None, flagged: bool) -> int:
    """Return DEPTH_BELOW_SEA_FLOOR by OBIS's flag or its rule: 50 m plus 10 % below the sea floor."""
    if flagged:
        return _BELOW_SEA_FLOOR
    if bathymetry is None:
        return 0
    limit = 50 + (1.1 * bathymetry if bathymetry >= 0 else bathymetry)
    return _BELOW_SEA_FLOOR if any(d is not None and d > limit for d in depths[:2]) else 0
