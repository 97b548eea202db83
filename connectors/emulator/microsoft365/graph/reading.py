"""Responds to a Graph read with the requested properties, and shows when people last signed in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import (
    ActionRequest,
    GraphRoute,
    Match,
    PathTarget,
    find,
    split_path,
)
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


def read(call: Call, store: Store, principal: Principal, match: Match) -> Answer:
    """Return the response to a read. Raise GraphError if Graph would refuse it."""
    query = read_query(call)
    if match.route.type_name == "user":
        query = limit_sign_in_activity(query, store, principal, single=match.route.single)
    bodies = match.route.source(PathTarget(store, principal, match.key))
    if match.route.single:
        return _answer_single(call, query, bodies, match)
    if match.cast:
        bodies = [body for body in bodies if body.get("@odata.type") == f"#{match.cast}"]
    return _answer_list(call, query, bodies, match)


def _answer_single(call: Call, query: Query, bodies: Sequence[Body], match: Match) -> Answer:
    route = match.route
    for name in query.selected_names:
        check_property(name, route.type_name)
    body = find(bodies, route.keys, match.key)
    if body is None:
        raise errors.not_found(match.key)
    context = _context_address(call, route.context, query, single=True)
    return Answer(body={"@odata.context": context, **_select_properties(body, query, route.defaults)})


def _answer_list(call: Call, query: Query, bodies: Sequence[Body], match: Match) -> Answer:
    route = match.route
    # A list of members has several types, so a property is refused only if the list has one type.
    typed = route.type_name != "directory_object" or bool(match.cast)
    answer = page(call, query, bodies, type_name=_type_name(match), typed=typed)
    rows = answer["value"]
    assert isinstance(rows, Sequence)
    name = {"microsoft.graph.user": "users", "microsoft.graph.group": "groups"}.get(match.cast, route.context)
    answer["value"] = [_select_row(row, query, route) for row in rows if isinstance(row, dict)]
    return Answer(body={"@odata.context": _context_address(call, name, query, single=False), **answer})


def _select_row(row: Body, query: Query, route: GraphRoute) -> Body:
    defaults = USER_DEFAULTS if row.get("@odata.type") == "#microsoft.graph.user" else route.defaults
    return _select_properties(row, query, defaults)


def _type_name(match: Match) -> str:
    if match.cast:
        return match.cast.removeprefix("microsoft.graph.")
    # Members may be filtered by properties of users. The real service answers for the type with the property.
    return "user" if match.route.type_name == "directory_object" else match.route.type_name


def _select_properties(body: Body, query: Query, defaults: tuple[str, ...]) -> dict[str, Json]:
    names = query.selected_names or defaults
    if not names or names == ["*"]:
        return {name: value for name, value in body.items() if name != PROPERTY}
    # Graph omits this property for a person who never signed in, and shows null for any other property.
    names = [name for name in names if name != PROPERTY or name in body]
    kind = {"@odata.type": body["@odata.type"]} if "@odata.type" in body else {}
    return {
        **kind,
        **{name: body.get(name) for name in names if name in body or not kind or name in properties("user")},
    }


def _context_address(call: Call, name: str, query: Query, *, single: bool) -> str:
    version = split_path(call.path)[0]
    chosen = f"({','.join(query.selected_names)})" if query.selected_names else ""
    return f"{call.base}/{version}/$metadata#{name}{chosen}{'/$entity' if single else ''}"


def list_answer(
    request: ActionRequest, place: str, bodies: Sequence[Body], *, type_name: str = "", lenient: bool = True,
    options: frozenset[str] | None = None, largest: int = LARGEST_PAGE, hidden: frozenset[str] = frozenset(),
) -> Answer:  # fmt: skip
    """Return one page of a collection. If `lenient`, the rows have their id even if it is not selected."""
    query = read_query(request.call, options or KNOWN_OPTIONS)
    page_body = page(request.call, query, bodies, type_name=type_name, largest=largest)
    rows = page_body["value"]
    assert isinstance(rows, Sequence)
    page_body["value"] = [
        _select_columns(row, query, hidden, lenient=lenient, typed=bool(type_name))
        for row in rows
        if isinstance(row, Mapping)
    ]
    return Answer(body={**request.context(place), **page_body})


def single_answer(
    request: ActionRequest, place: str, body: Body, *, type_name: str = "", lenient: bool = True,
    hidden: frozenset[str] = frozenset(), status: int = 200,
) -> Answer:  # fmt: skip
    """Return the response with one object, which has the properties that the request selects."""
    query = read_query(request.call)
    for name in query.selected_names if type_name else ():
        check_property(name, type_name)
    shown = _select_columns(body, query, hidden, lenient=lenient, typed=bool(type_name))
    return Answer(status=status, body={**request.context(place, single=True), **shown})


def _select_columns(body: Body, query: Query, hidden: frozenset[str], *, lenient: bool, typed: bool) -> Body:
    names = [*(["id"] if lenient else []), *(name for name in query.selected_names if name != "*")]
    if len(names) > lenient:
        return {name: body.get(name) for name in names if name not in hidden and (typed or name in body)}
    return {name: value for name, value in body.items() if name not in hidden}


PROPERTY = "signInActivity"
PERMISSION = "AuditLog.Read.All"
_PLAN = "AADPremiumService"
_LARGEST_PAGE = 120


def limit_sign_in_activity(query: Query, store: Store, principal: Principal, *, single: bool) -> Query:
    """Limit the size of a page that includes sign-in activity. Raise GraphError if the caller may not read it."""
    if PROPERTY not in query.selected_names:
        return query
    if PERMISSION not in principal.roles:
        raise forbidden()
    require_premium_licence(store, principal.tenant_id)
    page_size = query.options.get("$top", "")
    if single or (page_size.isdigit() and int(page_size) <= _LARGEST_PAGE):
        return query
    return replace(query, options={**query.options, "$top": str(_LARGEST_PAGE)})


def forbidden() -> GraphError:
    """Refuse a caller who may not read the usage reports."""
    return GraphError(
        403,
        "Authentication_MSGraphPermissionMissing",
        f"The principal does not have required Microsoft Graph permission(s): {PERMISSION} to call this API. For "
        "more information about Microsoft Graph permissions, please visit "
        "https://learn.microsoft.com/graph/permissions-overview.",
    )


def require_premium_licence(store: Store, tenant_id: str) -> None:
    """Raise GraphError if the school has no licence for these reports."""
    if not any(_has_premium_plan(organization) for organization in store.all(tenant_id, "organization")):
        raise GraphError(
            403,
            "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
            "Neither tenant is B2C or tenant doesn't have premium license",
        )


def _has_premium_plan(organization: Body) -> bool:
    plans = organization.get("assignedPlans")
    return any(
        plan.get("service") == _PLAN and plan.get("capabilityStatus") == "Enabled"
        for plan in (plans if isinstance(plans, Sequence) else ())
        if isinstance(plan, Mapping)
    )
