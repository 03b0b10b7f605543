"""The flags that a first start has, as the tests of the edge use them."""

import json
from pathlib import Path
from typing import Any

from services.kit.flags.client.memory import FixedFlags

PATH = Path(__file__).parents[2] / "services/flags/shipped.json"


def definitions() -> dict[str, Any]:
    """Return the shipped definitions by key."""
    return dict(json.loads(PATH.read_bytes())["flags"])


def shipped() -> FixedFlags:
    """Return flags that decide by them."""
    return FixedFlags(definitions())
