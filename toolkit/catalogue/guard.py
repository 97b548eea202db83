"""The hosts that a block list must not contain, because the school's own services need them.

An entry in a block list of Chrome or Edge also blocks all subdomains, and so does a domain indicator in Defender.
`.example.com` blocks only that host. See https://chromium.org/administrators/url-blocklist-filter-format
"""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import accumulate
from urllib.parse import urlsplit

from toolkit.catalogue.app import read_rows
from toolkit.catalogue.naming import Catalogue
from toolkit.records import dataclass

_WEB = {"http", "https", "ws", "wss", "*"}
_PATTERN = re.compile(r"(?:([a-z][a-z0-9+.-]*|\*)://)?(.*)", re.IGNORECASE | re.DOTALL)
_PORT = re.compile(r":(\d+|\*)$")


@dataclass(frozen=True, slots=True)
class NeededHost:
    """A host that must not be blocked, and the service that needs the host.

    `*.example.com` is every subdomain of example.com. With a path, only addresses below the path are needed.
    """

    host: str
    owner: str

    def __str__(self) -> str:
        return f"{self.host} ({self.owner})"


@cache
def needed_hosts() -> tuple[NeededHost, ...]:
    """Return the hosts of Microsoft 365, Google Workspace, their sign-in and updates, and common school tools."""
    return tuple(
        NeededHost(host, group["whose"])
        for group in read_rows("toolkit.catalogue", "needed.toml", "need")
        for host in group["hosts"]
    )


def school_hosts(domains: Iterable[str], website: str | None) -> tuple[NeededHost, ...]:
    """Return the school's own hosts: its website, and its domains with all subdomains."""
    hosts = [pattern for domain in domains for pattern in (domain, f"*.{domain}")]
    site = urlsplit(website).hostname if website else None
    return tuple(NeededHost(host, "the school's own") for host in (*hosts, *([site] if site else [])))


def shared_hosts(catalogue: Catalogue) -> tuple[NeededHost, ...]:
    """Return the hosts that apps share with services that schools need. Single pages on these hosts may be blocked."""
    return tuple(
        NeededHost(host, f"which {app.title} shares with a service that schools need")
        for app in catalogue.apps.values()
        for host in app.shared_hosts
    )


@lru_cache(maxsize=8192)
def find_blocked_host(entry: str, needs: tuple[NeededHost, ...] | None = None) -> NeededHost | None:
    """Return the first needed host that a block list entry would block, or None.

    An entry is a host or a URL pattern, as in a browser's block list. `needs` defaults to all needed hosts.
    """
    pattern = _PATTERN.fullmatch(entry.strip())
    scheme, rest = pattern.groups() if pattern else (None, entry)
    if scheme and scheme.lower() not in _WEB:
        return None
    authority, _, path = rest.partition("?")[0].partition("/")
    host = _PORT.sub("", authority.rpartition("@")[2]).lower().rstrip(".")
    path = f"/{path}".rstrip("*").rstrip("/")
    exact = host.startswith(".")
    host = host.removeprefix("*.").removeprefix(".")
    needs = needed_hosts() if needs is None else needs
    if not _may_block_needed(host, needs):
        return None
    for need in needs:
        needed_host, slash, below = need.host.partition("/")
        needed_path = slash + below
        if _blocks_pattern(host, needed_host, exact=exact) and (
            needed_path.startswith(path) or path.startswith(needed_path)
        ):
            return need
    return None


def _may_block_needed(host: str, needs: tuple[NeededHost, ...]) -> bool:
    """Return whether an entry for a host might block a needed host. This fast test rules out most entries."""
    hosts, wild = _index_hosts(needs)
    parents = accumulate(reversed(host.split(".")), lambda below, label: f"{label}.{below}")
    return host in {"", "*"} or f".{host}|" in hosts or not wild.isdisjoint(parents)


@lru_cache(maxsize=64)
def _index_hosts(needs: tuple[NeededHost, ...]) -> tuple[str, frozenset[str]]:
    """Return a string of all needed hosts, each after a dot, and the set of hosts needed with all subdomains."""
    hosts = [need.host.partition("/")[0] for need in needs]
    wild = frozenset(host.removeprefix("*.") for host in hosts if host.startswith("*."))
    return "".join(f".{host.removeprefix('*.')}|" for host in hosts), wild


def _blocks_pattern(host: str, pattern: str, *, exact: bool) -> bool:
    """Return whether a block list entry for a host also blocks a host that matches the pattern."""
    if host in {"", "*"}:
        return True
    blocked, base = f".{host}", f".{pattern.removeprefix('*.')}"
    if pattern.startswith("*."):
        return (blocked != base and blocked.endswith(base)) or (not exact and base.endswith(blocked))
    return blocked == base if exact else base.endswith(blocked)
