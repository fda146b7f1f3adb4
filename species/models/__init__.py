"""The tables, one module per noun. Import models from here."""

from species.models.crawl import DatasetWalk, StagedObservation, WalkedRecord
from species.models.dataset import Dataset
from species.models.density import Density, Face
from species.models.history import BlockedKey, ChangeKind, ObservationChange, RecordAsReceived
from species.models.observation import CuratedObservation
from species.models.portal import DataVersion, RunnerHeartbeat, UpstreamSync
from species.models.refresh_run import (
    DatasetVisit,
    RefreshMode,
    RefreshRun,
    RefreshScope,
    RunState,
    add_up,
)
from species.models.rejected import RejectedRecord
from species.models.sample import Facet, FacetCount, SampledObservation, Stratum
from species.models.selection import SavedArea, SavedSelection
from species.models.taxon import Taxon
from species.models.vernacular import VernacularName

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
