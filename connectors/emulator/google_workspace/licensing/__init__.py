"""The Enterprise License Manager API: the licences of people. Assigning licences is not emulated.

A test may read and change these collections at the control plane:

- `google.licences`, by product / SKU / person id: {"productId": ..., "skuId": ..., "user": the person's id}.

Products and SKUs follow https://developers.google.com/workspace/admin/licensing/v1/how-tos/products
"""

from collections.abc import Iterable, Mapping

from connectors.emulator.google_workspace import people
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.administration import etag, require_administrator
from connectors.emulator.google_workspace.api.request import Handler, MethodCall, page_of, read_page
from connectors.emulator.google_workspace.api.service import google_api
from connectors.emulator.google_workspace.seeded import list_seats
from connectors.emulator.google_workspace.values import customer_id, text
from connectors.emulator.school import School
from connectors.emulator.service import Seed
from connectors.emulator.store import Body, Json

LICENCES = "google.licences"
_EDUCATION = "101031"
_STAFF, _PUPILS = "1010310009", "1010310008"
_NAMES: Mapping[str, str] = {
    _EDUCATION: "Google Workspace for Education",
    _STAFF: "Google Workspace for Education Plus (Staff)",
    _PUPILS: "Google Workspace for Education Plus",
}
_LARGEST_PAGE = 1000


def seed(school: School) -> Seed:
    """Return the licences of a new tenant: Education Plus for everyone who has a mailbox and an enabled account."""
    return {
        LICENCES: {
            f"{_EDUCATION}/{sku}/{seat.id}": {"productId": _EDUCATION, "skuId": sku, "user": seat.id}
            for seat in list_seats(school)
            if seat.mailbox and seat.enabled
            for sku in [_PUPILS if seat.unit.startswith("/Pupils") else _STAFF]
        }
    }


def _show_licence(call: MethodCall, licence: Body) -> Body | None:
    """Return a licence as Google shows it. None if the person's account was deleted."""
    person = call.collection(people.USERS).get(text(licence["user"]))
    if person is None:
        return None
    product, sku, address = text(licence["productId"]), text(licence["skuId"]), text(person["primaryEmail"])
    body: dict[str, Json] = {
        "kind": "licensing#licenseAssignment",
        "userId": address,
        "productId": product,
        "productName": _NAMES.get(product, product),
        "skuId": sku,
        "skuName": _NAMES.get(sku, sku),
        "selfLink": f"https://licensing.googleapis.com/apps/licensing/v1/product/{product}/sku/{sku}/user/{address}",
    }
    return {**body, "etags": etag(body)}


def _list_for_product(call: MethodCall) -> Body:
    return _list_licences(call, call.collection(LICENCES).with_prefix(call.text("productId")).values())


def _list_for_sku(call: MethodCall) -> Body:
    return _list_licences(
        call, call.collection(LICENCES).with_prefix(f"{call.text('productId')}/{call.text('skuId')}").values()
    )


def _list_licences(call: MethodCall, licences: Iterable[Body]) -> Body:
    if call.text("customerId") not in (customer_id(call.tenant_id), _primary_domain(call)):
        raise errors.forbidden("Not authorized to access the customer")
    rows = [row for licence in licences if (row := _show_licence(call, licence))]
    page = read_page(call.parameters, min(call.number("maxResults", 100), _LARGEST_PAGE))
    shown: list[Json] = list(page_of(rows, page))
    body: dict[str, Json] = {"items": shown, **page.next_token(len(rows))}
    return {"kind": "licensing#licenseAssignmentList", "etag": etag(body), **body}


def _primary_domain(call: MethodCall) -> str:
    primary = (domain for domain in call.collection(people.DOMAINS).all() if domain.get("isPrimary"))
    return text(next(primary, {}).get("domainName"))


def _get_licence(call: MethodCall) -> Body:
    person = people.find_user(call.store, call.tenant_id, call.text("userId"))
    place = f"{call.text('productId')}/{call.text('skuId')}"
    licence = call.collection(LICENCES).get(f"{place}/{person['id']}") if person else None
    shown = _show_licence(call, licence) if licence else None
    if shown is None:
        raise errors.not_found("User does not have a license for specified sku and product")
    return shown


HANDLERS: Mapping[str, Handler] = {
    "licensing.licenseAssignments.listForProduct": require_administrator(_list_for_product),
    "licensing.licenseAssignments.listForProductAndSku": require_administrator(_list_for_sku),
    "licensing.licenseAssignments.get": require_administrator(_get_licence),
}
SERVICE = google_api("google licensing", HANDLERS)
