"""The licences of the school, and what they include."""

from collections.abc import Iterable, Iterator
from typing import cast

from connectors.emulator.school import School, Use
from connectors.emulator.wire import Body

CREATED = "2021-09-01T08:00:00Z"
# Product names and plan ids: learn.microsoft.com/entra/identity/users/licensing-service-plan-reference
LICENCES = {
    Use.STAFF: ("M365EDU_A3_FACULTY", "4b590615-0888-425a-a965-b3bf7789848d"),
    Use.PUPIL: ("M365EDU_A3_STUUSEBNFT", "18250162-5d87-4436-a834-d795c15c80f3"),
}
_PLANS = (
    ("exchange", "EXCHANGE_S_ENTERPRISE", "efb87545-963c-4e0d-99df-69c6916d9eb0"),
    ("SCO", "INTUNE_EDU", "da24caf9-af8e-485c-b7c8-e73336da2693"),
    ("AADPremiumService", "AAD_PREMIUM", "41781fb2-bc02-4b7c-bd55-b576c07bb09d"),
)


def assigned_plans() -> list[Body]:
    """Show the plans of everybody who has a licence; both licences include the same."""
    return [
        {"assignedDateTime": CREATED, "capabilityStatus": "Enabled", "service": service, "servicePlanId": key}
        for service, _, key in _PLANS
    ]


def includes(organizations: Iterable[Body], service: str) -> bool:
    """Tell whether a school has bought a service; taking its plan from the organization takes it away."""
    plans = [plan for one in organizations for plan in cast("list[Body]", one.get("assignedPlans") or [])]
    return any(plan.get("service") == service and plan.get("capabilityStatus") == "Enabled" for plan in plans)


def skus(school: School) -> Iterator[Body]:
    """Show what the school has bought and how much of it is used."""
    for use, (name, key) in LICENCES.items():
        used = sum(person.use is use for person in school.people)
        yield {
            "id": f"{school.tenant_id}_{key}",
            "skuId": key,
            "skuPartNumber": name,
            "appliesTo": "User",
            "capabilityStatus": "Enabled",
            "consumedUnits": used,
            "prepaidUnits": {"enabled": used + 20, "suspended": 0, "warning": 0, "lockedOut": 0},
            "servicePlans": [
                {"servicePlanId": plan, "servicePlanName": label, "provisioningStatus": "Success", "appliesTo": "User"}
                for _, label, plan in _PLANS
            ],
        }
