"""Credits of the data sources, for every response."""

OBIS_LICENSE = "https://creativecommons.org/licenses/by-nc/4.0/"
ATTRIBUTION = (
    "Ocean Biodiversity Information System (OBIS), CC BY-NC 4.0 as a "
    "whole. Names from WoRMS. See `license` for each record's licence, "
    "and `datasetID` for the dataset to cite."
)
