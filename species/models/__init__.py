"""One module per noun; importing from here is enough."""

from species.models.dataset import Dataset
from species.models.density import Density, Face
from species.models.observation import (
    BlockedKey,
    ChangeKind,
    CuratedObservation,
    ObservationChange,
    RecordAsReceived,
)
from species.models.portal import DataVersion, RunnerHeartbeat, UpstreamSync
from species.models.refresh import (
    DatasetVisit,
    DatasetWalk,
    RefreshMode,
    RefreshRun,
    RefreshScope,
    RejectedRecord,
    RunState,
    StagedObservation,
    WalkedRecord,
    add_up,
)
from species.models.sample import Facet, FacetCount, SampledObservation, Stratum
from species.models.selection import SavedArea, SavedSelection
from species.models.taxon import Taxon, VernacularName

__all__ = [
    "BlockedKey",
    "ChangeKind",
    "CuratedObservation",
    "DataVersion",
    "Dataset",
    "DatasetVisit",
    "DatasetWalk",
    "Density",
    "Face",
    "Facet",
    "FacetCount",
    "ObservationChange",
    "RecordAsReceived",
    "RefreshMode",
    "RefreshRun",
    "RefreshScope",
    "RejectedRecord",
    "RunState",
    "RunnerHeartbeat",
    "SampledObservation",
    "SavedArea",
    "SavedSelection",
    "StagedObservation",
    "Stratum",
    "Taxon",
    "UpstreamSync",
    "VernacularName",
    "WalkedRecord",
    "add_up",
]
