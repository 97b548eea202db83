"""The steps by which an administrator creates an app and grants its permissions, in the order that works.

Follows https://learn.microsoft.com/powershell/exchange/app-only-auth-powershell-v2,
https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent,
https://learn.microsoft.com/exchange/permissions-exo/application-rbac and
https://learn.microsoft.com/graph/security-ediscovery-appauthsetup
"""

from collections.abc import Iterator, Mapping, Sequence

from connectors.microsoft365.permissions import COMPLIANCE, EXCHANGE, GRAPH
from toolkit.sdk import Identity, PastePlace, Permission, RoleEntry, SetupStep, Sort, env_file_step

_SHELLS: Mapping[str, tuple[str, str]] = {
    EXCHANGE: ("Exchange Online PowerShell", "Connect-ExchangeOnline"),
    COMPLIANCE: ("Security & Compliance PowerShell", "Connect-IPPSSession"),
}

_OF_GROUP = "-RecipientRestrictionFilter \"MemberOfGroup -eq '$group'\""


def steps(needed: Sequence[Permission], identity: Identity) -> Iterator[SetupStep]:
    """Yield each setup step. An administrator types the PowerShell steps into one window, in this order."""
    app = f"toolkit {identity}"
    yield from _app_steps(app, identity)
    applications = [permission for permission in needed if permission.sort is Sort.APPLICATION]
    yield from _permission_steps(applications)
    roles = [permission for permission in needed if permission.sort is Sort.ROLE]
    names = " and ".join(permission.name for permission in roles if not permission.is_only_in_role_groups)
    yield from _powershell_steps(app, needed, has_choice=bool(names))
    if names:
        remaining = " and ".join(permission.name for permission in roles if permission.is_only_in_role_groups)
        yield SetupStep(
            f"For B, which gives more than the app needs and replaces the role groups of A, assign {names} to the "
            "app in Entra ID > Roles & admins."
            + (f" {remaining} needs the role group in any case." if remaining else "")
        )
    if applications:
        yield SetupStep(
            "In the app's API permissions, remove every entry that these steps do not name, including User.Read. "
            "Then choose Grant admin consent. A Global Administrator or a Privileged Role Administrator must do "
            "this: no other role can consent to application permissions of Microsoft Graph."
        )
    yield SetupStep(
        "Wait. Consent and role groups take up to an hour. Exchange may use an app's earlier permissions for up to 2 "
        "hours. Then type this, and repeat it until nothing is missing:",
        (f"toolkit doctor --{identity}",),
        PastePlace.SHELL,
    )


def _app_steps(app: str, identity: Identity) -> Iterator[SetupStep]:
    prefix, file = f"TOOLKIT_{identity.upper()}_MICROSOFT365_", f"secrets/{identity}"
    files = f"-keyout {file}.key -out {file}.crt"
    yield env_file_step()
    yield SetupStep(
        f"In entra.microsoft.com > Entra ID > App registrations > New registration, register an app with the name "
        f"{app}: accounts in this organizational directory only, no redirect URI."
    )
    yield SetupStep(
        "Make a certificate with its key in the school's folder. openssl is on Linux and macOS. On Windows, type this "
        "in the Ubuntu window (WSL2), because Git Bash turns /CN= into a path:",
        (
            "mkdir -p secrets && chmod 700 secrets",
            f'openssl req -x509 -newkey rsa:3072 -sha256 -days 365 -nodes -subj "/CN={app}" {files}',
            f"cat {file}.key {file}.crt > {file}.pem && chmod 600 {file}.pem && rm {file}.key",
        ),
        PastePlace.SHELL,
    )
    yield SetupStep(
        f"In the app's Certificates & secrets > Certificates > Upload certificate, upload {file}.crt. Never upload "
        f"{file}.pem, because it holds the key."
    )
    yield SetupStep(
        "Write these lines into .env, with the Application (client) ID from the app's Overview:",
        (
            "TOOLKIT_TARGET=live",
            f"{prefix}AUTH=certificate",
            f"{prefix}CLIENT_ID=<Application (client) ID>",
            f"{prefix}CERTIFICATE={file}.pem",
        ),
        PastePlace.ENV,
    )


def _permission_steps(needed: Sequence[Permission]) -> Iterator[SetupStep]:
    scoped = [permission for permission in needed if permission.narrow_role]
    for service in dict.fromkeys(permission.of for permission in needed):
        names = tuple(
            permission.name for permission in needed if permission.of == service and not permission.narrow_role
        )
        place = service if service == GRAPH else f"APIs my organization uses > {service}"
        if names:
            yield SetupStep(
                f"Under API permissions > Add a permission > {place} > Application permissions, add:",
                names,
                PastePlace.CONSOLE,
            )
    if scoped:
        names = tuple(permission.name for permission in scoped)
        yield SetupStep(
            f"Decide how many mailboxes {' and '.join(names)} reaches: every mailbox, or one group of mailboxes. For "
            f"every mailbox, add it in the same place under {GRAPH}. For one group, do not add it, because a step "
            "below gives it.",
            names,
            PastePlace.CONSOLE,
        )


