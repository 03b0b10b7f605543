"""Guesses the client from its User-Agent, by the table of devices.

Only an application's version is one: that of a browser says nothing of ours. Texts are looked for, not patterns, so
that no agent takes longer than its length.
"""

import re
from collections.abc import Iterable

from services.edge.domain.devices import DEVICES, Device
from services.edge.domain.facts import MAX_HEADER_CHARS, Dropped, Fact, Reading, Source
from services.edge.domain.versions import parse_version
from services.kit.context import ClientType

_NUMBERS = re.compile("[0-9]{1,9}(?:[._][0-9]{1,9}){0,3}")
_PRODUCT = re.compile("([A-Za-z][0-9A-Za-z._-]{0,31})/([0-9A-Za-z.+-]{1,64})")
_OWN_PRODUCTS = frozenset({"mozilla", "opera", "dalvik", "applecoremedia", "chrome", "roku", "okhttp", "echo", "hbbtv"})
"""Names of browsers, systems and libraries, whose version is no application's."""


def read_agent(agent: str) -> Reading:
    """Return what the User-Agent says."""
    text = f" {agent[:MAX_HEADER_CHARS]}"
    device = device_of(text.lower())
    if device is None or device.client_type is ClientType.UNKNOWN:
        unread = Dropped("client_type", agent, Source.AGENT, "is not the agent of a device that is known")
        return Reading(dropped=(unread,) if agent else ())
    typed = _fact("client_type", device.client_type.word)
    return Reading((typed, *_system(device, text.lower()), *_application(device, text)))


def device_of(text: str) -> Device | None:
    """Return the first device that has all its marks in the text, which is lower case and begins with a blank."""
    return next((device for device in DEVICES if all(mark in text for mark in device.marks)), None)


def _system(device: Device, text: str) -> Iterable[Fact]:
    behind = (text[text.index(start) + len(start) :] for start in device.system if start in text)
    numbers = next(filter(None, map(_NUMBERS.match, behind)), None)
    return [_fact("os_version", numbers[0].replace("_", "."))] if numbers else []


def _application(device: Device, text: str) -> Iterable[Fact]:
    # Before every product stands at least a blank.
    before = device.product or " "
    product = _PRODUCT.match(text, text.lower().find(before) + len(before))
    if product is None or product[1].lower() in _OWN_PRODUCTS:
        return []
    version = parse_version(product[2])
    if version is None:
        return []
    if "." not in product[2]:
        # A lone number counts builds: it is larger than any version.
        return [_fact("app_build", product[2])]
    build = [_fact("app_build", version.build)] if version.build else []
    return [_fact("app_version", version.text), *build]


def _fact(name: str, value: str) -> Fact:
    return Fact(name, value, Source.AGENT)
