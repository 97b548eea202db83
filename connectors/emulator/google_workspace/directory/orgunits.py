"""Organisational units in the Directory API: list and get."""

from collections.abc import Mapping

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.administration import check_customer, etag
from connectors.emulator.google_workspace.api.request import Handler, MethodCall
from connectors.emulator.google_workspace.directory.serialise import to_resource
from connectors.emulator.google_workspace.people import ORG_UNITS
from connectors.emulator.google_workspace.values import text
from connectors.emulator.store import Body, Json

_ID = "id:"


def _find_unit_or_none(call: MethodCall, key: str) -> Body | None:
    """Return a unit by its path, with or without the first slash, or by `id:` and its id."""
    kept = call.collection(ORG_UNITS)
    if key.startswith(_ID):
        return kept.get(key.removeprefix(_ID))
    path = ("/" + key.strip("/")).lower()
    return next((unit for unit in kept.all() if text(unit["orgUnitPath"]).lower() == path), None)


def _find_named_unit(call: MethodCall) -> Body:
    check_customer(call, "customerId")
    unit = _find_unit_or_none(call, call.text("orgUnitPath").removeprefix("/"))
    if unit is None or call.text("orgUnitPath").strip("/") == "":
        raise errors.not_found("Org unit not found")
    return unit


def find_unit(call: MethodCall, key: str) -> Body:
    """Return a unit by its path, or by `id:` and its id. Raise ApiError if there is none."""
    unit = _find_unit_or_none(call, key.removeprefix("/"))
    if unit is None:
        raise errors.not_found("Org unit not found")
    return unit


def _list_units(call: MethodCall) -> Body:
    check_customer(call, "customerId")
    top = _find_unit_or_none(call, call.text("orgUnitPath") or "/")
    if top is None:
        raise errors.not_found("Org unit not found")
    kind, path = call.text("type").lower().replace("_", "") or "children", text(top["orgUnitPath"])
    every = call.collection(ORG_UNITS).all()
    if kind == "children":
        rows = [unit for unit in every if unit.get("parentOrgUnitPath") == path]
    else:
        below = path.rstrip("/") + "/"
        rows = [unit for unit in every if text(unit["orgUnitPath"]).startswith(below) and unit["orgUnitPath"] != path]
        rows = [top, *rows] if kind == "allincludingparent" else rows
    units: list[Json] = [to_resource("orgUnit", unit) for unit in rows]
    body: dict[str, Json] = {"organizationUnits": units} if units else {}
    return {"kind": "admin#directory#orgUnits", "etag": etag(body), **body}


HANDLERS: Mapping[str, Handler] = {
    "directory.orgunits.list": _list_units,
    "directory.orgunits.get": lambda call: to_resource("orgUnit", _find_named_unit(call)),
}
