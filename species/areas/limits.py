"""Limits on the size and the nesting of areas from outside, checked on the text before any parser
reads it.

GEOS and other parsers written in C call themselves for every level of nesting, so deep text ends
the whole process.
"""

import re
from itertools import pairwise

import numpy as np
import shapely
from django.utils.translation import gettext as _

MAX_VERTICES_IN_ADDRESS = 150  # what the servers on the way let through in one line
MAX_VERTICES_UPLOADED = 20_000
MAX_BYTES_UPLOADED = 2_000_000
MAX_CHARACTERS_IN_ADDRESS = 20_000
MAX_CHARACTERS_STORED = 1_000_000  # canonical text of the most vertices has some 650,000
# before parts that overlap are joined, which takes vertices away
MAX_VERTICES_READ_IN_ADDRESS = 1_500
MAX_PARTS = 5_000
MAX_RINGS = 3 * MAX_PARTS
MAX_LISTS = 100_000  # of a file of GeoJSON: its positions, and what its properties hold
MAX_DEPTH = 30  # levels of brackets; a collection of features with multipolygons has 8
# Pairs of edges that cross each other, each of which adds vertices to the union of the parts.
MAX_CROSSINGS_IN_ADDRESS = 1_000
MAX_CROSSINGS_UPLOADED = 20_000
PAIRS_PER_CROSSING = 50  # of edges whose boxes meet, each of which has to be looked at
EDGES_AT_ONCE = 100

# one that does not end takes the rest
JSON_STRING = re.compile(r'"(?:[^"\\]++|\\.?)*+(?:"|\Z)', re.DOTALL)


class TooComplex(ValueError):
    """An area that would take too long to read; its text is a sentence for visitors."""


def check_nesting(text: str, *, is_json: bool) -> None:
    """Raise TooComplex for too many or too deep brackets; those in JSON strings do not count."""
    # Undecodable text is refused by its parser; here it only must not fail.
    characters = (JSON_STRING.sub("", text) if is_json else text).encode("utf-8", "replace")
    codes = np.frombuffer(characters, np.uint8)
    steps = np.isin(codes, list(b"([{")).astype(np.int32) - np.isin(codes, list(b")]}"))
    if len(steps) and np.cumsum(steps).max() > MAX_DEPTH:
        raise TooComplex(
            _("The file is nested more than %(max_depth)s levels deep. Simplify it.")
            % {"max_depth": MAX_DEPTH}
        )
    if np.count_nonzero(codes == ord("[")) > MAX_LISTS:
        raise TooComplex(
            _(
                "The file has more than %(max_lists)s lists. Remove its "
                "properties, or simplify the polygons."
            )
            % {"max_lists": f"{MAX_LISTS:,}"}
        )


def check_parts(parts: int, rings: int) -> None:
    if parts > MAX_PARTS or rings > MAX_RINGS:
        raise TooComplex(
            _("An area can have at most %(max_parts)s parts and %(max_rings)s rings. Simplify it.")
            % {"max_parts": f"{MAX_PARTS:,}", "max_rings": f"{MAX_RINGS:,}"}
        )


def check_vertices(vertices: int, most: int) -> None:
    if vertices <= most:
        return
    if most < MAX_VERTICES_UPLOADED:
        raise too_long_for_address(vertices)
    raise TooComplex(
        _(
            "An area can have at most %(max_vertices_uploaded)s points, but "
            "this one has %(vertices)s. Simplify it."
        )
        % {"max_vertices_uploaded": f"{most:,}", "vertices": f"{vertices:,}"}
    )


def too_long_for_address(vertices: int) -> TooComplex:
    return TooComplex(
        _(
            "An area in an address can have at most "
            "%(max_vertices_in_address)s points, but this one has "
            "%(vertices)s. Upload it as a file."
        )
        % {"max_vertices_in_address": MAX_VERTICES_IN_ADDRESS, "vertices": f"{vertices:,}"}
    )


def check_crossings(rings: list[list[tuple[float, float]]], most: int) -> None:
    """Raise TooComplex for too many crossings of edges, or too many edges to compare."""
    if sum(map(len, rings)) - len(rings) <= MAX_VERTICES_IN_ADDRESS:
        return
    edges = np.array([(*start, *end) for ring in rings for start, end in pairwise(ring)])
    low, high = np.minimum(edges[:, :2], edges[:, 2:]), np.maximum(edges[:, :2], edges[:, 2:])
    boxes = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
    tree, pairs, crossings = shapely.STRtree(boxes), 0, 0
    for first in range(0, len(edges), EDGES_AT_ONCE):
        one, other = tree.query(boxes[first : first + EDGES_AT_ONCE])
        is_new = one + first < other
        one, other = one[is_new] + first, other[is_new]
        pairs += len(one)
        if pairs <= most * PAIRS_PER_CROSSING:
            crossings += int(np.count_nonzero(cross(edges[one], edges[other])))
        if pairs > most * PAIRS_PER_CROSSING or crossings > most:
            raise TooComplex(
                _(
                    "The parts of the area overlap too much: their edges cross more "
                    "than %(most)s times. Merge or simplify them first."
                )
                % {"most": f"{most:,}"}
            )


def cross(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return whether each edge (x, y, x, y) crosses its partner. Edges that only touch do not."""
    return (sides(one, other) < 0) & (sides(other, one) < 0)


def sides(line: np.ndarray, edge: np.ndarray) -> np.ndarray:
    """Return negative numbers where the ends of the edge are on different sides of the line."""
    x, y = line[:, 0], line[:, 1]
    dx, dy = line[:, 2] - x, line[:, 3] - y
    begin, end = (dx * (edge[:, n + 1] - y) - dy * (edge[:, n] - x) for n in (0, 2))
    return np.sign(begin) * np.sign(end)
