"""Messages put together from encoded parts, without parsing them: https://protobuf.dev/programming-guides/encoding."""

from collections.abc import Iterable

_VARINT, _LENGTH_DELIMITED = 0, 2
_SEVEN_BITS, _MORE_FOLLOWS = 0x7F, 0x80


def field_bytes(number: int, body: bytes) -> bytes:
    """Return a message field of that number around an encoded body; fields joined by `+` are a message."""
    return repeated_bytes(number, (body,))


def repeated_bytes(number: int, bodies: Iterable[bytes]) -> bytes:
    """Return a repeated message field of that number, one encoded body after the other."""
    tag = _varint(number << 3 | _LENGTH_DELIMITED)
    return b"".join([tag + _varint(len(body)) + body for body in bodies])


def number_bytes(number: int, value: int) -> bytes:
    """Return a message field of that number that holds a whole number from 0, as uint32, uint64 and bool have it."""
    return _varint(number << 3 | _VARINT) + _varint(value)


def _varint(value: int) -> bytes:
    """Return the number in base 128, lowest seven bits first, the high bit set on all but the last byte."""
    encoded = bytearray()
    while value > _SEVEN_BITS:
        encoded.append(value & _SEVEN_BITS | _MORE_FOLLOWS)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
