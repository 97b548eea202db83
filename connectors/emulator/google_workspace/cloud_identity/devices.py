"""Lists of devices and their users in the Cloud Identity API."""

from collections.abc import Mapping

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import (
    Handler,
    MethodCall,
    page_of,
    read_page,
    refuse_unsupported_parameters,
)
from connectors.emulator.google_workspace.devices import DEVICE_USERS, DEVICES, device_of
from connectors.emulator.google_workspace.values import customer_id, mapping, text
from connectors.emulator.store import Body, Json

_DEFAULT_DEVICES, _MOST_DEVICES = 20, 100
_DEFAULT_USERS, _MOST_USERS = 5, 20
_ANY = "devices/-"


def _check_caller(call: MethodCall) -> None:
    """Refuse a caller who is not an administrator. An application must act as an administrator by delegation."""
    caller, customer = mapping(call.caller), call.text("customer") or text(call.body.get("customer"))
    key = customer_id(call.tenant_id)
    # Here a customer goes by its id without the C too: GAM writes no other.
    own = ("", "customers/my_customer", f"customers/{key}", f"customers/{key.removeprefix('C')}")
    if not caller.get("isAdmin") or caller.get("suspended") or customer not in own:
        raise errors.forbidden("The caller does not have permission")


def _page_size(call: MethodCall, default: int, maximum: int) -> int:
    size = call.number("pageSize", default)
    if size < 0:
        raise errors.invalid_argument()
    return min(size, maximum)


def _list_devices(call: MethodCall) -> Body:
    """List the devices that people use, or the devices that the school has registered as its own."""
    _check_caller(call)
    refuse_unsupported_parameters(call, "filter", "orderBy")
    used = {device_of(user) for user in call.collection(DEVICE_USERS).all()}
    imported = call.text("view") == "COMPANY_INVENTORY"
    rows = [
        device if imported else {name: value for name, value in device.items() if name != "assetTag"}
        for device in call.collection(DEVICES).all()
        if (device.get("ownerType") == "COMPANY" if imported else text(device["name"]) in used)
    ]
    page = read_page(call.parameters, _page_size(call, _DEFAULT_DEVICES, _MOST_DEVICES))
    body: dict[str, Json] = {"devices": list(page_of(rows, page))} if rows else {}
    return {**body, **page.next_token(len(rows))}


def _list_users(call: MethodCall) -> Body:
    _check_caller(call)
    refuse_unsupported_parameters(call, "filter")
    if call.text("parent") != _ANY:
        raise errors.not_emulated("a list of users for one device")
    rows = call.collection(DEVICE_USERS).all()
    page = read_page(call.parameters, _page_size(call, _DEFAULT_USERS, _MOST_USERS))
    body: dict[str, Json] = {"deviceUsers": list(page_of(rows, page))} if rows else {}
    return {**body, **page.next_token(len(rows))}


HANDLERS: Mapping[str, Handler] = {
    "cloudidentity.devices.list": _list_devices,
    "cloudidentity.devices.deviceUsers.list": _list_users,
}
