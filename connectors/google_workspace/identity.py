"""Who signs in to Google: a service account with a key, or one that this machine may sign for, as an administrator."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from toolkit.errors import UsageError
from toolkit.tenant.connector import Identity
from toolkit.values import Body

_NAME = "GOOGLE"
_ANY = f"TOOLKIT_{_NAME}_"
_OWN = {identity: f"TOOLKIT_{identity.value.upper()}_{_NAME}_" for identity in Identity}
_NEEDED = {
    "key": ("KEY_FILE", "ADMIN"),
    "ambient": ("SERVICE_ACCOUNT", "ADMIN"),
}


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A service account whose key is in a file, as the console gives it."""

    path: Path
    administrator: str


@dataclass(frozen=True, slots=True)
class Key:
    """A service account whose key is at hand; the emulator tells its own."""

    content: Body = field(repr=False)
    administrator: str


@dataclass(frozen=True, slots=True)
class Ambient:
    """A service account without a key, which whoever this machine is may sign for (IAM signBlob)."""

    service_account: str
    administrator: str


ServiceAccount = KeyFile | Key | Ambient


def missing(variables: Mapping[str, str], identity: Identity) -> Sequence[str]:
    """Name the variables that are missing to sign in; UsageError where the way to sign in is none we know."""
    prefix = _prefix(variables, identity)
    way = _way(variables, prefix)
    named = () if way else (f"{prefix}AUTH",)
    likely = way or ("ambient" if variables.get(f"{prefix}SERVICE_ACCOUNT") else "key")
    return [*named, *(prefix + part for part in _NEEDED[likely] if not variables.get(prefix + part))]


def mentioned(variables: Mapping[str, str]) -> Sequence[str]:
    """Name the variables of Google credentials that are set."""
    prefixes = (_ANY, *_OWN.values())
    return sorted(name for name, value in variables.items() if value and name.startswith(prefixes))


def named_account(variables: Mapping[str, str], identity: Identity) -> ServiceAccount:
    """Find the service account that the variables name for an identity; UsageError where they name none."""
    lacking = missing(variables, identity)
    if lacking:
        raise UsageError(
            f"Google Workspace cannot be signed in to: {', '.join(lacking)} not set "
            f"({_ANY}AUTH is one of {', '.join(_NEEDED)})"
        )
    prefix = _prefix(variables, identity)
    administrator = variables[f"{prefix}ADMIN"]
    if _way(variables, prefix) == "key":
        return KeyFile(Path(variables[f"{prefix}KEY_FILE"]).expanduser(), administrator)
    return Ambient(variables[f"{prefix}SERVICE_ACCOUNT"], administrator)


def emulated_account(tenant: Body, identity: Identity) -> ServiceAccount:
    """Find the emulator's service account for an identity in what it says of a tenant."""
    accounts = tenant["service_accounts"]
    assert isinstance(accounts, Mapping)
    key = accounts["writer" if identity is Identity.WRITE else "reader"]
    assert isinstance(key, Mapping)
    return Key(key, str(tenant["administrator"]))


def _prefix(variables: Mapping[str, str], identity: Identity) -> str:
    """Choose whose variables count: those of one identity are a set, never mixed with another account's."""
    own = _OWN[identity]
    return own if any(value and name.startswith(own) for name, value in variables.items()) else _ANY


def _way(variables: Mapping[str, str], prefix: str) -> str | None:
    way = variables.get(f"{prefix}AUTH") or variables.get(f"{_ANY}AUTH")
    if way and way not in _NEEDED:
        raise UsageError(f"{prefix}AUTH is {way!r}; it must be one of {', '.join(_NEEDED)}")
    return way or None
