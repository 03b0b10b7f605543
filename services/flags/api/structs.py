"""google.protobuf.Struct, in which flagd's clients send contexts and take metadata and objects."""

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.struct_pb2 import Struct, Value

from services.kit.errors import Invalid
from services.kit.flags.bounds import MOST_OF_CONTEXT, levels
from services.kit.flags.values import Json

_LEAST_BYTES = 4
"""Of a value in a Struct: one of fewer bytes than so many for each need not be counted."""
_LEAST_INTEGER, _PAST_INTEGERS = -(2**63), 2**64


def context_of(struct: Struct) -> dict[str, Json]:
    """Return the context that a caller sent. How deep it may be nested is bounded by protobuf's own parser.

    Raises Invalid where it holds more values than any that a rule is written for.
    """
    context = _object(struct)
    if struct.ByteSize() > _LEAST_BYTES * MOST_OF_CONTEXT and sum(map(len, levels(context))) > MOST_OF_CONTEXT:
        raise Invalid(f"The context has more than {MOST_OF_CONTEXT:,} values.", field="context")
    return context


def struct_of(values: Mapping[str, Json]) -> Struct:
    """Return an object as a Struct. Raises OverflowError where an integer is larger than a double can be."""
    struct = Struct()
    struct.update(dict(values))
    return struct


def _object(struct: Struct) -> dict[str, Json]:
    return {name: _plain(value) for name, value in struct.fields.items()}


def _plain(value: Value) -> Json:
    return _READ[value.WhichOneof("kind")](value)


def _number(number: float) -> int | float:
    """Return the number as an integer where it is one, since the wire has doubles only and rules tell 3 from 3.0.

    Only in the range that CBOR's integers have: what is beyond is hashed as a double, by flagd as well.
    """
    return int(number) if number.is_integer() and _LEAST_INTEGER <= number < _PAST_INTEGERS else number


_READ: Mapping[str | None, Callable[[Any], Json]] = {
    None: lambda _: None,
    "null_value": lambda _: None,
    "bool_value": lambda value: value.bool_value,
    "number_value": lambda value: _number(value.number_value),
    "string_value": lambda value: value.string_value,
    "struct_value": lambda value: _object(value.struct_value),
    "list_value": lambda value: [_plain(item) for item in value.list_value.values],
}
