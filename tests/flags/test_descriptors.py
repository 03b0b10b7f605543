"""Our definitions of flagd's protocols are those of the client on PyPI, field by field."""

import base64
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto

from flagd.evaluation.v1 import evaluation_pb2 as v1
from flagd.evaluation.v2 import evaluation_pb2 as v2
from flagd.sync.v1 import sync_pb2

PROGRAM = Path(__file__).parent / "foreign/descriptors.py"
OURS = {module.DESCRIPTOR.package: module.DESCRIPTOR.serialized_pb for module in (v1, v2, sync_pb2)}


@pytest.fixture(scope="module")
def theirs() -> Mapping[str, bytes]:
    """Return the client's descriptions by package."""
    printed = subprocess.run([sys.executable, PROGRAM], capture_output=True, check=True, text=True, timeout=60).stdout  # noqa: S603 - a program of ours
    lines = [json.loads(line) for line in printed.splitlines()]
    return {line["package"]: base64.b64decode(line["file"]) for line in lines}


def described(file: bytes) -> dict[str, Any]:
    """Return all that a description says about the wire: what each field is, and each method."""
    parsed = FileDescriptorProto.FromString(file)
    found: dict[str, Any] = {"syntax": parsed.syntax}
    for message in parsed.message_type:
        found |= dict(_fields(message.name, message))
    for service in parsed.service:
        for method in service.method:
            streams = method.client_streaming, method.server_streaming
            found[f"{service.name}.{method.name}()"] = (method.input_type, method.output_type, *streams)
    return found


def _fields(name: str, message: DescriptorProto) -> Iterator[tuple[str, Any]]:
    yield name, (message.options.map_entry, [(each.start, each.end) for each in message.reserved_range])
    for field in message.field:
        yield f"{name}.{field.name}", _field(message, field)
    for nested in message.nested_type:
        yield from _fields(f"{name}.{nested.name}", nested)


def _field(message: DescriptorProto, field: FieldDescriptorProto) -> tuple[object, ...]:
    oneof = message.oneof_decl[field.oneof_index].name if field.HasField("oneof_index") else ""
    return field.number, field.type, field.type_name, field.label, field.proto3_optional, oneof


@pytest.mark.parametrize("package", OURS)
def test_a_protocol_is_theirs_field_by_field(package: str, theirs: Mapping[str, bytes]) -> None:
    """Names, numbers, types, labels, presence, oneofs, methods and what they stream."""
    assert described(OURS[package]) == described(theirs[package])


def test_none_is_missing(theirs: Mapping[str, bytes]) -> None:
    """All protocols of the client are served, each with its methods."""
    assert theirs.keys() == OURS.keys()
    methods = [name for file in theirs.values() for name in described(file) if name.endswith("()")]
    assert len(methods) == 7 + 6 + 3
