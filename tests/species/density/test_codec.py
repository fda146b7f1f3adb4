"""Keys and counts come out of their bytes as they went in."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from species.density.codec import pack_rows, unpack_row

counts = st.integers(-(2**31), 2**31 - 1).filter(bool)
rows = st.lists(
    st.dictionaries(st.integers(0, 2**44 - 1) | st.integers(0, 300), counts, max_size=90),
    max_size=5,
)


@given(rows)
def test_rows_are_unpacked_as_they_were_packed(written):
    parts = [sorted(row.items()) for row in written]
    table = np.array([entry for row in parts for entry in row], dtype=np.int64).reshape(-1, 2)
    starts = np.cumsum([0, *map(len, parts)])
    packed = list(pack_rows(table[:, 0], table[:, 1], starts))
    read = [
        list(zip(*(column.tolist() for column in unpack_row(row)), strict=True)) for row in packed
    ]
    assert read == parts


def test_what_is_alike_takes_few_bytes():
    keys = np.arange(0, 40_000, 4)
    (packed,) = pack_rows(keys, np.ones_like(keys), np.array([0, len(keys)]))
    assert len(packed) < len(keys) / 50
