"""Values as canonical CBOR (RFC 7049, section 3.9): the bytes that `fractional` hashes.

One value has one encoding, and no two values share one: ["ab", "c"] and ["a", "bc"] differ, where their texts put
together do not. A number without a fraction is an integer, however it was written: 5 and 5.0 fall into one bucket.
"""

from struct import pack, unpack

from services.kit.flags.values import Json

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _LIST, _MAP, _TAG = range(7)
_POSITIVE_BIGNUM, _NEGATIVE_BIGNUM = 2, 3
_SIMPLE = {None: b"\xf6", True: b"\xf5", False: b"\xf4"}
_NAN = b"\xf9\x7e\x00"
_LONGEST_INT = 2**64


def encoded(value: Json) -> bytes:
    """Return the value's bytes. Raises UnicodeEncodeError for a text with half a character, TypeError for no JSON."""
    if value is None or isinstance(value, bool):
        return _SIMPLE[value]
    if isinstance(value, str):
        raw = value.encode()
        return head(_TEXT, len(raw)) + raw
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, list):
        return head(_LIST, len(value)) + b"".join(map(encoded, value))
    if isinstance(value, dict):
        return _map(value)
    raise TypeError(f"{type(value).__name__} is no type of JSON.")


def head(major: int, count: int) -> bytes:
    """Return the bytes that begin an item: its major type, and its length or value, as short as they can be."""
    if count < 24:  # noqa: PLR2004 - so many fit beside the type
        return bytes([major << 5 | count])
    width = next(width for width in range(4) if count < 1 << (8 << width))
    return bytes([major << 5 | 24 + width]) + count.to_bytes(1 << width, "big")


def pair_prefix(first: Json) -> bytes:
    """Return what begins every list of two whose first item that is."""
    return head(_LIST, 2) + encoded(first)


TEXT_HEADS = tuple(head(_TEXT, size) for size in range(256))
"""What begins a text of so many bytes: most keys are as short."""


def _integer(value: int) -> bytes:
    size, major = (value, _UNSIGNED) if value >= 0 else (-1 - value, _NEGATIVE)
    if size < _LONGEST_INT:
        return head(major, size)
    raw = size.to_bytes((size.bit_length() + 7) // 8, "big")
    tag = _POSITIVE_BIGNUM if value > 0 else _NEGATIVE_BIGNUM
    return head(_TAG, tag) + head(_BYTES, len(raw)) + raw


def _float(value: float) -> bytes:
    if value != value:  # noqa: PLR0124 - NaN is what differs from itself
        return _NAN
    if value.is_integer() and -(2**63) <= value <= _LONGEST_INT - 1:
        return _integer(int(value))
    shortest = pack(">Bd", 0xFB, value)
    for layout, lead in ((">Bf", 0xFA), (">Be", 0xF9)):
        try:
            shorter = pack(layout, lead, value)
        except OverflowError:
            break
        if unpack(layout, shorter)[1] != value:
            break
        shortest = shorter
    return shortest


def _map(value: dict[str, Json]) -> bytes:
    # A text begins with its length, so that the order of bytes is the canonical one: shorter keys first.
    items = sorted((encoded(key), encoded(item)) for key, item in value.items())
    return head(_MAP, len(items)) + b"".join(key + item for key, item in items)
