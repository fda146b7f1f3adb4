"""The seas of the demonstration data, and the sites that surveys visit."""

from functools import cache
from random import Random

from species.demonstration.sea import Place, find_at_sea

# name: (in words, west, south, east, north) in degrees; west > east crosses the antimeridian.
REGIONS: dict[str, tuple[str, float, float, float, float]] = {
    "alaska": ("Aleutian Islands", 172.0, 51.0, -162.0, 56.5),
    "antarctic_peninsula": ("Antarctic Peninsula", -66.0, -67.0, -54.0, -61.0),
    "bay_of_biscay": ("Bay of Biscay", -9.5, 43.4, -1.6, 48.6),
    "benguela": ("Benguela Current", 8.0, -34.5, 18.5, -18.0),
    "brazil": ("north-east Brazil", -38.5, -20.0, -33.0, -4.0),
    "british_isles": ("Celtic and Irish Seas", -10.5, 49.6, -2.8, 56.5),
    "california": ("California Current", -125.5, 31.5, -117.2, 42.0),
    "canaries": ("Canary Islands and Madeira", -19.5, 26.8, -12.8, 33.6),
    "caribbean": ("Caribbean Sea", -86.0, 11.5, -61.5, 20.5),
    "coral_triangle": ("Coral Triangle", 117.0, -9.8, 141.0, 6.0),
    "fiji": ("Fiji and Lau Group", 176.2, -20.0, -177.5, -15.8),
    "great_barrier_reef": ("Great Barrier Reef", 145.2, -23.8, 152.8, -12.5),
    "gulf_of_guinea": ("Gulf of Guinea", -6.0, -3.0, 9.5, 5.0),
    "gulf_of_maine": ("Gulf of Maine", -70.8, 40.8, -65.5, 44.6),
    "gulf_of_mexico": ("Gulf of Mexico", -97.2, 24.0, -82.6, 30.2),
    "hawaii": ("Hawaiian Islands", -160.4, 18.8, -154.6, 22.4),
    "iceland": ("Icelandic waters", -25.5, 62.6, -12.5, 67.2),
    "japan": ("Kuroshio, Japan", 130.0, 30.0, 143.5, 38.5),
    "mediterranean": ("Mediterranean Sea", -1.5, 34.0, 25.0, 43.8),
    "new_zealand": ("New Zealand", 166.0, -47.5, 179.0, -34.0),
    "north_sea": ("North Sea", -2.5, 51.6, 8.9, 60.5),
    "north_west_atlantic": ("Scotian Shelf and Grand Banks", -65.0, 42.5, -48.0, 49.5),
    "norwegian_sea": ("Norwegian Sea", 3.0, 61.5, 16.0, 70.5),
    "oman": ("Arabian Sea, Oman", 56.5, 16.5, 61.5, 24.5),
    "patagonia": ("Patagonian Shelf", -67.0, -52.0, -54.0, -40.0),
    "red_sea": ("Red Sea", 33.8, 15.0, 41.8, 28.6),
    "seychelles": ("Seychelles", 52.5, -10.0, 57.0, -3.5),
    "south_east_us": ("South Atlantic Bight", -81.2, 28.0, -74.8, 35.6),
    "south_georgia": ("South Georgia", -40.5, -56.0, -34.0, -52.8),
    "southern_ocean": ("Southern Ocean", -179.9, -66.0, 179.9, -53.0),
    "sri_lanka": ("Sri Lanka", 78.5, 4.5, 83.5, 9.0),
    "tropical_atlantic": ("tropical Atlantic", -40.0, 0.5, -18.0, 18.0),
    "tropical_pacific": ("central Pacific", 172.0, -10.0, -125.0, 12.0),
}
SITES = 72  # of each region


def wrap_longitude(longitude: float) -> float:
    """Return the longitude between -180 and 180."""
    return (longitude + 180) % 360 - 180 if not -180 <= longitude <= 180 else longitude


@cache
def survey_sites(region: str) -> list[Place]:
    """Return the region's survey sites at sea; in a large region they are near each other."""
    _, west, south, east, north = REGIONS[region]
    width = east - west if east > west else east - west + 360
    draw = Random(f"sites of {region}")  # noqa: S311  # reproducible on purpose
    found: list[Place] = []
    while len(found) < SITES:
        tries = [
            (
                round(wrap_longitude(west + draw.random() * width), 3),
                round(draw.uniform(south, north), 3),
            )
            for _ in range(4 * SITES)
        ]
        found += [place for place, sea in zip(tries, find_at_sea(tries), strict=True) if sea]
    return found[:SITES]
