"""Credits of the data sources, for every response."""

OBIS_LICENSE = "https://creativecommons.org/licenses/by-nc/4.0/"
ATTRIBUTION = (
    "Ocean Biodiversity Information System (OBIS), CC BY-NC 4.0 as a whole; names from WoRMS. Each record's licence in"
    " effect is its `license`; the dataset to cite is its `datasetID`."
)
