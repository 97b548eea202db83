"""The expiry of passwords in a domain. Passwords that another directory or cloud manages are not affected."""

import re
from collections.abc import Iterable, Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from connectors.microsoft365.audit_log import DIRECTORY
from connectors.microsoft365.permissions import graph
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import BadAnswer
from toolkit.sdk import (
    EVERY,
    NUMBER,
    Effect,
    EffectArea,
    Everything,
    FixedObjects,
    Form,
    Harmless,
    Kind,
    NamedOnly,
    NameRules,
    ObjectEffects,
    Permissions,
    Properties,
    ReadScope,
    Remote,
    Scale,
    Setting,
    Spec,
    Unreadable,
    declare,
    declare_effects,
    flag,
    lowers,
    segment,
    text,
)
from toolkit.values import Body, Json, Value

NEVER, _NEVER_ON_THE_WIRE = "never", 2147483647
_PATH = "/domains"
_VALID, _NOTIFIED = "passwordValidityPeriodInDays", "passwordNotificationWindowInDays"
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]+")


def _read_days(value: Json) -> Value:
    if value in {NEVER, _NEVER_ON_THE_WIRE}:
        return NEVER
    return NUMBER.read(value)


def _write_days(value: Value) -> Json:
    return _NEVER_ON_THE_WIRE if value == NEVER else NUMBER.write(value)


class PasswordExpiry(Spec):
    """The settings for when passwords in a domain expire, and for when people are notified of that."""

    effects = declare_effects(
        {"valid_for_days": Effect("older passwords expire", lowers)},
        {Harmless.NOTICE: ("notified_before_days",)},
    )

    together: ClassVar[tuple[frozenset[str], ...]] = (frozenset({"valid_for_days", "notified_before_days"}),)
    properties: ClassVar[Properties] = Properties(
        ignored={
            "id": "The name of the domain.",
            "isAdminManaged": "Whether an administrator manages the domain.",
            **dict.fromkeys(
                ("isDefault", "isInitial"), "Whether it is the default or initial domain. It does not affect passwords."
            ),
            **dict.fromkeys(
                ("isRoot", "isVerified"), "toolkit does not compare a subdomain, or a domain that is not verified."
            ),
            "supportedServices": "The services that use the domain. They do not affect passwords.",
            **dict.fromkeys(("state", "availabilityStatus"), "A pending change of the domain."),
        },
        defaults={"authenticationType": "Managed"},
        narrowing=frozenset({"authenticationType"}),
    )

    valid_for_days: Annotated[
        Literal["never"] | Annotated[int, Field(ge=14, le=730)],
        Setting(Form("days, or never", _read_days, _write_days), wire=_VALID),
    ] = declare(
        "Number of days after which a password expires, 14 to 730, or never, which current guidance "
        "recommends with a second factor.",
        NEVER,
        default="never",
    )
    notified_before_days: Annotated[int, Field(ge=1, le=30), Setting(NUMBER, wire=_NOTIFIED)] = declare(
        "Number of days before the expiry at which people are notified.", 14, default=14
    )


class Domains(FixedObjects):
    """The verified domains of the tenant. The setting is unknown for a domain whose passwords are managed elsewhere."""

    none_created = "{name!r} is not a domain of this tenant, and toolkit does not add domains"
    none_deleted = "toolkit does not delete the domain {name!r}"

    def read(self, via: Microsoft365, selection: ReadScope) -> Iterable[Remote | Unreadable]:
        """Read the selected domains.

        If none are selected by name, read all domains whose passwords the tenant manages.
        """
        rows = via.graph.pages(_PATH)
        match selection:
            case NamedOnly(names) if EVERY not in names:
                return [_to_remote(row) for row in rows if _read_domain_name(row).lower() in names]
            case NamedOnly(names):
                return list(_select_managed_domains(rows, names))
            case Everything():
                return list(_select_managed_domains(rows, frozenset()))

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> None:  # noqa: ARG002 - likewise
        via.graph.send("PATCH", f"{_PATH}/{segment(remote.id)}", body)


def _read_names(via: Microsoft365) -> Iterable[str]:
    return [seen.name for seen in Domains().read(via, Everything())]


def _select_managed_domains(rows: Iterable[Body], names: frozenset[str]) -> Iterator[Remote | Unreadable]:
    return (
        _to_remote(row)
        for row in rows
        if not _explain_unmanaged_passwords(row) or _read_domain_name(row).lower() in names
    )


def _to_remote(row: Body) -> Remote | Unreadable:
    identifier = _read_domain_name(row)
    if reason := _explain_unmanaged_passwords(row):
        return Unreadable(identifier, identifier.lower(), reason)
    return Remote(identifier, identifier.lower(), row)


def _read_domain_name(row: Body) -> str:
    if name := text(row.get("id")):
        return name
    raise BadAnswer(f"GET {_PATH}: the response has a domain without a name")


def _explain_unmanaged_passwords(row: Body) -> str:
    """Return why the tenant does not manage the passwords of a domain, or "" if it manages them."""
    if row.get("authenticationType") == "Federated":
        return "people of this domain sign in at another service (federated), which sets the expiry of their passwords"
    if not flag(row.get("isRoot"), missing=True):
        return "it is a subdomain of another domain, which sets the expiry of its passwords. Name that domain"
    if not flag(row.get("isVerified"), missing=True):
        return "it is not verified yet, so no one has a password in it"
    return ""


def _check_name(name: str) -> str | None:
    if name == EVERY or _DOMAIN.fullmatch(name):
        return None
    return f"{name!r} is not a domain. Write one in lower case, such as school.example"


KIND = Kind(
    name="password_expiry",
    title="password expiry of a domain",
    plural="domains",
    spec=PasswordExpiry,
    endpoint=Domains(),
    reference="https://learn.microsoft.com/graph/api/domain-update",
    reach=Scale.TENANT,
    permissions=Permissions(read=(graph("Domain.Read.All"),), write=(graph("Domain.ReadWrite.All"),)),
    settles=10.0,
    whole=False,
    fixed=True,
    logged=DIRECTORY,
    sample="""\
- microsoft365.password_expiry: example-primary.example
  valid_for_days: never
  notified_before_days: 14
""",
    names=NameRules(check=_check_name),
    names_there=_read_names,
    stops=ObjectEffects(area=EffectArea.ACCOUNTS),
)
