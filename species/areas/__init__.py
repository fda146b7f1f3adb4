"""Areas on the map: their canonical text, reading them, and the limits on both."""

from species.areas.area import Area, boxes_around
from species.areas.limits import MAX_BYTES_UPLOADED, MAX_CHARACTERS_STORED, MAX_VERTICES_IN_ADDRESS
from species.areas.reading import area_of, read_area, read_uploaded

__all__ = [
    "MAX_BYTES_UPLOADED",
    "MAX_CHARACTERS_STORED",
    "MAX_VERTICES_IN_ADDRESS",
    "Area",
    "area_of",
    "boxes_around",
    "read_area",
    "read_uploaded",
]
