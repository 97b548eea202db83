"""Reading, making, changing and removing the policies of a family."""

from collections.abc import Callable, Mapping
from uuid import uuid4

from connectors.emulator import clock
from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.bodies import checked, complete, type_of
from connectors.emulator.microsoft365.graph.intune.family import Family
from connectors.emulator.microsoft365.graph.intune.refusals import bad, forbidden
from connectors.emulator.microsoft365.graph.intune.serialise import expansions, show, unknown
from connectors.emulator.microsoft365.graph.models import BETA, model
from connectors.emulator.microsoft365.graph.query import cut, read_query
from connectors.emulator.service import Answer
from connectors.emulator.wire import Body, Json

_OPTIONS = frozenset({"$expand", "$select", "$top", "$skiptoken", "$count", "$format", "$orderby"})
_LARGEST_PAGE = 1000
_READ_NOTES = "$select, $expand, $top; no $filter"

# What a new object holds beyond its own properties: its navigations, made from the body.
Making = Callable[[ActionRequest, Body], Mapping[str, Json]]


def reading(family: Family) -> tuple[Action, Action]:
    """Make the actions that read a family."""
    return (
        _action(family, "GET", "", lambda asking: listed(asking, family, family.listed(asking)), _READ_NOTES),
        _action(family, "GET", "/{id}", lambda asking: _one(asking, family), "$select, $expand"),
    )


def writing(family: Family, make: Making) -> tuple[Action, Action, Action]:
    """Make the actions that write the objects of a family."""
    return (
        _action(family, "POST", "", lambda asking: _create(asking, family, make)),
        _action(family, "PATCH", "/{id}", lambda asking: _change(asking, family)),
        _action(family, "DELETE", "/{id}", lambda asking: _delete(asking, family)),
    )


def listed(asking: ActionRequest, family: Family, bodies: list[Body], options: frozenset[str] = _OPTIONS) -> Answer:
    """Show one page of objects."""
    query = read_query(asking.call, options)
    expanded = expansions(query, family)
    known = model(family.type_name, asking.version) or {}
    if odd := [name for name in query.selected if name not in known and name != "*"]:
        raise unknown(odd[0], family)
    page = cut(asking.call, query, bodies, largest=_LARGEST_PAGE)
    rows = page["value"]
    assert isinstance(rows, list)
    page["value"] = [show(asking, family, body, query, expanded) for body in rows]
    return Answer(body={**asking.context(family.context), **page})


def now(asking: ActionRequest) -> str:
    return clock.text(clock.now(asking.store, asking.tenant_id))


def _action(
    family: Family, method: str, path: str, perform: Callable[[ActionRequest], Answer], notes: str = ""
) -> Action:  # fmt: skip
    permissions = family.reads if method == "GET" else family.writes
    return Action(method, family.path + path, permissions, perform, family.versions, notes, forbidden)


def _one(asking: ActionRequest, family: Family) -> Answer:
    query = read_query(asking.call, _OPTIONS)
    shown = show(asking, family, family.find(asking), query, expansions(query, family))
    return Answer(body={**asking.context(family.context, single=True), **shown})


def _create(asking: ActionRequest, family: Family, make: Making) -> Answer:
    given = asking.body()
    kept, key, instant = checked(given, family.type_name, asking.version), str(uuid4()), now(asking)
    name = type_of(given, family.type_name, asking.version)
    known = model(name, BETA) or {}
    made: dict[str, Json] = {
        **complete(kept, known, without=family.navigation),
        "id": key,
        "createdDateTime": instant,
        "lastModifiedDateTime": instant,
        "roleScopeTagIds": kept.get("roleScopeTagIds") or ["0"],
        **{fixed: value for fixed, value in (("version", 1), ("supportsScopeTags", True)) if fixed in known},
        "assignments": [],
        **make(asking, given),
    }
    family.keep(asking, made)
    shown = show(asking, family, made, read_query(asking.call, _OPTIONS), {})
    return Answer(status=201, body={**asking.context(family.context, single=True), **shown})


def _change(asking: ActionRequest, family: Family) -> Answer:
    held, given = family.find(asking), asking.body()
    name = family.type_of(held)
    if odd := sorted(family.navigation & set(given)):
        raise errors.bad_request(
            f"Cannot apply PATCH to navigation property '{odd[0]}' on entity type '{errors.inner_name(name)}'."
        )
    if type_of(given, family.type_name, asking.version) != name:
        raise bad("The type of a policy cannot be changed")
    fixed = {"id", "createdDateTime", "lastModifiedDateTime", "version", "supportsScopeTags", "isAssigned"}
    kept = {key: value for key, value in checked(given, family.type_name, asking.version).items() if key not in fixed}
    known = {key: value for key, value in (model(name, BETA) or {}).items() if key in kept}
    changed: dict[str, Json] = {**held, **complete(kept, known), "lastModifiedDateTime": now(asking)}
    if isinstance(version := held.get("version"), int):
        changed["version"] = version + 1
    family.keep(asking, changed)
    return Answer(status=204)


def _delete(asking: ActionRequest, family: Family) -> Answer:
    asking.store.delete(asking.tenant_id, family.collection, str(family.find(asking)["id"]))
    return Answer(status=204)