def _powershell_steps(app: str, needed: Sequence[Permission], *, has_choice: bool) -> Iterator[SetupStep]:
    """Yield the PowerShell steps for each service.

    Exchange and Security & Compliance each have their own list of apps.
    """
    parts = list(
        dict.fromkeys(part for permission in needed if permission.sort is Sort.ROLE for part in permission.instead)
    )
    scoped = [permission for permission in needed if permission.narrow_role]
    groups = list(dict.fromkeys(permission.membership for permission in needed if permission.membership))
    services = [
        *([EXCHANGE] if scoped or any(part.service == EXCHANGE for part in parts) else []),
        *([COMPLIANCE] if groups or any(part.service == COMPLIANCE for part in parts) else []),
    ]
    if not services:
        return
    yield SetupStep(
        "Open PowerShell 7.6 or newer (pwsh), and keep the window for the next steps. Type only this line. If it "
        "asks about an untrusted repository, answer A:",
        ("Install-Module ExchangeOnlineManagement -Scope CurrentUser",),
        PastePlace.POWERSHELL,
    )
    yield SetupStep(
        "Type the ids of the app. They are in Entra ID > Enterprise apps > All applications > the app > Overview. The "
        "Object ID under App registrations is a different id:",
        ('$app = "<Application ID>"', '$object = "<Object ID>"'),
        PastePlace.POWERSHELL,
    )
    for service in services:
        shell, connect = _SHELLS[service]
        again = "Disconnect-ExchangeOnline -Confirm:$false"
        yield SetupStep(
            f"Register the app in {shell}, which has its own list of apps. When {connect} asks, sign in as a Global "
            "Administrator:",
            (
                *([again] if service != services[0] else []),
                connect,
                f'New-ServicePrincipal -AppId $app -ObjectId $object -DisplayName "{app}"',
            ),
            PastePlace.POWERSHELL,
        )
        if service == EXCHANGE:
            yield _make_customisation_step()
        yield from _role_group_steps(app, service, parts, has_choice=has_choice)
        if service == EXCHANGE and scoped:
            yield _make_scope_step(app, scoped)
        if service == COMPLIANCE:
            yield from (_make_member_step(group, needed) for group in groups)


def _make_customisation_step() -> SetupStep:
    """Return the step that lets a new tenant have custom role groups.

    Follows https://learn.microsoft.com/powershell/module/exchangepowershell/enable-organizationcustomization.
    """
    return SetupStep(
        "A new tenant refuses custom role groups and role assignments until you type this once. It can take some "
        "minutes:",
        ("if ((Get-OrganizationConfig).IsDehydrated) { Enable-OrganizationCustomization }",),
        PastePlace.POWERSHELL,
    )


def _role_group_steps(app: str, service: str, parts: Sequence[RoleEntry], *, has_choice: bool) -> Iterator[SetupStep]:
    choice = "Choose A or B. For A, which gives only the needed permissions, make" if has_choice else "Make"
    roles = ",".join(f'"{part.role}"' for part in parts if part.service == service)
    if roles:
        yield SetupStep(
            f"{choice} a role group of its own in {_SHELLS[service][0]}:",
            (f'New-RoleGroup -Name "{app}" -Roles {roles}', f'Add-RoleGroupMember "{app}" -Member $object'),
            PastePlace.POWERSHELL,
        )


def _make_member_step(group: str, needed: Sequence[Permission]) -> SetupStep:
    names = " and ".join(permission.name for permission in needed if permission.membership == group)
    return SetupStep(
        f"Make the app an eDiscovery manager, because Microsoft refuses {names} to any other app. An eDiscovery "
        "manager can also place and end holds:",
        (f"Add-RoleGroupMember {group} -Member $object", "Add-eDiscoveryCaseAdmin -User $object"),
        PastePlace.POWERSHELL,
    )


def _make_scope_step(app: str, scoped: Sequence[Permission]) -> SetupStep:
    assignments = (
        f'New-ManagementRoleAssignment -App $app -Role "{role}" -CustomResourceScope "{app} mailboxes"'
        for role in (permission.narrow_role for permission in scoped)
    )
    names = " and ".join(permission.name for permission in scoped)
    return SetupStep(
        f"Leave out this step if you added {names} for every mailbox. The step gives the permission for the mailboxes "
        "of a group (RBAC for Applications):",
        (
            '$group = (Get-Group "<address of the group>").DistinguishedName',
            f'New-ManagementScope -Name "{app} mailboxes" -RecipientRestrictionFilter "MemberOfGroup -eq \'$group\'"',
            *assignments,
        ),
        PastePlace.POWERSHELL,
    )
