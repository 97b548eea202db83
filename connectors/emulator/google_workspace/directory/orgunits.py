"""Organisational units."""

from collections.abc import Mapping

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall
from connectors.emulator.google_workspace.directory.serialise import (
    check_customer,
    check_etag,
    etag,
    shown,
)
from connectors.emulator.google_workspace.people import ORG_UNITS, USERS
from connectors.emulator.google_workspace.values import new_org_unit_id, text
from connectors.emulator.wire import Body, Json

_ID = "id:"


def known_path(asked: MethodCall, path: str) -> str:
    """Take a path for the unit that has it; a path has no case."""
    unit = _find(asked, path)
    if unit is None:
        raise errors.invalid("Invalid Input: INVALID_OU_ID")
    return text(unit["orgUnitPath"])


def _find(asked: MethodCall, key: str) -> Body | None:
    """Find a unit by path, with or without a slash before it, or by `id:`."""
    kept = asked.collection(ORG_UNITS)
    if key.startswith(_ID):
        return kept.get(key.removeprefix(_ID))
    wanted = ("/" + key.strip("/")).lower()
    return next((one for one in kept.all() if text(one["orgUnitPath"]).lower() == wanted), None)


def _known(asked: MethodCall) -> Body:
    check_customer(asked, "customerId")
    unit = _find(asked, asked.text("orgUnitPath").removeprefix("/"))
    if unit is None or asked.text("orgUnitPath").strip("/") == "":
        raise errors.not_found("Org unit not found")
    return unit


def _list(asked: MethodCall) -> Body:
    check_customer(asked, "customerId")
    top = _find(asked, asked.text("orgUnitPath") or "/")
    if top is None:
        raise errors.not_found("Org unit not found")
    kind, path = asked.text("type").lower().replace("_", "") or "children", text(top["orgUnitPath"])
    every = asked.collection(ORG_UNITS).all()
    if kind == "children":
        rows = [one for one in every if one.get("parentOrgUnitPath") == path]
    else:
        below = path.rstrip("/") + "/"
        rows = [one for one in every if text(one["orgUnitPath"]).startswith(below) and one["orgUnitPath"] != path]
        rows = [top, *rows] if kind == "allincludingparent" else rows
    units: list[Json] = [shown("orgUnit", one) for one in rows]
    found: dict[str, Json] = {"organizationUnits": units} if units else {}
    return {"kind": "admin#directory#orgUnits", "etag": etag(found), **found}


def _insert(asked: MethodCall) -> Body:
    check_customer(asked, "customerId")
    parent = _parent(asked)
    key = new_org_unit_id()
    unit = _placed(asked, {"orgUnitId": _ID + key, "description": text(asked.body.get("description"))}, parent)
    asked.collection(ORG_UNITS).put(key, unit)
    return shown("orgUnit", unit)


def _parent(asked: MethodCall) -> Body:
    key = text(asked.body.get("parentOrgUnitId")) or text(asked.body.get("parentOrgUnitPath"))
    parent = _find(asked, key) if key else None
    if parent is None:
        raise errors.invalid("Invalid Parent Orgunit Id")
    return parent


def _placed(asked: MethodCall, unit: dict[str, Json], parent: Body) -> dict[str, Json]:
    """Put a unit below another under the name that the body gives it."""
    name = text(asked.body.get("name")) or text(unit.get("name"))
    if not name or "/" in name:
        raise errors.invalid("Invalid Ou Name")
    path = text(parent["orgUnitPath"]).rstrip("/") + "/" + name
    taken = _find(asked, path)
    if taken and taken["orgUnitId"] != unit["orgUnitId"]:
        raise errors.invalid("Invalid Ou Id")
    return {
        **unit,
        "name": name,
        "orgUnitPath": path,
        "parentOrgUnitPath": parent["orgUnitPath"],
        "parentOrgUnitId": parent["orgUnitId"],
    }


def _change(asked: MethodCall) -> Body:
    before = _known(asked)
    check_etag(asked, before)
    moves = "parentOrgUnitId" in asked.body or "parentOrgUnitPath" in asked.body
    parent = _parent(asked) if moves else _find(asked, text(before.get("parentOrgUnitPath")))
    if parent is None or "parentOrgUnitPath" not in before:
        raise errors.invalid("Invalid Ou Id")
    if "description" in asked.body:
        before = {**before, "description": text(asked.body["description"])}
    unit = _placed(asked, dict(before), parent)
    _move(asked, text(before["orgUnitPath"]), text(unit["orgUnitPath"]))
    asked.collection(ORG_UNITS).put(text(unit["orgUnitId"]).removeprefix(_ID), unit)
    return shown("orgUnit", unit)


def _move(asked: MethodCall, old: str, new: str) -> None:
    """Give everything below a unit its new path: units and people alike."""
    if old == new:
        return
    units, users = asked.collection(ORG_UNITS), asked.collection(USERS)
    for one in units.all():
        names = ("orgUnitPath", "parentOrgUnitPath")
        changed = {**one, **{name: _moved(text(one[name]), old, new) for name in names if name in one}}
        units.put(text(one["orgUnitId"]).removeprefix(_ID), changed)
    for person in users.all():
        path = _moved(text(person["orgUnitPath"]), old, new)
        if path != person["orgUnitPath"]:
            users.put(str(person["id"]), {**person, "orgUnitPath": path})


def _moved(path: str, old: str, new: str) -> str:
    return new + path.removeprefix(old) if (path + "/").startswith(old + "/") else path


def _delete(asked: MethodCall) -> None:
    unit = _known(asked)
    check_etag(asked, unit)
    path = text(unit["orgUnitPath"])
    units = [one for one in asked.collection(ORG_UNITS).all() if one.get("parentOrgUnitPath") == path]
    if path == "/" or units or any(one["orgUnitPath"] == path for one in asked.collection(USERS).all()):
        raise errors.condition_not_met("Cannot delete an organizational unit that is not empty")
    asked.collection(ORG_UNITS).delete(text(unit["orgUnitId"]).removeprefix(_ID))


HANDLERS: Mapping[str, Handler] = {
    "directory.orgunits.list": _list,
    "directory.orgunits.get": lambda asked: shown("orgUnit", _known(asked)),
    "directory.orgunits.insert": _insert,
    "directory.orgunits.patch": _change,
    "directory.orgunits.update": _change,
    "directory.orgunits.delete": _delete,
}
