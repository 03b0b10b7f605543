"""Understands who asks, from what the request's headers say: a Caller, where each part came from, what was dropped.

X-Backline-Client counts first. The User-Agent is only looked at where that names no type, and Accept-Language gives
the locale, and the country where no other header does. Nothing here ever fails: what cannot be used is dropped, with
a word on why.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from services.edge.domain.agents import read_agent
from services.edge.domain.client_header import TYPES, read_client_header
from services.edge.domain.facts import Dropped, Fact, Reading, Source, preferred
from services.edge.domain.languages import read_languages
from services.kit.context import Caller, ClientType


@dataclass(frozen=True, slots=True)
class Understood:
    """What is known of whoever asks; the caller's user id is none of these headers' matter and stays empty."""

    caller: Caller
    sources: Mapping[str, Source]
    """Where each field of the caller that is known was read."""
    dropped: tuple[Dropped, ...]


def understand(client_header: str, accept_language: str, user_agent: str) -> Understood:
    """Return what the three headers say; an absent one is empty, and none is read beyond its first 512 characters."""
    said = read_client_header(client_header)
    typed = any(fact.name == "client_type" for fact in said.facts)
    guessed = Reading() if typed else read_agent(user_agent)
    spoken = read_languages(accept_language)
    facts = preferred((said, guessed, spoken))
    sources = MappingProxyType({name: fact.source for name, fact in facts.items()})
    return Understood(_caller(facts), sources, (*said.dropped, *guessed.dropped, *spoken.dropped))


def _caller(facts: Mapping[str, Fact]) -> Caller:
    values = {name: fact.value for name, fact in facts.items()}
    client_type = TYPES.get(values.pop("client_type", ""), ClientType.UNKNOWN)
    return Caller(client_type, **values)
