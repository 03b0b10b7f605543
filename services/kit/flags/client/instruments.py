"""The client's metrics, bound."""

from services.kit.flags.attributes import VOCABULARY
from services.kit.flags.client import signals
from services.kit.flags.client.uses import Uses
from services.kit.instruments import BoundCounter
from services.kit.telemetry import Telemetry

CHECKSUM, DEFINITIONS = "checksum", "definitions"
"""Why a generation is refused."""
_OTHER = "other"


class Instruments:
    """What the parts of the client count."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry
        self.propagation = telemetry.timing(signals.PROPAGATION)
        self.rejected = {
            reason: telemetry.counter(signals.REJECTED, reason=reason) for reason in (CHECKSUM, DEFINITIONS)
        }
        self._invalid = {
            attribute: telemetry.counter(signals.CONTEXT_INVALID, attribute=attribute)
            for attribute in (*VOCABULARY, _OTHER)
        }
        self.uses = Uses(self._use, telemetry.log.note)
        self.generation = telemetry.gauge(signals.APPLIED_GENERATION)
        self.age = telemetry.gauge(signals.SNAPSHOT_AGE)
        self.stream = telemetry.gauge(signals.STREAM)

    def invalid(self, attribute: str) -> None:
        """Count an attribute that a rule could not use."""
        self._invalid.get(attribute, self._invalid[_OTHER]).inc()

    def _use(self, flag: str, variant: str) -> BoundCounter:
        return self._telemetry.counter(signals.USES, flag=flag, variant=variant)
