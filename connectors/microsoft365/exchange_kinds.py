"""Kinds of objects that Exchange always has: Set-NOUN changes them, and nothing creates or deletes one."""

from typing import Any, Final

from connectors.microsoft365.audit_log import in_exchange
from connectors.microsoft365.builtin_objects import NESTING, FilterPolicies, rank
from connectors.microsoft365.permissions import EXCHANGE, administrator, global_reader, security_reader
from connectors.microsoft365.via import Microsoft365
from toolkit.sdk.kind import Kind
from toolkit.sdk.mail_semantics import MailSemantics
from toolkit.sdk.permission import Permission, Permissions
from toolkit.sdk.targets import Scale

READ_BY_ALL_READERS = global_reader("View-Only Configuration")
READ_BY_SECURITY_READERS = security_reader("View-Only Configuration")
HYGIENE: Final = "Transport Hygiene"
_PAGES: Final = "https://learn.microsoft.com/powershell/module/exchangepowershell"


def exchange_kind(
    noun: str, role: str, read: tuple[Permission, ...] = READ_BY_ALL_READERS, **declared: Any
) -> Kind[Microsoft365]:
    """Return a kind of the whole tenant, whose objects holders of a role of Exchange change by Set-NOUN."""
    common: dict[str, Any] = {
        "reference": f"{_PAGES}/set-{noun.lower()}",
        "permissions": Permissions(read=read, write=administrator(EXCHANGE, role)),
        "reach": Scale.TENANT,
        "settles": 10.0,
        "fixed": True,
        "logged": in_exchange(noun),
    }
    return Kind(**{**common, **declared})


def filter_kind(
    endpoint: FilterPolicies,
    read: tuple[Permission, ...] = READ_BY_SECURITY_READERS,
    **declared: Any,
) -> Kind[Microsoft365]:
    """Return a kind of policies of a mail filter."""
    mail: MailSemantics[Microsoft365] = MailSemantics(rank=rank)
    return exchange_kind(endpoint.noun, HYGIENE, read, endpoint=endpoint, nesting=NESTING, mail=mail, **declared)
