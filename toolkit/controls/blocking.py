"""The settings shared by all controls that block apps and sites."""

import re
from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import AfterValidator, Field, PrivateAttr, ValidationInfo, model_validator

from toolkit.catalogue.app import App
from toolkit.catalogue.guard import NeededHost, find_blocked_host, needed_hosts
from toolkit.catalogue.naming import Choice, catalogue_of, resolve
from toolkit.controls.control import ControlSettings, Stricter
from toolkit.sdk import Level, Part, declare

NEEDS = "needs"
"""The key in the validation context for the hosts that must never be blocked."""

BLOCKS = ("web.chat_im_block", "web.gambling_p2p_block", "web.social_block", "web.streaming_block", "web.webmail_block")
"""The controls with `Blocking` settings. Each cloud realises all of them in one module."""

_HOST = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")


def _validate_host(entry: str) -> str:
    host = entry.lower()
    if not _HOST.fullmatch(host):
        raise ValueError(f"{entry!r} is not a host name such as chat.example.com")
    return host


def _validate_blockable(entry: str, info: ValidationInfo) -> str:
    needs: tuple[NeededHost, ...] = (info.context or {}).get(NEEDS) or needed_hosts()
    if broken := find_blocked_host(entry, needs):
        raise ValueError(f"{entry} cannot be blocked because it covers {broken}")
    return entry


Host = Annotated[str, AfterValidator(_validate_host)]


class Blocking(ControlSettings):
    """Settings for blocking apps and sites."""

    block: Annotated[list[Choice], Stricter.MORE] = Field(
        min_length=1,
        description="The names of apps and sites (`toolkit apps` lists them), or a whole category as `category: NAME`.",
        examples=[["whatsapp", {"category": "social"}]],
    )
    without: Annotated[list[Choice], Stricter.FEWER] = declare(
        "Apps and sites in `block` that are not blocked.", ["whatsapp"], default=[]
    )
    hosts: Annotated[list[Annotated[Host, AfterValidator(_validate_blockable)]], Stricter.MORE] = declare(
        "Further hosts to block in browsers, with all of their subdomains.", ["x.example"], default=[]
    )
    allow: Annotated[list[Host], Stricter.FEWER] = declare(
        "Hosts that browsers may open even if a wider entry would block them.", ["a.example"], default=[]
    )
    _apps: tuple[App, ...] = PrivateAttr(default=())
    _spared: tuple[App, ...] = PrivateAttr(default=())

    @model_validator(mode="after")
    def _resolve_apps(self, info: ValidationInfo) -> Self:
        listed = resolve(self.block, catalogue_of(info))
        spared = resolve(self.without, catalogue_of(info)) if self.without else ()
        if strange := [app.name for app in spared if app not in listed]:
            raise ValueError(f"`without` names {strange[0]}, which `block` does not")
        self._apps = tuple(app for app in listed if app not in spared)
        self._spared = spared
        return self

    @property
    def apps(self) -> tuple[App, ...]:
        """Return the blocked apps in the order of the catalogue."""
        return self._apps

    def opens(self, app: App) -> bool:
        """Return whether an allowed host overlaps with a host of an app, so that the app is not blocked completely."""
        return any(
            _is_host_above(host, domain) or _is_host_above(domain, host)
            for host in self.allow
            for domain in app.domains
        )

    @property
    def allowed_apps(self) -> tuple[App, ...]:
        """Return the apps that `without` excludes from blocking."""
        return self._spared

    @property
    def urls(self) -> list[str]:
        """Return the URL patterns for a browser's block list."""
        return [*dict.fromkeys([url for app in self._apps for url in app.urls] + self.hosts)]


def _is_host_above(above: str, host: str) -> bool:
    return host == above or host.endswith(f".{above}")


def network_parts(clauses: str) -> tuple[Part, ...]:
    """Return the parts of a control that people must confirm by hand: blocking by the web filter on the school's
    networks.
    """
    return (
        Part(
            name="network filter",
            level=Level.MANUAL,
            covers=f"{clauses} on the school's network, on any device",
            reason="no API shows whether the network is filtered, so try it on a device that toolkit does not "
            "manage, and ask the people who run the web filter",
            closes="network",
        ),
        Part(
            name="guest Wi-Fi",
            level=Level.MANUAL,
            covers=f"{clauses} on the guest Wi-Fi",
            reason="no API shows whether guest Wi-Fi is filtered, so try it on your own phone",
            needed=False,
            closes="guest_network",
        ),
    )


def shared_host_limits(apps: Sequence[App]) -> tuple[str, ...]:
    """Return a sentence about apps that cannot be blocked by host, because the school's services use the host too."""
    shared = [app.title for app in apps if not app.urls and app.shared_hosts]
    return (f"not blocked by host, because the school needs the host: {', '.join(shared)}",) if shared else ()
