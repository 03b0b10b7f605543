"""Messages put together from encoded parts, without parsing them: https://protobuf.dev/programming-guides/encoding."""

_LENGTH_DELIMITED = 2


def field_bytes(number: int, body: bytes) -> bytes:
    """Return a message field of that number around an encoded body; fields joined by `+` are a message."""
    return _varint(number << 3 | _LENGTH_DELIMITED) + _varint(len(body)) + body


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value >> 7:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
