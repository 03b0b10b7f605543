"""What the page is told, as JSON: flags in words, who has them, and what was done to them."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from services.flags.api.page_changes import Told
from services.flags.domain.administration import Trial
from services.flags.domain.definition import is_disabled
from services.flags.domain.document import SHARED_PREFIX, Document
from services.flags.domain.explained import as_lines
from services.flags.domain.head import Head
from services.flags.domain.rollout import branches
from services.flags.domain.roster import Roster
from services.flags.domain.sample import WITHIN_S
from services.flags.domain.store import Kept
from services.flags.domain.words import rule_in_words
from services.kit.flags.explain import Explanation
from services.kit.journal import moment

Shown: TypeAlias = dict[str, Any]
"""What orjson writes, dataclasses among it."""

_MOST_VALUE_CHARS = 120


def state_shown(head: Head, roster: Roster, now: datetime) -> Shown:
    """Return what is in force, and who has applied what; all of them only once the roster has settled."""
    document, listing = head.document, roster.everywhere()
    return {
        "generation": document.held.generation,
        "committed_at": moment(document.committed_at) if document.committed_at else None,
        "now": moment(now),
        "refuses": head.refuses,
        "settled": roster.settled,
        "processes": listing.processes,
        "foreign": listing.foreign,
    }


def flags_shown(document: Document, last: Mapping[str, Told], latest: Iterable[Told]) -> Shown:
    """Return all flags, each with its last change where that has been read, and the latest changes of all."""
    return {
        "generation": document.held.generation,
        "flags": [flag_shown(key, kept, last.get(key)) for key, kept in sorted(document.state.flags.items())],
        "changes": [change_shown(change) for change in latest],
    }


def flag_shown(key: str, kept: Kept, last: Told | None) -> Shown:
    """Return one flag, or one rule that flags share."""
    definition = json.loads(kept.definition)
    metadata: Mapping[str, object] = definition.get("metadata") or {}
    told = {name: str(metadata.get(name, "")) for name in ("description", "owner", "expires")}
    variants: Mapping[str, object] = definition.get("variants") or {}
    return {
        "key": key,
        "enabled": not is_disabled(definition),
        "shared": key.startswith(SHARED_PREFIX),
        "rule": rule_in_words(definition),
        "branches": branches(definition),
        **told,
        "variants": [{"name": name, "value": value_shown(value)} for name, value in variants.items()],
        "default": definition.get("defaultVariant"),
        "version": kept.version,
        "changed_at": moment(kept.changed_at),
        "last": change_shown(last) if last and last.entry.sequence == kept.version else None,
    }


def change_shown(change: Told) -> Shown:
    """Return one entry of the journal, without the definition that it led to."""
    record = change.entry.record
    return {
        "generation": change.entry.sequence,
        "at": moment(record.at),
        "actor": record.actor,
        "action": record.action,
        "made": change.made,
        "key": record.subject,
        "reason": record.reason,
    }


def trial_shown(trial: Trial, definition: object) -> Shown:
    """Return what a definition would do, and the definition that was tried."""
    return {
        "contexts": trial.run.contexts,
        "within_s": WITHIN_S,
        "reached": trial.run.reached,
        "changed": trial.run.changed,
        "invalid": dict(trial.run.invalid),
        "warnings": trial.warnings,
        "rule": trial.rule,
        "definition": definition_shown(definition),
    }


def explanation_shown(explanation: Explanation) -> Shown:
    """Return what was decided, and then the steps that led there, as lines."""
    return {"lines": as_lines(explanation)}


def value_shown(value: object) -> str:
    """Return a variant's value as JSON, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST_VALUE_CHARS else f"{text[:_MOST_VALUE_CHARS]}…"


def definition_shown(definition: object) -> str:
    """Return a definition as JSON for people."""
    return json.dumps(definition, ensure_ascii=False, indent=2)
