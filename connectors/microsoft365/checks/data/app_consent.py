"""Compares other suppliers' apps in the tenant with the register in the school file. toolkit never removes an app.

Follows https://learn.microsoft.com/graph/api/serviceprincipal-list
"""

from collections.abc import Iterable

from connectors.microsoft365.permissions import graph
from connectors.microsoft365.via import Microsoft365
from toolkit.controls.third_parties import KNOWN, compare_with_register
from toolkit.errors import BadAnswer
from toolkit.sdk import CheckOccasion, Finding, check_subject, text

_MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"  # the tenant that owns Microsoft's own apps

needs = (graph("Application.Read.All"),)


def check(settings: object, context: CheckOccasion, via: Microsoft365) -> Iterable[Finding]:  # noqa: ARG001 - Check's
    """Compare the apps in the tenant with the register.

    Leave out Microsoft's apps and the apps of the school's own tenant.
    """
    yield check_subject(KNOWN, lambda: _compare_apps(context, via))


def _compare_apps(context: CheckOccasion, via: Microsoft365) -> Finding:
    own_tenants = {_MICROSOFT, via.tenant().id}
    rows = via.graph.pages("/servicePrincipals", select="id,appId,displayName,appOwnerOrganizationId")
    if any(not row.get("appId") for row in rows):
        raise BadAnswer("GET /servicePrincipals: the response has an app without an id")
    third_party_rows = [row for row in rows if text(row.get("appOwnerOrganizationId")) not in own_tenants]
    apps = [
        (text(row.get("appId")), text(row.get("displayName")) or text(row.get("appId"))) for row in third_party_rows
    ]
    return compare_with_register(context.school.known_apps, apps)
