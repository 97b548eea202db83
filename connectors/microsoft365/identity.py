"""Who signs in to Microsoft 365: an application with a secret or a certificate, or whoever this machine is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from toolkit.errors import UsageError
from toolkit.tenant.connector import Identity
from toolkit.values import Body

_NAME = "MICROSOFT365"
_ANY = f"TOOLKIT_{_NAME}_"
_OWN = {identity: f"TOOLKIT_{identity.value.upper()}_{_NAME}_" for identity in Identity}
_NEEDED = {
    "secret": ("CLIENT_ID", "CLIENT_SECRET"),
    "certificate": ("CLIENT_ID", "CERTIFICATE"),
    "ambient": (),
}


@dataclass(frozen=True, slots=True)
class Secret:
    """An application that proves itself with a client secret."""

    client_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Certificate:
    """An application that proves itself with the key of a certificate, both in one PEM file."""

    client_id: str
    path: Path
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Ambient:
    """Whoever this machine is: a managed identity, a federated workload, a person signed in with az."""

    client_id: str = "of this machine"


Application = Secret | Certificate | Ambient


def missing(variables: Mapping[str, str], identity: Identity) -> Sequence[str]:
    """Name the variables that are missing to sign in; UsageError where the way to sign in is none we know."""
    prefix = _prefix(variables, identity)
    way = _way(variables, prefix)
    named = () if way else (f"{prefix}AUTH",)
    likely = way or ("certificate" if variables.get(f"{prefix}CERTIFICATE") else "secret")
    return [*named, *(prefix + part for part in _NEEDED[likely] if not variables.get(prefix + part))]


def mentioned(variables: Mapping[str, str]) -> Sequence[str]:
    """Name the variables of Microsoft 365 credentials that are set."""
    prefixes = (_ANY, *_OWN.values())
    return sorted(name for name, value in variables.items() if value and name.startswith(prefixes))


def named_application(variables: Mapping[str, str], identity: Identity) -> Application:
    """Find the application that the variables name for an identity; UsageError where they name none."""
    lacking = missing(variables, identity)
    if lacking:
        raise UsageError(
            f"Microsoft 365 cannot be signed in to: {', '.join(lacking)} not set "
            f"({_ANY}AUTH is one of {', '.join(_NEEDED)})"
        )
    prefix = _prefix(variables, identity)
    match _way(variables, prefix):
        case "secret":
            return Secret(variables[f"{prefix}CLIENT_ID"], variables[f"{prefix}CLIENT_SECRET"])
        case "certificate":
            path = Path(variables[f"{prefix}CERTIFICATE"]).expanduser()
            return Certificate(
                variables[f"{prefix}CLIENT_ID"], path, variables.get(f"{prefix}CERTIFICATE_PASSWORD") or None
            )
        case _:
            return Ambient()


def emulated_application(tenant: Body, identity: Identity) -> Application:
    """Find the emulator's application for an identity in what it says of a tenant."""
    applications = tenant["applications"]
    assert isinstance(applications, Mapping)
    application = applications["writer" if identity is Identity.WRITE else "reader"]
    assert isinstance(application, Mapping)
    return Secret(str(application["client_id"]), str(application["client_secret"]))


def _prefix(variables: Mapping[str, str], identity: Identity) -> str:
    """Choose whose variables count: those of one identity are a set, never mixed with another application's."""
    own = _OWN[identity]
    return own if any(value and name.startswith(own) for name, value in variables.items()) else _ANY


def _way(variables: Mapping[str, str], prefix: str) -> str | None:
    way = variables.get(f"{prefix}AUTH") or variables.get(f"{_ANY}AUTH")
    if way and way not in _NEEDED:
        raise UsageError(f"{prefix}AUTH is {way!r}; it must be one of {', '.join(_NEEDED)}")
    return way or None
