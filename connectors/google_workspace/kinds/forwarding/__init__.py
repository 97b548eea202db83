"""Forwarding: what somebody lets leave the school by itself; what stays inside it is left alone."""

from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from connectors.google_workspace.kinds.forwarding.endpoint import Forwardings
from connectors.google_workspace.permissions import needs
from toolkit.sdk.form import ADDRESSES, FLAG
from toolkit.sdk.kind import Kind, Lifecycle
from toolkit.sdk.permission import Permissions
from toolkit.sdk.spec import Setting, Spec, Wire
from toolkit.sdk.targets import one_person
from toolkit.values import Json


def _off(written: Json) -> Json:
    if written is not False:
        raise ValueError("must be false: forwarding can be stopped, never begun")
    return written


def _unset(written: Json) -> None:
    if written is not None:
        raise ValueError("must be null: what leads outside can be stopped, never begun")


_Stopped: TypeAlias = Annotated[None, BeforeValidator(_unset), Setting(ADDRESSES)]


class PersonForwarding(Spec):
    """Where somebody's mail goes outside the tenant's domains by itself."""

    auto_forwards_outside: Annotated[Literal[False], BeforeValidator(_off), Setting(FLAG, wire="autoForwarding")] = (
        Field(default=False, description="Says whether all mail is forwarded to an address outside; false stops it.")
    )
    filters_outside: Annotated[_Stopped, Wire("filters")] = Field(
        default=None,
        description="Lists the addresses outside that filters forward to; null stops them, and a filter that does "
        "more than forward goes on doing the rest.",
    )
    addresses_outside: Annotated[_Stopped, Wire("forwardingAddresses")] = Field(
        default=None,
        description="Lists the addresses outside that mail may be forwarded to; null takes them away, and with them "
        "whatever forwards there.",
    )


KIND = Kind(
    name="forwarding",
    title="person's forwarding",
    plural="mailboxes",
    spec=PersonForwarding,
    endpoint=Forwardings(),
    reference="https://developers.google.com/workspace/gmail/api/guides/forwarding_settings",
    permissions=Permissions(
        needs("directory.users.list", "directory.domains.list", "gmail.users.settings.getAutoForwarding"),
        needs("gmail.users.settings.updateAutoForwarding"),
    ),
    whole=False,
    fixed=True,
    per_person=True,
    reaches=one_person,
    sample="""\
- google_workspace.forwarding: amara.ashdown@example-primary.example
  auto_forwards_outside: false
""",
    lifecycle=Lifecycle(restores=lambda *_: {}),  # what forwarded is gone, and nothing shows what else it did
)
