"""The metrics of the flags service, as data.

Every process that evaluates flags has more that begin alike: they are in services/kit/flags/client/signals.py.
"""

from services.kit.flags.client.signals import CONTEXT_INVALID
from services.kit.signals import Gauge, Metric, ServerSignals

RPC = ServerSignals.of("flags", "rpc")
EVALUATION = ServerSignals.of("flags", "evaluation")
SYNC = ServerSignals.of("flags", "sync")

GENERATION = Gauge("backline_flags_generation_number", "Generation in force; grows with every write.")
STORED = Gauge("backline_flags_stored_flags", "Flags in force, without the rules that they share.")
EXPIRED = Gauge("backline_flags_expired_flags", "Flags whose day is over: their code can be tidied up.")
DISABLED = Gauge("backline_flags_disabled_flags", "Flags that are switched off.")
SUBSCRIBERS = Gauge(
    "backline_flags_roster_subscribers",
    "Processes of ours that any server of this store serves: current; waiting, which have not applied what is in "
    "force; refusing, which say that they cannot; silent, which are not connected.",
    ("state",),
)
FOREIGN = Gauge("backline_flags_foreign_streams", "Streams of others, which never say what they have applied.")
WATCHERS = Gauge("backline_flags_watch_watchers", "Processes that are served by this one.")
REFUSES = Gauge(
    "backline_flags_refuses_state",
    "1 while nothing is written or handed out, since callers have applied what this store never wrote.",
)
STORE_SILENT = Gauge("backline_flags_store_silent_state", "1 while the store cannot be read; what is known is served.")

METRICS: tuple[Metric, ...] = (
    *RPC.all(),
    *EVALUATION.all(),
    *SYNC.all(),
    GENERATION,
    STORED,
    EXPIRED,
    DISABLED,
    SUBSCRIBERS,
    FOREIGN,
    WATCHERS,
    REFUSES,
    STORE_SILENT,
    CONTEXT_INVALID,
)
