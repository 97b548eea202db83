"""Organisational units."""

from collections.abc import Mapping

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall
from connectors.emulator.google_workspace.directory.serialise import check_customer, etag, shown
from connectors.emulator.google_workspace.people import ORG_UNITS
from connectors.emulator.google_workspace.values import text
from connectors.emulator.store import Body, Json

_ID = "id:"


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


HANDLERS: Mapping[str, Handler] = {
    "directory.orgunits.list": _list,
    "directory.orgunits.get": lambda asked: shown("orgUnit", _known(asked)),
}
