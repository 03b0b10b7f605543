"""Prints how flagd's protocols are described by the client on PyPI, a file a line: package and base64.

A program of its own, since two descriptions of one package cannot be in one process.
"""

import base64
import json
import sys

from google.protobuf.descriptor import FileDescriptor
from openfeature.schemas.protobuf.flagd.evaluation.v1 import evaluation_pb2 as v1
from openfeature.schemas.protobuf.flagd.evaluation.v2 import evaluation_pb2 as v2
from openfeature.schemas.protobuf.flagd.sync.v1 import sync_pb2


def main() -> None:
    """Print all of them."""
    files: list[FileDescriptor] = [v1.DESCRIPTOR, v2.DESCRIPTOR, sync_pb2.DESCRIPTOR]
    for file in files:
        described = base64.b64encode(file.serialized_pb).decode()
        sys.stdout.write(json.dumps({"package": file.package, "file": described}) + "\n")


if __name__ == "__main__":
    main()
