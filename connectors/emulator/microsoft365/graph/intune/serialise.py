"""Showing stored objects as a version of Graph does: what it knows, with what was expanded."""

import re
from collections.abc import Mapping, Sequence

from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import ActionRequest
from connectors.emulator.microsoft365.graph.bodies import type_of
from connectors.emulator.microsoft365.graph.intune.family import Family
from connectors.emulator.microsoft365.graph.models import BETA, ODataKind, Value, model
from connectors.emulator.microsoft365.graph.query import Query
from connectors.emulator.wire import Body, Json

_EXPANDED = re.compile(r"\s*(\w+)(?:\(\s*\$?(\w+)=(.*)\))?\s*", re.IGNORECASE)
_INNER: Mapping[str, str] = {"scheduledActionsForRule": "scheduledActionConfigurations"}


def expansions(query: Query, family: Family) -> Mapping[str, str]:
    """Read what is to be expanded, each with what is to be expanded inside it."""
    found: dict[str, str] = {}
    for part in _parts(query.options.get("$expand", "")):
        asked = _EXPANDED.fullmatch(part)
        name, inner = (asked[1], (asked[3] or "").strip()) if asked else (part, "")
        if name not in family.navigation or (inner and inner != _INNER.get(name)):
            raise unknown(inner if name in family.navigation else name, family)
        found[name] = inner
    return found


def unknown(name: str, family: Family) -> errors.GraphError:
    """Refuse a name in $select or $expand that the family's type does not have."""
    return errors.bad_request(
        f"Parsing OData Select and Expand failed: Could not find a property named '{name}' on type "
        f"'{errors.inner_name(family.type_name)}'."
    )


def show(
    asking: ActionRequest, family: Family, body: Body, query: Query, expanded: Mapping[str, str]
) -> dict[str, Json]:
    """Show one object with the properties that were asked for."""
    known = narrowed(body, family.type_name, asking.version)
    hidden = family.navigation - set(expanded)
    chosen = set(query.selected) - {"*"}
    shown = {
        key: held
        for key, held in known.items()
        if key not in hidden and (not chosen or key in chosen or key in expanded or key == "id" or "@" in key)
    }
    for name, inner in expanded.items():
        shown[f"{name}@odata.context"] = str(asking.context(place(family, body, name))["@odata.context"])
        if name in _INNER and not inner:
            shown[name] = _without(shown.get(name), _INNER[name])
    return shown


def place(family: Family, body: Body, navigation: str) -> str:
    """Say where a navigation of one object is, as its context does; IntuneCD finds the object by it."""
    return f"{family.context}('{body['id']}')/{navigation}"


def narrowed(body: Body, declared: str, version: str) -> dict[str, Json]:
    """Leave out what a version does not know, inside and out; of a type it does not know, what its base has stays."""
    if model(declared, BETA) is None:
        return dict(body)
    known = model(type_of(body, declared, BETA), version) or model(declared, version) or {}
    return {
        key: _narrowed(held, known[key], version) if key in known else held
        for key, held in body.items()
        if key in known or "@" in key
    }


def _narrowed(held: Json, value: Value, version: str) -> Json:
    if value.kind is not ODataKind.OBJECT:
        return held
    if isinstance(held, Mapping):
        return narrowed(held, value.name, version)
    if isinstance(held, Sequence) and not isinstance(held, str):
        return [narrowed(one, value.name, version) for one in held if isinstance(one, Mapping)]
    return held


def _without(held: Json, name: str) -> Json:
    assert isinstance(held, list)
    return [{key: value for key, value in one.items() if key != name} for one in held]


def _parts(text: str) -> list[str]:
    """Split at the commas that stand outside brackets."""
    return [part for part in re.split(r",(?![^()]*\))", text) if part.strip()]
