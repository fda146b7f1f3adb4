"""Content negotiation by quality values (RFC 9110, section 12), for formats and encodings."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request

MOST_RANGES = 50  # read of one header


class Range(NamedTuple):
    """A range that a client accepts, such as `text/*` or `gzip`, with its quality from 0 to 1."""

    name: str
    quality: float

    def holds(self, name: str) -> bool:
        kind, slash, rest = self.name.partition("/")
        if self.name in {"*", "*/*", name}:
            return True
        return bool(slash) and rest == "*" and name.startswith(f"{kind}/")

    @property
    def precision(self) -> int:
        """Return the specificity of the range; of several matching ranges, the highest counts."""
        return 2 - self.name.count("*")


def ranges(header: str) -> Iterator[Range]:
    """Yield the ranges of a header. Other parameters are ignored; an invalid `q` counts as 1."""
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
    """Return the quality of a format or an encoding; the default if no range matches."""
    held = [each for each in ranges(header) if each.holds(name)]
    return max(held, key=lambda each: each.precision).quality if held else default


def preferred(header: str, offered: Sequence[str]) -> int | None:
    """Return the index of the best media type, the first of equals; None if none is accepted."""
    if not header.strip():
        return 0
    qualities = [quality(header, name.split(";")[0]) for name in offered]
    best = max(qualities, default=0.0)
    return qualities.index(best) if best > 0 else None


class QualityNegotiation(DefaultContentNegotiation):
    """Choose the format by the address, else by the quality values of Accept."""

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
