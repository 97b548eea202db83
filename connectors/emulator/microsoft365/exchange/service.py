"""A service that runs cmdlets: its addresses, routes, permissions and responses."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from connectors.emulator import clock
from connectors.emulator.microsoft365.exchange import answers
from connectors.emulator.microsoft365.exchange.answers import Malformed, bind_parameters, read_invocation
from connectors.emulator.microsoft365.exchange.cmdlet import (
    LIMITS,
    Arrange,
    Cmdlet,
    Outcome,
    Put,
    Remove,
    Request,
)
from connectors.emulator.microsoft365.exchange.parameters import CmdletError, Denied, NotEmulated
from connectors.emulator.service import Answer, Batch, Call, Operation, Perform, Principal
from connectors.emulator.store import Body, Store
from connectors.emulator.tenants import find_tenant

APP_ROLE = "Exchange.ManageAsApp"


@dataclass(frozen=True, slots=True)
class Workload:
    """A service that runs cmdlets: Exchange Online, or Security & Compliance."""

    name: str
    hosts: Sequence[str]
    roots: Sequence[str]
    audiences: Sequence[str]
    cmdlets: Mapping[str, Cmdlet]  # by name in lower case
    other_names: Mapping[str, str]  # the vendor's cmdlets that are not emulated, by name in lower case
    administrators: frozenset[str]

    def grants_access(self, principal: Principal | None) -> bool:
        """Return whether a token gives access to the service."""
        return principal is not None and APP_ROLE in principal.roles

    def find_allowed_cmdlet(self, principal: Principal | None, name: str) -> Cmdlet:
        """Return a cmdlet, if one of the caller's directory roles allows it.

        Raise Denied both for an unknown and for a forbidden cmdlet. Raise NotEmulated for the vendor's other cmdlets.
        """
        cmdlet = self.cmdlets.get(name.lower())
        if cmdlet is None and name.lower() in self.other_names:
            raise NotEmulated(self.other_names[name.lower()])
        if cmdlet is None or principal is None:
            raise Denied
        if not principal.directory_roles & (self.administrators | cmdlet.readers):
            raise Denied
        return cmdlet

    def operation(self, name: str) -> Operation:
        """Return the operation of a cmdlet, in the vendor's spelling."""
        cmdlet = self.cmdlets.get(name.lower())
        if cmdlet:
            return cmdlet.operation
        return Operation(
            self.other_names.get(name.lower(), name), write=not name.lower().startswith(("get-", "test-", "search-"))
        )


HOSTS: Sequence[str] = (
    "outlook.office365.com",
    "outlook.office365.us",
    "outlook-dod.office365.us",
    "outlook.office365.cn",
)
AUDIENCES: Sequence[str] = (*(f"https://{host}" for host in HOSTS), "00000002-0000-0ff1-ce00-000000000000")
ROOT = "/adminapi"


@dataclass(frozen=True, slots=True)
class ExchangeRoute:
    """The address of a call to Exchange: its version, its tenant, and the cmdlet or batch."""

    version: str
    tenant: str
    action: str  # in lower case

    @property
    def is_served(self) -> bool:
        """Return whether the emulator serves the action in the path.

        InvokeCommand of v1.0 is served, but always refused.
        """
        return (self.version == "beta" and self.action in {"invokecommand", "$batch"}) or self.is_outdated

    @property
    def is_outdated(self) -> bool:
        return self.version == "v1.0" and self.action == "invokecommand"

    def root(self, base: str) -> str:
        """Return the address with which @odata.context and next links begin."""
        return f"{base}{ROOT}/{self.version}/{self.tenant}"


def read_route(call: Call) -> ExchangeRoute | None:
    """Return the address that a call's path contains. None if the path does not belong to this service."""
    match [part for part in call.path.split("/") if part]:
        case [root, version, tenant, action] if f"/{root.lower()}" == ROOT:
            return ExchangeRoute(version.lower(), tenant.lower(), action.lower())
    return None


