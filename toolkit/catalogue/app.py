"""An app or a site: its names, and its parts on each platform."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import date
from importlib.resources import files
from typing import Any, Literal, TypeAlias

from toolkit.records import dataclass

Category: TypeAlias = Literal["chat", "social", "streaming", "webmail", "gambling", "p2p", "games"]

AccountBlock: TypeAlias = Literal["google_secondary_sign_in", "outlook_personal_accounts"]
"""A setting that closes an app by the account of the person, if its hosts must stay open."""

PLAY = "https://play.google.com/store/apps/details?id="
APP_STORE = "https://apps.apple.com/gb/app/id"


@dataclass(frozen=True, slots=True)
class IosApp:
    """An app of the App Store: the bundle by which devices know it, and its number in the store."""

    bundle: str
    store: int

    @property
    def page(self) -> str:
        return f"{APP_STORE}{self.store}"


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """One app or site.

    `domains` are hosts that the service uses for people, blocked with everything below them; `pages` are a host and
    the beginning of a path, which browsers can block and nothing else can. Neither breaks anything else.
    """

    name: str
    title: str
    category: Category
    aliases: tuple[str, ...] = ()  # other names, only for suggestions
    domains: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    shared_hosts: tuple[str, ...] = ()  # it shares them with something a school needs: never blocked by host
    by_account: tuple[AccountBlock, ...] = ()
    android: tuple[str, ...] = ()  # package names
    ios: tuple[IosApp, ...] = ()
    windows: tuple[str, ...] = ()  # package family names
    chrome: tuple[str, ...] = ()  # extension ids
    note: str = ""
    missing: tuple[str, ...] = ()  # unknown parts, and parts that remain open
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # field -> public pages
    checked: date | None = None  # None: a school's own entry

    @property
    def urls(self) -> tuple[str, ...]:
        """Return the entries for a browser's block list."""
        return (*self.domains, *self.pages)

    def references(self) -> Iterator[tuple[str, str]]:
        """Yield each fact with its public page. For apps of a store this is their page in the store."""
        yield from ((fact, page) for fact, pages in self.sources.items() for page in pages)
        yield from (("android", f"{PLAY}{package}") for package in self.android)
        yield from (("ios", app.page) for app in self.ios)


def read_rows(package: str, name: str, tables: str) -> list[dict[str, Any]]:
    """Return the tables with a name from a TOML file of a package."""
    rows: list[dict[str, Any]] = tomllib.loads((files(package) / name).read_text(encoding="utf-8"))[tables]
    return rows
