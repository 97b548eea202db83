"""The customer and its domains."""

from collections.abc import Mapping

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall
from connectors.emulator.google_workspace.directory.serialise import (
    check_customer,
    etag,
    shown,
)
from connectors.emulator.google_workspace.people import DOMAINS, own_domains
from connectors.emulator.google_workspace.values import customer_id, text
from connectors.emulator.wire import Body, Json

CUSTOMERS = "google.customers"  # by id


def check_domain(asked: MethodCall, name: str) -> None:
    if name.lower() not in own_domains(asked.store, asked.tenant_id):
        raise errors.not_found("Domain not found.")


def _known_customer(asked: MethodCall) -> Body:
    kept = asked.collection(CUSTOMERS).get(customer_id(asked.tenant_id))
    named = asked.text("customerKey").lower()
    names = ("my_customer", text(kept["id"]).lower(), text(kept["customerDomain"]).lower()) if kept else ()
    if kept is None or named not in names:
        raise errors.not_found("Customer doesn't exist")
    return kept


def _list(asked: MethodCall) -> Body:
    check_customer(asked)
    rows: list[Json] = [shown("domain", one) for one in asked.collection(DOMAINS).all()]
    return {"kind": "admin#directory#domains", "etag": etag({"domains": rows}), "domains": rows}


def _known(asked: MethodCall) -> Body:
    check_customer(asked)
    body = asked.collection(DOMAINS).get(asked.text("domainName").lower())
    if body is None:
        raise errors.not_found("Domain not found.")
    return body


def _insert(asked: MethodCall) -> Body:
    check_customer(asked)
    name, kept = text(asked.body["domainName"]).lower(), asked.collection(DOMAINS)
    if kept.get(name):
        raise errors.duplicate("Domain already exists.")
    created = str(int(asked.now.timestamp() * 1000))
    body: Body = {"domainName": name, "isPrimary": False, "verified": False, "creationTime": created}
    kept.put(name, body)
    return shown("domain", body)


def _delete(asked: MethodCall) -> None:
    body = _known(asked)
    if body.get("isPrimary"):
        raise errors.invalid("Cannot delete the primary domain.")
    asked.collection(DOMAINS).delete(text(body["domainName"]).lower())


def _list_aliases(asked: MethodCall) -> Body:
    check_customer(asked)
    return {"kind": "admin#directory#domainAliases", "etag": etag({})}


HANDLERS: Mapping[str, Handler] = {
    "directory.customers.get": lambda asked: shown("customer", _known_customer(asked)),
    "directory.domains.list": _list,
    "directory.domains.get": lambda asked: shown("domain", _known(asked)),
    "directory.domains.insert": _insert,
    "directory.domains.delete": _delete,
    "directory.domainAliases.list": _list_aliases,
}
