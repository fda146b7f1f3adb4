"""Content negotiation by quality values (RFC 9110, section 12), for formats and for encodings."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request

MOST_RANGES = 50  # read of one header


class Range(NamedTuple):
    """What a client takes: `*/*`, `text/*`, `text/csv`, `gzip` ..., with its quality from 0 (not at
    all) to 1.
    """

    name: str
    quality: float

    def holds(self, name: str) -> bool:
        kind, slash, rest = self.name.partition("/")
        if self.name in {"*", "*/*", name}:
            return True
        return bool(slash) and rest == "*" and name.startswith(f"{kind}/")

    @property
    def precision(self) -> int:
        """How closely it names something: of several ranges that hold it, the closest counts."""
        return 2 - self.name.count("*")


def ranges(header: str) -> Iterator[Range]:
    """Yield what a header names; parameters beside `q` are passed over, and a `q` that is no number
    counts as 1.
    """
    for part in header.lower().split(",")[:MOST_RANGES]:
        name, *parameters = (text.strip() for text in part.split(";"))
        if name:
            yield Range(name, quality_of(parameters))


def quality_of(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 1.0
    return 1.0


def quality(header: str, name: str, default: float = 0.0) -> float:
    """Return how much a client likes a format or an encoding; the default where the header says
    nothing of it.
    """
    held = [each for each in ranges(header) if each.holds(name)]
    return max(held, key=lambda each: each.precision).quality if held else default


def preferred(header: str, offered: Sequence[str]) -> int | None:
    """Return the position of the media type that a client likes best, the first of equals; None if
    it takes none.
    """
    if not header.strip():
        return 0
    qualities = [quality(header, name.split(";")[0]) for name in offered]
    best = max(qualities, default=0.0)
    return qualities.index(best) if best > 0 else None


class QualityNegotiation(DefaultContentNegotiation):
    """Formats by the address, else by Accept with its quality values, which REST framework's own
    passes over.
    """

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> Any:
        if "format" in request.query_params or format_suffix:
            chosen = self.filter_renderers(
                renderers, format_suffix or request.query_params["format"]
            )[0]
            return chosen, chosen.media_type
        number = preferred(
            request.META.get("HTTP_ACCEPT", ""), [renderer.media_type for renderer in renderers]
        )
        if number is None:
            raise NotAcceptable(available_renderers=renderers)
        return renderers[number], renderers[number].media_type
