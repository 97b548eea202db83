"""Lists, adds and deletes trusted domains. A domain cannot be added twice.

A test may read and change these collections at the control plane:

- `google.allowlistedDomains`, by id: domains as Google shows them.
"""

import re
from collections.abc import Mapping
from uuid import uuid4

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall, page_of, read_page
from connectors.emulator.google_workspace.people import ALLOWLIST
from connectors.emulator.google_workspace.values import mapping, text
from connectors.emulator.school import School
from connectors.emulator.service import Seed
from connectors.emulator.store import Body, Json

_PREFIX, _MOST = "allowlistedDomains/", 5000
_DOMAIN = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}", re.IGNORECASE)


def seed(school: School) -> Seed:
    """Return the one trusted domain of a new tenant: the domain of the school's trust."""
    key = school.identifier("allowlisted domain", "trust.example").replace("-", "")[:16]
    return {ALLOWLIST: {key: {"name": _PREFIX + key, "domain": "trust.example"}}}


def _check_caller(call: MethodCall) -> None:
    caller = mapping(call.caller)
    if not caller.get("isAdmin") or caller.get("suspended"):
        raise errors.forbidden("The caller does not have permission")


def _list_domains(call: MethodCall) -> Body:
    _check_caller(call)
    rows = call.collection(ALLOWLIST).all()
    page = read_page(call.parameters, min(call.number("pageSize", _MOST) or _MOST, _MOST))
    shown: list[Json] = [*page_of(rows, page)]
    return {**({"allowlistedDomains": shown} if shown else {}), **page.next_token(len(rows))}


def _create_domain(call: MethodCall) -> Body:
    _check_caller(call)
    domain = text(call.body.get("domain")).lower()
    if not _DOMAIN.fullmatch(domain):
        raise errors.invalid_argument()
    if any(row["domain"] == domain for row in call.collection(ALLOWLIST).all()):
        raise errors.ApiError(409, "alreadyExists", "Requested entity already exists")
    key = uuid4().hex[:16]
    made: Body = {"name": _PREFIX + key, "domain": domain}
    call.collection(ALLOWLIST).put(key, made)
    return {"done": True, "response": {**made}}


def _delete_domain(call: MethodCall) -> Body:
    _check_caller(call)
    key = call.text("name").removeprefix(_PREFIX)
    if call.collection(ALLOWLIST).get(key) is None:
        raise errors.not_found()
    call.collection(ALLOWLIST).delete(key)
    return {"done": True, "response": {}}


HANDLERS: Mapping[str, Handler] = {
    "cloudidentity.allowlistedDomains.list": _list_domains,
    "cloudidentity.allowlistedDomains.create": _create_domain,
    "cloudidentity.allowlistedDomains.delete": _delete_domain,
}
