"""The closed vocabularies, at hand where the models are; they stand in `species.terms`."""

from species.terms import (
    FLAG_NAMES,
    BasisOfRecord,
    DatePrecision,
    Evidence,
    Finding,
    FlagBits,
    IucnCategory,
    License,
    LifeStage,
    ObisFlag,
    OccurrenceStatus,
    Sex,
    Source,
    flag_bits,
)

__all__ = [
    "FLAG_NAMES",
    "BasisOfRecord",
    "DatePrecision",
    "Evidence",
    "Finding",
    "FlagBits",
    "IucnCategory",
    "License",
    "LifeStage",
    "ObisFlag",
    "OccurrenceStatus",
    "Sex",
    "Source",
    "flag_bits",
]
