"""Flags from a document in memory: for tests, for tools, and for a service that is to know no others."""

import json
from collections.abc import Mapping
from typing import Any

from services.kit.flags.client.local import Flags
from services.kit.flags.client.uses import Uses
from services.kit.flags.compile import compile_flags
from services.kit.flags.flag import Choice
from services.kit.instruments import BoundCounter


class FixedFlags(Flags):
    """Decides by the definitions that it is given; time stands still for their rules, and uses are kept."""

    def __init__(self, flags: Mapping[str, Any] | None = None, *, cached: bool = False) -> None:
        super().__init__(Uses(lambda _flag, _variant: BoundCounter(), lambda _event, _fields: None), lambda: 0.0)
        self.told: list[tuple[Choice[Any], str]] = []
        """Every use, oldest first, with its unit."""
        self._cached = cached
        if flags is not None:
            self.change(flags)

    def change(self, flags: Mapping[str, Any], evaluators: Mapping[str, Any] | None = None) -> None:
        """Decide by other definitions from now on, in flagd's format by key: the next generation."""
        document = json.dumps({"flags": flags, "$evaluators": evaluators or {}})
        self.replace(compile_flags(document, now=lambda: 0.0, cached=self._cached), self.generation + 1)

    def used(self, choice: Choice[Any], unit: str, generation: int | None = None) -> None:
        """Keep the use."""
        self.told.append((choice, unit))
        super().used(choice, unit, generation)
