"""The customer, its domains and its administrators' roles."""

from collections.abc import Mapping

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import (
    Collection,
    Handler,
    MethodCall,
    check_left_out,
    read_page,
)
from connectors.emulator.google_workspace.directory.serialise import check_customer, etag, paged, shown
from connectors.emulator.google_workspace.people import DOMAINS
from connectors.emulator.google_workspace.values import customer_id, mapping, sequence, text
from connectors.emulator.store import Body, Json

CUSTOMERS = "google.customers"  # by id
ROLES = "google.roles"  # by id
ASSIGNMENTS = "google.roleAssignments"  # by id
_LONGEST_ROLES = 100


def _known_customer(asked: MethodCall) -> Body:
    kept = asked.collection(CUSTOMERS).get(customer_id(asked.tenant_id))
    named = asked.text("customerKey").lower()
    names = ("my_customer", text(kept["id"]).lower(), text(kept["customerDomain"]).lower()) if kept else ()
    if kept is None or named not in names:
        raise errors.not_found("Customer doesn't exist")
    return kept


def _list_domains(asked: MethodCall) -> Body:
    check_customer(asked)
    rows: list[Json] = [shown("domain", one) for one in asked.collection(DOMAINS).all()]
    return {"kind": "admin#directory#domains", "etag": etag({"domains": rows}), "domains": rows}


def _list_aliases(asked: MethodCall) -> Body:
    check_customer(asked)
    domains = asked.collection(DOMAINS).all()
    rows: list[Json] = [
        shown("domainAlias", mapping(one)) for row in domains for one in sequence(row.get("domainAliases"))
    ]
    listed: dict[str, Json] = {"domainAliases": rows} if rows else {}
    return {"kind": "admin#directory#domainAliases", "etag": etag(listed), **listed}


def _list_roles(asked: MethodCall) -> Body:
    return _page_of_roles(asked, "role", asked.collection(ROLES))


def _list_assignments(asked: MethodCall) -> Body:
    check_left_out(asked, "userKey", "roleId", "includeIndirectRoleAssignments")
    return _page_of_roles(asked, "roleAssignment", asked.collection(ASSIGNMENTS))


def _page_of_roles(asked: MethodCall, kind: str, kept: Collection) -> Body:
    check_customer(asked)
    rows = [shown(kind, one) for one in kept.all()]
    return paged(f"{kind}s", "items", rows, read_page(asked.parameters, asked.number("maxResults", _LONGEST_ROLES)))


HANDLERS: Mapping[str, Handler] = {
    "directory.customers.get": lambda asked: shown("customer", _known_customer(asked)),
    "directory.domains.list": _list_domains,
    "directory.domainAliases.list": _list_aliases,
    "directory.roles.list": _list_roles,
    "directory.roleAssignments.list": _list_assignments,
}
