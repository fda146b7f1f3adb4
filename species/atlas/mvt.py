"""Writes the layer of a vector tile that says in one point what the tile stands for; PostGIS writes the others.

Protocol buffers as the Mapbox Vector Tile specification 2.1 has them.
"""

VARINT, LENGTH = 0, 2  # wire types
POINT = 1
MOVE_TO_ONCE = 1 | 1 << 3
STRING, UINT = 1, 5  # of a value


def one_point(name: str, extent: int, properties: dict[str, int | str]) -> bytes:
    """A layer with a point in the middle of the tile that has these properties."""
    tags = b"".join(varint(place) * 2 for place in range(len(properties)))
    middle = varint(MOVE_TO_ONCE) + varint(extent) * 2  # half the extent, zigzag
    feature = field(2, tags) + number(3, POINT) + field(4, middle)
    layer = [number(15, 2), field(1, name.encode()), field(2, feature)]
    layer += [field(3, key.encode()) for key in properties]
    layer += [field(4, value_of(value)) for value in properties.values()]
    layer.append(number(5, extent))
    return field(3, b"".join(layer))


def value_of(value: int | str) -> bytes:
    return field(STRING, value.encode()) if isinstance(value, str) else number(UINT, value)


def field(tag: int, content: bytes) -> bytes:
    return varint(tag << 3 | LENGTH) + varint(len(content)) + content


def number(tag: int, value: int) -> bytes:
    return varint(tag << 3 | VARINT) + varint(value)


def varint(value: int) -> bytes:
    """Seven bits to a byte, the lowest first."""
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    written.append(value)
    return bytes(written)
