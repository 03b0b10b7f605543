"""The metrics of a process that uses flags, as data; each service that does adds them to its own."""

from services.kit.signals import ClientSignals, Counter, Gauge, Metric, Timing

CALLS = ClientSignals.of("flags")
APPLIED_GENERATION = Gauge(
    "backline_flags_applied_generation_number", "Generation of the flags that decide here; 0 where the code does."
)
PROPAGATION = Timing(
    "backline_flags_propagation_seconds",
    "Time from the commit of a generation, by the server's clock, until it decides here; not for the first one.",
    buckets_s=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0),
)
SNAPSHOT_AGE = Gauge(
    "backline_flags_snapshot_age_seconds",
    "Time since the flags that decide here were last known to be in force; infinite where there are none.",
)
REJECTED = Counter(
    "backline_flags_rejected_snapshots_total",
    "Generations that were refused whole, by reason: checksum (damaged on the way) or definitions (of no use).",
    ("reason",),
)
USES = Counter(
    "backline_flags_uses_total",
    "Times that a variant took effect; (code) is the default in the code, and beyond a hundred pairs all are other.",
    ("flag", "variant"),
)
CONTEXT_INVALID = Counter(
    "backline_flags_context_invalid_total",
    "Times that an attribute was there and a rule could not use it, such as a version that is none.",
    ("attribute",),
)
STREAM = Gauge("backline_flags_stream_state", "1 while the flags service tells what changes, 0 while it is silent.")

METRICS: tuple[Metric, ...] = (
    *CALLS.all(),
    APPLIED_GENERATION,
    PROPAGATION,
    SNAPSHOT_AGE,
    REJECTED,
    USES,
    CONTEXT_INVALID,
    STREAM,
)
