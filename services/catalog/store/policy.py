"""What is kept in memory of a store, and for how long: settings, read under `BACKLINE_CATALOG_CACHE`."""

from dataclasses import dataclass

from services.kit.settings import setting


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """Bounds of the cache. What changes is dropped within `follow_s`; these say what becomes of the rest."""

    entries: int = setting(
        100_000, "Items kept in memory; 0 for none. A tenth as many ids that name nothing come on top.", at_least=0
    )
    size_bytes: int = setting(
        67_108_864, "Bytes that they take together; an item of a usual size takes about 700.", at_least=0
    )
    soft_ttl_s: float = setting(
        60.0,
        "Seconds after which an item is read again, in the background and while the old one is answered. Changes are "
        "followed without it: it bounds what a lost change could do. Up to a fifth less, by chance, so that what was "
        "read in a burst is not read again in one.",
        at_least=1,
    )
    negative_ttl_s: float = setting(
        2.0, "Seconds for which an id that names nothing is not looked up again.", at_least=0
    )
    stale_limit_s: float = setting(
        900.0,
        "Seconds for which items are still answered, with their age, when the store cannot be asked what changed.",
        at_least=1,
    )
