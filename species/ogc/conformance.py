"""The conformance classes that hold, and no other.

Of Part 3, filters in CQL2 text are read, but not all that `cql2-text` and `basic-cql2` ask for (OR
and NOT are not), so these are not claimed; clients such as GDAL then send what is claimed and do
the rest themselves. Equal values of most queryables are query parameters, but not of all, which
`queryables-query-parameters` would need.
"""

SPEC = "http://www.opengis.net/spec/"
CLASSES = [
    *(
        f"{SPEC}ogcapi-common-1/1.0/conf/{name}"
        for name in ("core", "landing-page", "json", "html", "oas30")
    ),
    *(f"{SPEC}ogcapi-features-1/1.0/conf/{name}" for name in ("core", "oas30", "html", "geojson")),
    *(
        f"{SPEC}ogcapi-features-3/1.0/conf/{name}"
        for name in ("queryables", "filter", "features-filter")
    ),
    *(
        f"{SPEC}ogcapi-tiles-1/1.0/conf/{name}"
        for name in ("core", "tileset", "tilesets-list", "mvt")
    ),
    *(f"{SPEC}tms/2.0/conf/{name}" for name in ("tilematrixset", "json-tilematrixset")),
]
