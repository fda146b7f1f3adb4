"""The filter on observations, one module per parameter. `parameters` lists them all."""

from species.filters.observation_filter import NOT_FILTERS, SELECTION, ObservationFilter
from species.filters.parameters import PARAMETERS
from species.filters.values import OR_UNDATED, UNKNOWN

__all__ = ["NOT_FILTERS", "OR_UNDATED", "PARAMETERS", "SELECTION", "UNKNOWN", "ObservationFilter"]
