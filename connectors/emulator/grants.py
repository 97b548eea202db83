"""Identities for other programs, each with exactly the permissions that `--grant` names.

A permission belongs to the cloud that has it, so one identity may exist at several clouds. A permission that can write
is refused, except at Google if no narrower permission reads the same data.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from connectors.emulator.discovery import Provider
from connectors.emulator.store import Store

_NAME = re.compile(r"[a-z][a-z0-9-]{1,29}")
_RESERVED = ("reader", "writer", "sign-in")  # toolkit's own identities


class GrantRefused(Exception):
    """Raised if an identity cannot be created: its name is taken, or a permission is unknown or can write."""


@dataclass(frozen=True, slots=True)
class Grant:
    """The permissions of an identity, by the name of their cloud."""

    client: str
    scopes: Mapping[str, Sequence[str]]


def read_grant(client: str, raw: str, providers: Sequence[Provider]) -> Grant:
    """Return the grant of permissions that are separated by commas or spaces.

    Raise GrantRefused if no permission is named, if one is unknown or can write, or if the name cannot be used.
    """
    if client in _RESERVED or not _NAME.fullmatch(client):
        raise GrantRefused(
            f"--grant {client}: this name cannot be used. "
            "Choose another name, with only lower-case letters, digits and hyphens"
        )
    names = raw.replace(",", " ").split()
    if not names:
        raise GrantRefused(f"--grant {client}: no permission is named. Separate permissions with commas")
    scopes: dict[str, list[str]] = {}
    for name in names:
        provider = _provider_of(client, name, providers)
        scopes.setdefault(provider.name, []).append(provider.cloud.full_scope(name))
    return Grant(client, scopes)


def _provider_of(client: str, name: str, providers: Sequence[Provider]) -> Provider:
    for provider in providers:
        if provider.cloud.full_scope(name):
            if instead := provider.cloud.narrower_scope(name):
                raise GrantRefused(f"--grant {client}: {name} can also write. {instead}")
            return provider
    scopes = [scope for provider in providers for scope in provider.cloud.known_scopes()]
    close = get_close_matches(name, scopes, n=1)
    raise GrantRefused(
        f"--grant {client}: {name} is not a permission that the emulator checks."
        + (f" Did you mean {close[0]}?" if close else " docs/emulator.md lists the operations that it emulates")
    )


def apply_grants(grants: Iterable[Grant], store: Store, providers: Sequence[Provider], tenant_id: str) -> None:
    """Create the granted identities in a tenant. An identity that exists keeps its credentials."""
    for grant in grants:
        for provider in providers:
            if scopes := grant.scopes.get(provider.name):
                provider.cloud.grant(store, tenant_id, grant.client, scopes)