class CmdletService:
    """A service that runs cmdlets which are sent as REST calls."""

    def __init__(self, workload: Workload) -> None:
        self._workload = workload
        self.name = workload.name
        self.hosts, self.roots, self.audiences = workload.hosts, workload.roots, workload.audiences

    def grants_access(self, principal: Principal) -> bool:
        """Return whether a token gives any access to the service."""
        return self._workload.grants_access(principal)

    @property
    def emulated_operations(self) -> Sequence[Operation]:
        return [cmdlet.operation for cmdlet in self._workload.cmdlets.values()]

    def operations(self, call: Call) -> Sequence[Operation]:
        """Return the cmdlets in a call, in the service's spelling."""
        route = read_route(call)
        if route is None or not route.is_served:
            return ()
        try:
            calls = [part.call for part in answers.read_batch(call)] if route.action == "$batch" else [call]
            return [self._workload.operation(read_invocation(single).name) for single in calls]
        except Malformed:
            return (Operation("InvokeCommand", write=False),)

    def batch(self, call: Call) -> Batch | None:
        """Return a function that responds to a batch. None if the call is not a batch."""
        route = read_route(call)
        if route is None or route.version != "beta" or route.action != "$batch":
            return None
        return lambda perform: self._perform_batch(call, perform)

    def _perform_batch(self, call: Call, perform: Perform) -> Answer:
        if call.method != "POST":
            return answers.front_end_error(
                405, "MethodNotAllowed", "The requested resource does not support this method."
            )
        if call.principal is None:
            return answers.no_token(call)
        return _with_error_answers(lambda: answers.perform_batch(call, perform))

    def answer(self, call: Call, store: Store) -> Answer:
        route = read_route(call)
        if route is None or not route.is_served:
            return answers.front_end_error(501, "NotImplemented", f"{call.method} {call.path} is not emulated")
        if route.is_outdated or call.method != "POST":
            return answers.front_end_error(
                405, "MethodNotAllowed", "The requested resource does not support this method."
            )
        tenant = _tenant_in_path(route, call, store) if self._workload.grants_access(call.principal) else None
        if tenant is None:
            return answers.no_token(call)
        return _with_error_answers(lambda: self._invoke(call, route, tenant, store))

    def _invoke(self, call: Call, route: ExchangeRoute, tenant: str, store: Store) -> Answer:
        invocation = read_invocation(call)
        cmdlet = self._workload.find_allowed_cmdlet(call.principal, invocation.name)
        hidden = (store.get(tenant, LIMITS, "hidden") or {}).get(cmdlet.name)
        parameters = bind_parameters(cmdlet, invocation.parameters, hidden if isinstance(hidden, list) else ())
        root = route.root(call.base)
        if parameters.get("Confirm"):
            message = f"Are you sure you want to perform this action? Running {cmdlet.name}."
            return answers.rows_answer(root, (), (), {"@adminapi.confirmationmessage": message})
        caller = call.principal.application_id if call.principal else ""
        outcome = cmdlet.run(Request(tenant, caller, parameters, store, clock.now(store, tenant)))
        if parameters.get("WhatIf"):
            return answers.rows_answer(root, ())
        _store_outcome(outcome, tenant, store)
        initial_domain = str((find_tenant(store, tenant) or {}).get("initial_domain"))
        in_header = store.get(tenant, LIMITS, "warnings") is not None
        return _answer_with_page(call, root, outcome, initial_domain, in_header=in_header)


def _tenant_in_path(route: ExchangeRoute, call: Call, store: Store) -> str | None:
    """Return the tenant in the path, by id or accepted domain, if it is the caller's own."""
    principal = call.principal
    if principal is None:
        return None
    domains = store.all(principal.tenant_id, "exchange.acceptedDomains")
    names = {principal.tenant_id, *(str(domain["DomainName"]).lower() for domain in domains)}
    return principal.tenant_id if route.tenant in names else None


def _with_error_answers(respond: Callable[[], Answer]) -> Answer:
    try:
        return respond()
    except Malformed as error:
        return answers.front_end_error(400, "BadRequest", str(error))
    except answers.LostPlace:
        return answers.front_end_error(400, "BadRequest", answers.EXPIRED)
    except CmdletError as error:
        return answers.error_answer(error)
    except NotEmulated as error:
        return answers.front_end_error(501, "NotImplemented", f"{error} is not emulated")
    except Denied:
        return answers.access_denied()


def _store_outcome(outcome: Outcome, tenant: str, store: Store) -> None:
    for write in outcome.writes:
        match write:
            case Put(collection, key, body):
                store.put(tenant, collection, key, body)
            case Remove(collection, key):
                store.delete(tenant, collection, key)
            case Arrange(collection, bodies):
                store.replace(tenant, collection, bodies)
            case _:
                assert_never(write)


def _answer_with_page(call: Call, root: str, outcome: Outcome, initial_domain: str, *, in_header: bool) -> Answer:
    page = answers.page_of_rows(call, outcome.rows, initial_domain)
    selected = next((value for name, value in call.query if name.lower() == "$select"), "")
    names = {name.strip().lower() for name in selected.split(",") if name.strip()}
    rows: list[Body] = [
        {name: value for name, value in row.items() if not names or name.lower() in names} for row in page.rows
    ]
    marks: Body = {"@odata.nextLink": answers.next_link(root, page.token)} if page.token else {}
    return answers.rows_answer(root, rows, outcome.warnings, marks, in_header=in_header)
