"""The properties that the collections can be filtered by."""

from species.filters import PARAMETERS
from species.filters.queryables import Queryable

OF_OBSERVATIONS: dict[str, Queryable] = {
    name: queryable
    for parameter in PARAMETERS.values()
    for name, queryable in parameter.queryables().items()
}
OF_DATASETS = {name: OF_OBSERVATIONS[name] for name in ("datasetID", "source", "license")}


def query_parameters(queryables: dict[str, Queryable]) -> dict[str, Queryable]:
    """Return the properties that are query parameters as well."""
    return {name: each for name, each in queryables.items() if each.parameter}
