"""Answering a Graph read with the properties asked for, and when people last signed in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import ActionRequest, GraphRoute, Match, PathTarget, find, segments
from connectors.emulator.microsoft365.graph.directory import USER_DEFAULTS
from connectors.emulator.microsoft365.graph.errors import GraphError
from connectors.emulator.microsoft365.graph.models import properties
from connectors.emulator.microsoft365.graph.query import (
    KNOWN_OPTIONS,
    LARGEST_PAGE,
    Query,
    check_property,
    page,
    read_query,
)
from connectors.emulator.service import Answer, Call, Principal
from connectors.emulator.store import Body, Json, Store


def read(call: Call, store: Store, principal: Principal, found: Match) -> Answer:
    """Answer a read that the caller may do; raises GraphError where Graph would refuse it."""
    query = read_query(call)
    if found.route.type_name == "user":
        query = allowed(query, store, principal, single=found.route.single)
    bodies = found.route.source(PathTarget(store, principal, found.key))
    if found.route.single:
        return _single(call, query, bodies, found)
    if found.cast:
        bodies = [body for body in bodies if body.get("@odata.type") == f"#{found.cast}"]
    return _list(call, query, bodies, found)


def _single(call: Call, query: Query, bodies: Sequence[Body], found: Match) -> Answer:
    route = found.route
    for name in query.selected:
        check_property(name, route.type_name)
    body = find(bodies, route.keys, found.key)
    if body is None:
        raise errors.not_found(found.key)
    context = _context(call, route.context, query, single=True)
    return Answer(body={"@odata.context": context, **_chosen(body, query, route.defaults)})


def _list(call: Call, query: Query, bodies: Sequence[Body], found: Match) -> Answer:
    route = found.route
    # A list of members holds several types, so a property is refused only where the list has one type.
    typed = route.type_name != "directory_object" or bool(found.cast)
    answer = page(call, query, bodies, type_name=_type_of(found), typed=typed)
    rows = answer["value"]
    assert isinstance(rows, Sequence)
    name = {"microsoft.graph.user": "users", "microsoft.graph.group": "groups"}.get(found.cast, route.context)
    answer["value"] = [_row(row, query, route) for row in rows if isinstance(row, dict)]
    return Answer(body={"@odata.context": _context(call, name, query, single=False), **answer})


def _row(row: Body, query: Query, route: GraphRoute) -> Body:
    defaults = USER_DEFAULTS if row.get("@odata.type") == "#microsoft.graph.user" else route.defaults
    return _chosen(row, query, defaults)


def _type_of(found: Match) -> str:
    if found.cast:
        return found.cast.removeprefix("microsoft.graph.")
    # Members may be filtered by what users have; the real service answers for the type that has the property.
    return "user" if found.route.type_name == "directory_object" else found.route.type_name


def _chosen(body: Body, query: Query, defaults: tuple[str, ...]) -> dict[str, Json]:
    names = query.selected or defaults
    if not names or names == ["*"]:
        return {name: value for name, value in body.items() if name != PROPERTY}
    # Of somebody who never signed in there is nothing at all, where Graph shows null for any other property.
    names = [name for name in names if name != PROPERTY or name in body]
    kind = {"@odata.type": body["@odata.type"]} if "@odata.type" in body else {}
    return {
        **kind,
        **{name: body.get(name) for name in names if name in body or not kind or name in properties("user")},
    }


def _context(call: Call, name: str, query: Query, *, single: bool) -> str:
    version = segments(call.path)[0]
    chosen = f"({','.join(query.selected)})" if query.selected else ""
    return f"{call.base}/{version}/$metadata#{name}{chosen}{'/$entity' if single else ''}"


def listed(
    asking: ActionRequest, place: str, bodies: Sequence[Body], *, type_name: str = "", lenient: bool = True,
    options: frozenset[str] | None = None, largest: int = LARGEST_PAGE, hidden: frozenset[str] = frozenset(),
) -> Answer:  # fmt: skip
    """Show a page of a collection; a lenient workload shows the id whatever is selected."""
    query = read_query(asking.call, options or KNOWN_OPTIONS)
    found = page(asking.call, query, bodies, type_name=type_name, largest=largest)
    rows = found["value"]
    assert isinstance(rows, Sequence)
    found["value"] = [
        _selected(row, query, hidden, lenient=lenient, typed=bool(type_name))
        for row in rows
        if isinstance(row, Mapping)
    ]
    return Answer(body={**asking.context(place), **found})


def single(
    asking: ActionRequest, place: str, body: Body, *, type_name: str = "", lenient: bool = True,
    hidden: frozenset[str] = frozenset(), status: int = 200,
) -> Answer:  # fmt: skip
    """Show one object of a collection, or the one there is."""
    query = read_query(asking.call)
    for name in query.selected if type_name else ():
        check_property(name, type_name)
    shown = _selected(body, query, hidden, lenient=lenient, typed=bool(type_name))
    return Answer(status=status, body={**asking.context(place, single=True), **shown})


def _selected(body: Body, query: Query, hidden: frozenset[str], *, lenient: bool, typed: bool) -> Body:
    names = [*(["id"] if lenient else []), *(name for name in query.selected if name != "*")]
    if len(names) > lenient:
        return {name: body.get(name) for name in names if name not in hidden and (typed or name in body)}
    return {name: value for name, value in body.items() if name not in hidden}


PROPERTY = "signInActivity"
PERMISSION = "AuditLog.Read.All"
_PLAN = "AADPremiumService"
_LARGEST_PAGE = 120


def allowed(query: Query, store: Store, principal: Principal, *, single: bool) -> Query:
    """Cut a page that asks for it to what Graph gives then; raises GraphError for a caller that may not."""
    if PROPERTY not in query.selected:
        return query
    if PERMISSION not in principal.roles:
        raise forbidden()
    refuse_unlicensed(store, principal.tenant_id)
    asked = query.options.get("$top", "")
    if single or (asked.isdigit() and int(asked) <= _LARGEST_PAGE):
        return query
    return replace(query, options={**query.options, "$top": str(_LARGEST_PAGE)})


def forbidden() -> GraphError:
    """Refuse a caller that may not see these reports."""
    return GraphError(
        403,
        "Authentication_MSGraphPermissionMissing",
        f"The principal does not have required Microsoft Graph permission(s): {PERMISSION} to call this API. For "
        "more information about Microsoft Graph permissions, please visit "
        "https://learn.microsoft.com/graph/permissions-overview.",
    )


def refuse_unlicensed(store: Store, tenant_id: str) -> None:
    """Raise GraphError as these reports do where the school has no licence for them."""
    if not any(_premium(one) for one in store.all(tenant_id, "organization")):
        raise GraphError(
            403,
            "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
            "Neither tenant is B2C or tenant doesn't have premium license",
        )


def _premium(organization: Body) -> bool:
    plans = organization.get("assignedPlans")
    return any(
        plan.get("service") == _PLAN and plan.get("capabilityStatus") == "Enabled"
        for plan in (plans if isinstance(plans, Sequence) else ())
        if isinstance(plan, Mapping)
    )
