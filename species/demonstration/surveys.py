"""The demonstration datasets: six imagined surveys with different methods, dates and licences."""

from dataclasses import dataclass, field
from uuid import NAMESPACE_URL, UUID, uuid5

BY = "This work is licensed under a Creative Commons Attribution (CC-BY) 4.0 License."
BY_NC = "This work is licensed under a Creative Commons Attribution Non Commercial (CC-BY-NC) 4.0 License."
CC0 = (
    "To the extent possible under law, the publisher has waived all rights to these data (CC0 1.0)."
)


@dataclass(frozen=True, slots=True)
class Survey:
    """A demonstration dataset; `share` is its part of all records, `years` their range."""

    code: str
    title: str
    share: float
    license: str
    years: tuple[int, int]
    basis_of_record: str
    recorded_by: tuple[str, ...]
    fields: dict[str, object] = field(default_factory=dict)  # further values of every record

    @property
    def uuid(self) -> UUID:
        """Return the dataset's id, derived from the code."""
        return uuid5(NAMESPACE_URL, f"marine-species-tracker:demonstration:{self.code}")


SURVEYS = (
    Survey(
        "sighting", "Demonstration: whales, dolphins, turtles and large fish seen from ferries", 0.26,
        BY, (1974, 2026), "HumanObservation", ("Ferry watch A", "Ferry watch B", "Watch officer"),
    ),
    Survey(
        "birds", "Demonstration: seabirds counted along transects", 0.10,
        BY_NC, (1986, 2026), "HumanObservation", ("Transect team north", "Transect team south"),
    ),
    Survey(
        "reef", "Demonstration: reefs and kelp surveyed by divers", 0.26,
        CC0, (1992, 2026), "Human_Observation", ("Dive club Anemone", "Dive club Limpet", "Reef station"),
    ),
    Survey(
        "trawl", "Demonstration: trawls and traps of research vessels", 0.24,
        BY, (1955, 2026), "MachineObservation", ("R/V Nautilus", "R/V Periwinkle"),
    ),
    Survey(
        "museum", "Demonstration: specimens of a natural history museum", 0.08,
        "Please ask the curator before any use of these specimens.", (1900, 2004), "PreservedSpecimen",
        ("Collector unknown", "H. M. S. Cockle", "Summer school of zoology"),
    ),
    Survey(
        "plankton", "Demonstration: plankton nets and environmental DNA", 0.06,
        "", (1998, 2026), "MaterialSample", ("Plankton group",), {"samplingProtocol": "vertical net haul, 200 um"},
    ),
)  # fmt: skip
