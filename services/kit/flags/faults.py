"""What is wrong with the definition of one flag, by flagd's schema and beyond it: what would only fail at a call.

    faults({"state": "ENABLED", "variants": {"on": True}, "defaultVariant": "of"})
    # [Fault("$.defaultVariant", "'of' is no variant.")]

Stricter than what `compile_flags` takes: this is asked before a write, that must live with what others wrote.
"""

from collections.abc import Iterator, Mapping

from services.kit.flags.bounds import excess
from services.kit.flags.grammar import LARGEST_INTEGER, VARIANT_TYPES
from services.kit.flags.rule_faults import Fault, comes_to, faults_of_rule
from services.kit.flags.values import Json

STATES = ("ENABLED", "DISABLED")
_PARTS = frozenset({"state", "variants", "defaultVariant", "targeting", "metadata"})


def faults(definition: Mapping[str, Json]) -> list[Fault]:
    """Return everything that is wrong with the definition, with its JSON path; nothing where it may be written."""
    sentence = excess({"flags": {"": definition}})  # as deep as it is in a document
    if sentence:
        return [Fault("$", sentence)]
    return [
        *(Fault("$", f"A flag has no {part!r}.") for part in sorted(definition.keys() - _PARTS)),
        *_faults_of_state(definition),
        *_faults_of_variants(definition),
        *_faults_of_default(definition),
        *faults_of_metadata("$.metadata", definition.get("metadata", {})),
        *_faults_of_targeting(definition),
        *_faults_of_integers(dict(definition), "$"),
    ]


def faults_of_metadata(path: str, metadata: Json) -> Iterator[Fault]:
    """Yield what is wrong with metadata: it has names, and plain values."""
    if not isinstance(metadata, dict):
        yield Fault(path, "It is no object.")
        return
    for key, value in metadata.items():
        if not key:
            yield Fault(path, "A name is empty.")
        if not isinstance(value, bool | int | float | str):
            yield Fault(f"{path}.{key}", "It is neither a text nor a number nor true or false.")


def _faults_of_integers(node: Json, path: str) -> Iterator[Fault]:
    if isinstance(node, dict):
        for name, item in node.items():
            yield from _faults_of_integers(item, f"{path}.{name}")
    elif isinstance(node, list):
        for number, item in enumerate(node):
            yield from _faults_of_integers(item, f"{path}[{number}]")
    elif isinstance(node, int) and abs(node) > LARGEST_INTEGER:
        yield Fault(path, "It is larger than every language's numbers hold.")


def _faults_of_state(definition: Mapping[str, Json]) -> Iterator[Fault]:
    if definition.get("state") not in STATES:
        yield Fault("$.state", f"It is neither {' nor '.join(STATES)}.")


def _faults_of_variants(definition: Mapping[str, Json]) -> Iterator[Fault]:
    variants = definition.get("variants")
    if not isinstance(variants, dict) or not variants:
        yield Fault("$.variants", "There is none.")
        return
    types = {kind: name for name, value in reversed(variants.items()) if (kind := _type(value))}
    if len(types) > 1:
        told = " and ".join(f"{name!r} is {kind}" for kind, name in types.items())
        yield Fault("$.variants", f"They are of one type, but {told}.")
    for name, value in variants.items():
        path = f"$.variants.{name}"
        if not name:
            yield Fault("$.variants", "A name is empty.")
        if not _type(value):
            yield Fault(path, f"It is neither {' nor '.join(VARIANT_TYPES)}.")


def _type(value: Json) -> str:
    """Return what a variant's value is; nothing where it is none that a flag may have."""
    kinds = (kind for kind, types in VARIANT_TYPES.items() if isinstance(value, types))
    return next(kinds, "")


def _faults_of_default(definition: Mapping[str, Json]) -> Iterator[Fault]:
    default, variants = definition.get("defaultVariant"), definition.get("variants")
    if default is not None and not isinstance(default, str):
        yield Fault("$.defaultVariant", "It is neither a name nor null.")
    elif default is not None and isinstance(variants, dict) and default not in variants:
        yield Fault("$.defaultVariant", f"{default!r} is no variant.")


def _faults_of_targeting(definition: Mapping[str, Json]) -> Iterator[Fault]:
    targeting, variants = definition.get("targeting", {}), definition.get("variants")
    if not isinstance(targeting, dict):
        yield Fault("$.targeting", "It is no object.")
        return
    if not targeting:
        return
    found = list(faults_of_rule(targeting, "$.targeting"))
    yield from found
    if found or not isinstance(variants, dict):
        return
    for path, value in comes_to(targeting, "$.targeting"):
        name = str(value).lower() if isinstance(value, bool) else value if isinstance(value, str) else repr(value)
        if value is not None and name not in variants:
            yield Fault(path, f"The rule may come to {name!r:.80}, which is no variant.")
