"""The list of all parameters."""

from species.filters.basis import BasisParameter
from species.filters.bbox import BboxParameter
from species.filters.dataset import DatasetParameter
from species.filters.dates import DateMatchParameter, FirstDayParameter, LastDayParameter
from species.filters.depth import DepthMatchParameter, DepthParameter
from species.filters.evidence import EvidenceParameter
from species.filters.flags import FlagParameter, NotFlagParameter
from species.filters.licence import LicenceParameter
from species.filters.life_stage import LifeStageParameter
from species.filters.months import MonthsParameter
from species.filters.near import NearParameter
from species.filters.parameter import Parameter
from species.filters.polygon import PolygonParameter
from species.filters.red_list import RedListParameter
from species.filters.source import SourceParameter
from species.filters.taxon import NamePartParameter, TaxonParameter
from species.filters.uncertainty import UncertaintyParameter

# In the order of canonical query strings, which saved searches keep: add one anywhere, but never
# swap two.
PARAMETERS: dict[str, Parameter] = {
    parameter.name: parameter
    for parameter in (
        TaxonParameter(),
        NamePartParameter(),
        BboxParameter(),
        PolygonParameter(),
        NearParameter(),
        FirstDayParameter(),
        LastDayParameter(),
        DateMatchParameter(),
        MonthsParameter(),
        DepthParameter(),
        DepthMatchParameter(),
        EvidenceParameter(),
        BasisParameter(),
        LifeStageParameter(),
        DatasetParameter(),
        SourceParameter(),
        LicenceParameter(),
        RedListParameter(),
        FlagParameter(),
        NotFlagParameter(),
        UncertaintyParameter(),
    )
}
