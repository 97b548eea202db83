"""Types for an app or site, with its identifiers on each platform."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import date
from importlib.resources import files
from typing import Any, Literal, TypeAlias

from toolkit.records import dataclass

Category: TypeAlias = Literal["chat", "social", "streaming", "webmail", "gambling", "p2p", "games"]

AccountBlock: TypeAlias = Literal["google_secondary_sign_in", "outlook_personal_accounts"]
"""A setting that blocks personal accounts of an app whose hosts must stay open."""

PLAY = "https://play.google.com/store/apps/details?id="
APP_STORE = "https://apps.apple.com/gb/app/id"


@dataclass(frozen=True, slots=True)
class IosApp:
    """An app in the App Store: its bundle identifier and its number in the store."""

    bundle: str
    store: int

    @property
    def page(self) -> str:
        return f"{APP_STORE}{self.store}"


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An app or site.

    `domains` are hosts that only this service uses, blocked with all of their subdomains. `pages` are hosts with the
    beginning of a path, which only browsers can block.
    """

    name: str
    title: str
    category: Category
    aliases: tuple[str, ...] = ()  # other names, used only for suggestions
    domains: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    shared_hosts: tuple[str, ...] = ()  # hosts shared with a service that a school needs, which are never blocked
    by_account: tuple[AccountBlock, ...] = ()
    android: tuple[str, ...] = ()  # package names
    ios: tuple[IosApp, ...] = ()
    windows: tuple[str, ...] = ()  # package family names
    chrome: tuple[str, ...] = ()  # extension ids
    note: str = ""
    missing: tuple[str, ...] = ()  # unknown identifiers, and parts that stay open
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # public pages by field
    checked: date | None = None  # None for a school's own entry

    @property
    def urls(self) -> tuple[str, ...]:
        """Return the URL patterns that block the app in a browser."""
        return (*self.domains, *self.pages)

    def references(self) -> Iterator[tuple[str, str]]:
        """Yield each identifier with the public page that confirms it, such as the app's page in a store."""
        yield from ((fact, page) for fact, pages in self.sources.items() for page in pages)
        yield from (("android", f"{PLAY}{package}") for package in self.android)
        yield from (("ios", app.page) for app in self.ios)


def read_rows(package: str, name: str, tables: str) -> list[dict[str, Any]]:
    """Return the rows of the array `tables` in a TOML file of a package."""
    rows: list[dict[str, Any]] = tomllib.loads((files(package) / name).read_text(encoding="utf-8"))[tables]
    return rows
