"""The customer, its domains and its administrators' roles."""

from collections.abc import Mapping

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.administration import check_customer, etag
from connectors.emulator.google_workspace.api.request import (
    Collection,
    Handler,
    MethodCall,
    read_page,
    refuse_unsupported_parameters,
)
from connectors.emulator.google_workspace.directory.serialise import page_response, to_resource
from connectors.emulator.google_workspace.people import DOMAINS
from connectors.emulator.google_workspace.values import customer_id, mapping, sequence, text
from connectors.emulator.store import Body, Json

CUSTOMERS = "google.customers"  # by id
ROLES = "google.roles"  # by id
ASSIGNMENTS = "google.roleAssignments"  # by id
_LONGEST_ROLES = 100


def _get_customer(call: MethodCall) -> Body:
    kept = call.collection(CUSTOMERS).get(customer_id(call.tenant_id))
    named = call.text("customerKey").lower()
    names = ("my_customer", text(kept["id"]).lower(), text(kept["customerDomain"]).lower()) if kept else ()
    if kept is None or named not in names:
        raise errors.not_found("Customer doesn't exist")
    return kept


def _list_domains(call: MethodCall) -> Body:
    check_customer(call)
    rows: list[Json] = [to_resource("domain", domain) for domain in call.collection(DOMAINS).all()]
    return {"kind": "admin#directory#domains", "etag": etag({"domains": rows}), "domains": rows}


def _list_aliases(call: MethodCall) -> Body:
    check_customer(call)
    domains = call.collection(DOMAINS).all()
    rows: list[Json] = [
        to_resource("domainAlias", mapping(alias)) for row in domains for alias in sequence(row.get("domainAliases"))
    ]
    listed: dict[str, Json] = {"domainAliases": rows} if rows else {}
    return {"kind": "admin#directory#domainAliases", "etag": etag(listed), **listed}


def _list_roles(call: MethodCall) -> Body:
    return _page_of_roles(call, "role", call.collection(ROLES))


def _list_assignments(call: MethodCall) -> Body:
    refuse_unsupported_parameters(call, "userKey", "roleId", "includeIndirectRoleAssignments")
    return _page_of_roles(call, "roleAssignment", call.collection(ASSIGNMENTS))


def _page_of_roles(call: MethodCall, kind: str, kept: Collection) -> Body:
    check_customer(call)
    rows = [to_resource(kind, body) for body in kept.all()]
    return page_response(
        f"{kind}s", "items", rows, read_page(call.parameters, call.number("maxResults", _LONGEST_ROLES))
    )


HANDLERS: Mapping[str, Handler] = {
    "directory.customers.get": lambda call: to_resource("customer", _get_customer(call)),
    "directory.domains.list": _list_domains,
    "directory.domainAliases.list": _list_aliases,
    "directory.roles.list": _list_roles,
    "directory.roleAssignments.list": _list_assignments,
}
