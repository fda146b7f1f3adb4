"""Links and saved searches keep their text, hash and words, whatever becomes of the code that reads them."""

import pytest
from django.http import QueryDict

from species.filters import ObservationFilter

DATASET = "5f8e6a2b-1c1d-4b5a-9b0e-6a5d3c2b1a00"
EVERY_PARAMETER = (
    "taxon=137094&q=cod&bbox=1,2,3,4&near=54,7,5&from=2010&to=2011&months=6&depth=5,&evidence=seen"
    f"&basis=Occurrence&dataset={DATASET}&source=portal&licence=cc0&iucn=CR&flag=NO_DEPTH"
    "&notFlag=ON_LAND&maxUncertainty=5&dateMatch=possible&depthMatch=possible"
)

# Query as given, canonical query string, hash, words.
PINNED = [
    ("", "", "44136fa355b3678a1146", "All records"),
    (
        "bbox=170,-20,190,20&q=sun fish",
        "q=sun+fish&bbox=170,-20,-170,20",
        "0459612ef78d9d59811b",
        "names containing “sun fish”, longitude 170° to -170° and latitude -20° to 20°",
    ),
    (
        "near=54.2,7.9,50&polygon=POLYGON((0 50,8 50,8 60,0 50))&bbox=-10,35,5,45",
        "bbox=-10,35,5,45&polygon=POLYGON+%28%280+50,+8+50,+8+60,+0+50%29%29&near=54.2,7.9,50",
        "00f72c490f0876f380e9",
        "longitude -10° to 5° and latitude 35° to 45°,"
        " area with 3 points, longitude 0° to 8° and latitude 50° to 60°,"
        " within 50 km of 54.2° N, 7.9° E",
    ),
    (
        "dateMatch=possible&to=2019-12&from=2010",
        "from=2010-01-01&to=2019-12-31&dateMatch=possible",
        "bdc7cd05e49abb669159",
        "possibly 2010-01-01 to 2019-12-31",
    ),
    ("from=unknown", "from=unknown", "8557ff7acbdbd7785b22", "no date"),
    (
        "from=2015-03-01&dateMatch=possibleOrUndated&months=11-2,6",
        "from=2015-03-01&dateMatch=possibleOrUndated&months=6,11-2",
        "5f38bd049e5e3d62f403",
        "possibly from 2015-03-01 on, or undated,"
        " possibly June or November to February, or undated",
    ),
    ("months=6,7,8&dateMatch=certain", "months=6-8", "23f4313bf6754e126a52", "June to August"),
    (
        "depthMatch=possible&depth=0,<50",
        "depth=0,%3C50&depthMatch=possible",
        "d6d806e708e36946ba24",
        "possibly 0 to less than 50 m",
    ),
    (
        "depth=unknown&depthMatch=possible",
        "depth=unknown",
        "677437266acbbd96beee",
        "depth unknown",
    ),
    (
        "depth=,10&maxUncertainty=1e3",
        "depth=,10&maxUncertainty=1000",
        "d0d519612baba8b104bc",
        "down to 10 m, accurate to 1,000 m or better",
    ),
    (
        "maxUncertainty=unknown&notFlag=on_land&flag=place_vague,no_depth",
        "flag=NO_DEPTH,PLACE_VAGUE&notFlag=ON_LAND&maxUncertainty=unknown",
        "def3f7629a0f5963f796",
        "flagged “No depth” or “Imprecise location”, not flagged “On land”, location accuracy not stated",
    ),
    (
        "evidence=dna,seen&basis=unknown,HumanObservation",
        "evidence=seen,dna&basis=HumanObservation,unknown",
        "334d0875fd3111009201",
        "Human sighting or DNA, Human observation or Not stated",
    ),
    (
        "iucn=vu,EN,unknown",
        "iucn=EN,VU,unknown",
        "7b5949b06f393693a3b8",
        "Endangered or Vulnerable or Not stated",
    ),
]


@pytest.mark.parametrize(("query", "canonical", "digest", "words"), PINNED)
def test_a_saved_search_keeps_its_text_hash_and_words(query, canonical, digest, words):
    search = ObservationFilter.from_query(QueryDict(query))
    assert search.query_string() == canonical
    assert search.digest() == digest
    assert search.words() == words
    assert ObservationFilter.from_query(QueryDict(canonical)) == search


def test_the_hash_of_a_saved_area_or_dataset_needs_no_database():
    for query, digest in (
        ("polygon=0123456789abcdef0123", "81ea886fae1a17a9a97e"),
        (
            f"dataset={DATASET}&source=obis,demonstration&licence=cc-by,cc0",
            "fb4cc0fb2b3f6cce8a93",
        ),
        (EVERY_PARAMETER, "cfe4424f572c58574238"),
    ):
        assert ObservationFilter.from_query(QueryDict(query)).digest() == digest


def test_parameters_keep_their_order_in_query_strings():
    search = ObservationFilter.from_query(QueryDict(EVERY_PARAMETER))
    assert search.query_string() == (
        "taxon=137094&q=cod&bbox=1,2,3,4&near=54,7,5&from=2010-01-01&to=2011-12-31"
        "&dateMatch=possible&months=6&depth=5,&depthMatch=possible&evidence=seen&basis=Occurrence"
        f"&dataset={DATASET}&source=portal&licence=cc0&iucn=CR&flag=NO_DEPTH&notFlag=ON_LAND"
        "&maxUncertainty=5"
    )


@pytest.mark.django_db
def test_conditions_keep_their_order_in_words():
    search = ObservationFilter.from_query(QueryDict(EVERY_PARAMETER))
    assert [name for name, _words in search.phrases()] == [
        *("taxon", "q", "bbox", "near", "from", "months", "depth", "evidence", "basis"),
        *("source", "licence", "dataset", "iucn", "flag", "notFlag", "maxUncertainty"),
    ]
