"""The layers that are written from numbers are read by others as they were meant."""

import mapbox_vector_tile
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from species.atlas import mvt


@given(
    st.sampled_from([64, 32]),
    st.dictionaries(st.integers(0, 1023), st.integers(1, 2**40), max_size=200),
)
def test_each_cell_is_a_point_in_its_middle_with_its_number(side, numbers):
    counts = np.zeros(side * side, np.int64)
    for cell, number in numbers.items():
        counts[cell * side * side // 1024] = number
    body = mvt.encode_cells("cells", 4096, counts.reshape(side, side))
    layer = mapbox_vector_tile.decode(body, default_options={"y_coord_down": True}).get(
        "cells", {"features": []}
    )
    size = 4096 // side
    read = {
        tuple(cell["geometry"]["coordinates"]): cell["properties"] for cell in layer["features"]
    }
    assert read == {
        (at % side * size + size // 2, at // side * size + size // 2): {"n": counts[at]}
        for at in np.flatnonzero(counts).tolist()
    }
