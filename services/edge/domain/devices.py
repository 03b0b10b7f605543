"""The table of what User-Agents have in common, device by device.

The type is that of the device, also where a browser runs on it (a browser on a television is a tv), but for computers:
a browser there is web, an application desktop. What is nobody's device, such as a robot or a library, stays unknown: a
partner says that it is one. An iPad that asks for desktop pages calls itself a Macintosh and cannot be told from one.
"""

from typing import NamedTuple

from services.kit.context import ClientType

_UNKNOWN, _WEB, _DESKTOP = ClientType.UNKNOWN, ClientType.WEB, ClientType.DESKTOP
_TV, _SPEAKER, _CAR, _WEARABLE = ClientType.TV, ClientType.SPEAKER, ClientType.CAR, ClientType.WEARABLE
_IOS, _ANDROID = ClientType.IOS, ClientType.ANDROID


class Device(NamedTuple):
    """Agents that have all the marks are of this type."""

    client_type: ClientType
    marks: tuple[str, ...]
    """Lower case; one that begins with a blank begins a word."""
    system: tuple[str, ...] = ()
    """The operating system's version stands behind the first of these that is there."""
    product: str = ""
    """The application's name and version stand behind this; empty for the agent's beginning."""


_ON_ANDROID = ("android ", "android/")
_ON_APPLE = ("iphone os ", "iphone_os/", "ipados ", "ios ", "ios/", "cpu os ")
_ON_COMPUTERS = ("windows nt ", "mac os x ", "macos ")

DEVICES = (
    # Robots give the address where they are explained, whatever device they pretend to be.
    Device(_UNKNOWN, ("+http",)),
    Device(_UNKNOWN, ("bot/",)),
    Device(_UNKNOWN, ("powershell/",)),
    Device(_CAR, (" tesla/",), (" tesla/", "/develop-", "/feature-")),
    Device(_CAR, ("qtcarbrowser",)),
    Device(_CAR, ("android automotive",), _ON_ANDROID),
    Device(_CAR, (" polestar", "android"), _ON_ANDROID),
    Device(_CAR, ("carpad", "android"), _ON_ANDROID),
    Device(_CAR, ("carplay",), _ON_APPLE),
    Device(_SPEAKER, ("devicetype/smartspeaker",)),
    Device(_SPEAKER, ("homepod",), _ON_APPLE),
    Device(_SPEAKER, ("audioaccessory",)),
    Device(_SPEAKER, (" upnp/", "sonos/")),
    Device(_SPEAKER, (" sonos;",)),
    Device(_SPEAKER, (" echo/",)),
    Device(_SPEAKER, (" alexamediaplayer/",), _ON_ANDROID),
    # The model numbers of Echo devices.
    Device(_SPEAKER, ("; aeo",), _ON_ANDROID),
    Device(_SPEAKER, ("yandexstation", "android"), _ON_ANDROID),
    Device(_WEARABLE, ("watchos",), ("watchos/", "watchos ")),
    Device(_WEARABLE, ("watch os,",), ("watch os,",)),
    Device(_WEARABLE, ("wear os",), ("wear os ", *_ON_ANDROID)),
    Device(_WEARABLE, (" watch",), _ON_ANDROID),
    Device(_WEARABLE, ("zenwatch",), _ON_ANDROID),
    # The model numbers of Galaxy watches, with either system.
    Device(_WEARABLE, ("sm-r", "tizen"), ("tizen ",)),
    Device(_WEARABLE, ("sm-r", "android"), _ON_ANDROID),
    Device(_TV, ("playstation",), ("playstation 5/", "playstation 4/", "playstation 4 ", "playstation 3 ")),
    Device(_TV, ("xbox",), ("windows nt ",)),
    Device(_TV, ("nintendo",)),
    Device(_TV, ("apple tv",), _ON_APPLE),
    Device(_TV, ("appletv",), ("tvos ", "tvos/")),
    Device(_TV, ("tvos",), ("tvos ", "tvos/")),
    Device(_TV, (" roku",), ("/dvp-",)),
    Device(_TV, ("crkey/",)),
    Device(_TV, ("chromecast", "android"), _ON_ANDROID),
    Device(_TV, ("tizen", "tv"), ("tizen ",)),
    Device(_TV, ("web0s",)),
    Device(_TV, ("netcast",)),
    Device(_TV, ("hbbtv",)),
    # The model numbers of Fire TV sticks, boxes and sets.
    Device(_TV, ("; aft", "android"), _ON_ANDROID),
    Device(_TV, ("android tv",), _ON_ANDROID),
    Device(_TV, ("googletv",), _ON_ANDROID),
    Device(_TV, ("bravia",), _ON_ANDROID),
    Device(_TV, ("mitv",), _ON_ANDROID),
    Device(_TV, ("mibox",), _ON_ANDROID),
    Device(_TV, ("tv box",), _ON_ANDROID),
    Device(_TV, ("tv_box",), _ON_ANDROID),
    Device(_TV, (" tv safari",), _ON_ANDROID),
    Device(_TV, ("smart-tv",), _ON_ANDROID),
    Device(_TV, ("smarttv",), _ON_ANDROID),
    Device(_TV, ("smart tv",), _ON_ANDROID),
    # It claims to be an Android and an iPhone too.
    Device(_UNKNOWN, ("windows phone",)),
    Device(_IOS, ("iphone",), _ON_APPLE),
    Device(_IOS, ("ipad",), _ON_APPLE),
    Device(_IOS, ("ipod",), _ON_APPLE),
    Device(_IOS, (" ios/",), _ON_APPLE),
    Device(_IOS, ("; ios ",), _ON_APPLE),
    # No Mac is mobile: an iPad's application that shows pages.
    Device(_IOS, ("macintosh", " mobile/")),
    Device(_DESKTOP, ("cfnetwork/", "x86_64")),
    Device(_IOS, ("cfnetwork/",)),
    Device(_ANDROID, ("android",), _ON_ANDROID),
    # A Fire tablet that asks for desktop pages.
    Device(_ANDROID, (" silk/",)),
    Device(_DESKTOP, (" electron/",), _ON_COMPUTERS, "(khtml, like gecko) "),
    Device(_DESKTOP, ("(pc desktop)",)),
    Device(_WEB, (" mozilla/",), _ON_COMPUTERS),
    Device(_WEB, (" opera/",), _ON_COMPUTERS),
    Device(_DESKTOP, ("windows nt",), _ON_COMPUTERS),
    Device(_DESKTOP, ("macintosh",), _ON_COMPUTERS),
)
"""The first that fits holds."""
