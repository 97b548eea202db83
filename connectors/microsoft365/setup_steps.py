"""How an administrator gives an app what it needs, in Entra, in Exchange Online and in Security & Compliance."""

from collections.abc import Iterator, Sequence

from connectors.microsoft365.legal_holds.cases import PERMISSION, READ_PERMISSION, REGISTRATION
from connectors.microsoft365.permissions import COMPLIANCE, EXCHANGE
from toolkit.sdk.connector import Identity
from toolkit.sdk.permission import Permission, SetupStep, Sort

_CONNECT = {EXCHANGE: "Connect-ExchangeOnline", COMPLIANCE: "Connect-IPPSSession"}
_SHELLS = {EXCHANGE: "Exchange Online PowerShell", COMPLIANCE: "Security & Compliance PowerShell"}
_REGISTERED = "New-ServicePrincipal -AppId <client id> -ObjectId <object id of the enterprise application>"

_SCOPE = (
    'New-ManagementScope -Name "toolkit mailboxes" -RecipientRestrictionFilter '
    "\"MemberOfGroup -eq '<distinguished name of the group>'\""
)


def steps(needed: Sequence[Permission], identity: Identity) -> Iterator[SetupStep]:
    """Say what to do, in the order in which it is done."""
    yield SetupStep(
        f"In Entra > App registrations, make an app of its own for the {identity} identity, with a certificate."
    )
    yield from _consent([one for one in needed if one.sort is Sort.APPLICATION])
    if roles := [one for one in needed if one.sort is Sort.ROLE]:
        yield from _roles(roles, identity)
    if any(one.name in (PERMISSION, READ_PERMISSION) for one in needed):
        yield SetupStep(REGISTRATION)
    if scoped := [one for one in needed if one.narrowed]:
        yield _narrowed(scoped)


def _consent(needed: Sequence[Permission]) -> Iterator[SetupStep]:
    for service in dict.fromkeys(one.of for one in needed):
        names = tuple(one.name for one in needed if one.of == service)
        yield SetupStep(f"Under API permissions > Add a permission > {service} > Application permissions, add:", names)
    if needed:
        yield SetupStep(
            "There, choose Grant admin consent; then remove whatever else stands in the list (User.Read too)."
        )


def _roles(roles: Sequence[Permission], identity: Identity) -> Iterator[SetupStep]:
    parts = list(dict.fromkeys(part for one in roles for part in one.instead))
    group = f"toolkit {identity}"
    for service in dict.fromkeys(part.service for part in parts):
        listed = ",".join(f'"{part.role}"' for part in parts if part.service == service)
        yield SetupStep(
            f"Make a role group of its own in {_SHELLS[service]}:",
            (
                _CONNECT[service],
                _REGISTERED,
                f'New-RoleGroup -Name "{group}" -Roles {listed}',
                f'Add-RoleGroupMember "{group}" -Member <object id of the enterprise application>',
            ),
        )
    names = " and ".join(one.name for one in roles if not one.in_groups_alone)
    still = " and ".join(one.name for one in roles if one.in_groups_alone)
    if names:
        yield SetupStep(
            f"Or, which gives more than is needed: in Entra > Roles and administrators, assign {names} to the app."
            + (f" {still} takes the role group all the same." if still else "")
        )


def _narrowed(scoped: Sequence[Permission]) -> SetupStep:
    names = " and ".join(one.name for one in scoped)
    return SetupStep(
        f"{names}, consented to in Entra, would reach every mailbox. To keep it to some, do not consent there; give "
        f"it in {_SHELLS[EXCHANGE]} to a scope that names them (RBAC for Applications):",
        (
            _CONNECT[EXCHANGE],
            _REGISTERED,
            _SCOPE,
            *(
                f'New-ManagementRoleAssignment -App <client id> -Role "{one.narrowed}" '
                '-CustomResourceScope "toolkit mailboxes"'
                for one in scoped
            ),
        ),
    )
