"""The table of devices: real agents are told apart, and nothing that is sent as one takes long or fails."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.edge.domain.agents import read_agent
from services.edge.domain.devices import DEVICES
from services.edge.domain.facts import MAX_HEADER_CHARS
from services.edge.domain.understanding import understand
from services.kit.context import ClientType

with Path(__file__).with_name("agents.tsv").open(newline="") as rows:
    AGENTS = [tuple(row) for row in csv.reader(rows, delimiter="\t", quoting=csv.QUOTE_NONE)][1:]
"""User-Agents as devices really send them, and what each tells."""


@pytest.mark.parametrize(("client_type", "app_version", "os_version", "agent"), AGENTS)
def test_real_agents_are_told_apart(client_type: str, app_version: str, os_version: str, agent: str) -> None:
    """A device is known by its agent, with the versions of its system and of an application, but of no browser."""
    caller = understand("", "", agent).caller
    assert (caller.client_type.word, caller.app_version, caller.os_version) == (client_type, app_version, os_version)


def test_every_type_but_partner_has_agents_that_show_it() -> None:
    """The table is tried with agents of each kind of device; a partner is known by its header alone."""
    assert {client_type for client_type, *_ in AGENTS} == {each.word for each in ClientType} - {"partner"}


def test_marks_are_written_as_they_are_looked_for() -> None:
    """Agents are compared in lower case, so a mark with a capital would never be found."""
    texts = [text for device in DEVICES for text in (*device.marks, *device.system, device.product)]
    assert texts == [text.lower() for text in texts]


def test_an_agent_that_is_no_devices_is_reported() -> None:
    """What could not be told from an agent is dropped with a reason, and an absent one is not."""
    (dropped,) = understand("", "", "curl/8.5.0").dropped
    assert (dropped.name, dropped.value) == ("client_type", "curl/8.5.0")
    assert understand("", "", "").dropped == ()


def test_a_lone_number_is_a_build() -> None:
    """An application that gives its build for a version is not taken for one that is far ahead of all others."""
    caller = understand("", "", "Podcat/8577 CFNetwork/711.3.18 Darwin/14.0.0").caller
    assert (caller.app_version, caller.app_build) == ("", "8577")


def test_only_the_beginning_of_an_agent_is_read() -> None:
    """What stands beyond the bound is as if it had not been sent."""
    assert understand("", "", "x" * MAX_HEADER_CHARS + " iPhone").caller.client_type is ClientType.UNKNOWN


@given(st.text())
def test_no_agent_is_too_strange_to_read(agent: str) -> None:
    """Whatever a caller sends as its agent, reading it never raises."""
    read_agent(agent)
