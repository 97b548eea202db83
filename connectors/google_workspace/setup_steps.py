"""The steps by which an administrator creates a service account and grants its permissions, in order.

Follows https://cloud.google.com/iam/docs/keys-create-delete,
https://cloud.google.com/iam/docs/troubleshoot-org-policies,
https://cloud.google.com/resource-manager/docs/secure-by-default-organizations and
https://knowledge.workspace.google.com/admin/apps/control-api-access-with-domain-wide-delegation
"""

from collections.abc import Iterator, Mapping, Sequence

from connectors.google_workspace.api.calls import SCOPES
from connectors.google_workspace.permissions import PREFIX, SUPER
from toolkit.sdk import Identity, PastePlace, Permission, SetupStep, Sort, env_file_step

APIS: Mapping[str, tuple[str, str]] = {
    "directory": ("Admin SDK API", "admin.googleapis.com"),
    "admin": ("Admin SDK API", "admin.googleapis.com"),
    "reports": ("Admin SDK API", "admin.googleapis.com"),
    "groupsSettings": ("Groups Settings API", "groupssettings.googleapis.com"),
    "gmail": ("Gmail API", "gmail.googleapis.com"),
    "calendar": ("Google Calendar API", "calendar-json.googleapis.com"),
    "cloudidentity": ("Cloud Identity API", "cloudidentity.googleapis.com"),
    "chromepolicy": ("Chrome Policy API", "chromepolicy.googleapis.com"),
    "vault": ("Google Vault API", "vault.googleapis.com"),
}
"""The title of an API in the console and its name for gcloud, by the first word of the ids of its methods."""

_NO_KEYS = "iam.disableServiceAccountKeyCreation (or iam.managed.disableServiceAccountKeyCreation)"


def steps(needed: Sequence[Permission], identity: Identity) -> Iterator[SetupStep]:
    """Yield the steps to set up the service account of an identity."""
    scopes = [permission.name for permission in needed if permission.sort is Sort.SCOPE]
    yield env_file_step()
    yield from _project_steps(scopes)
    yield from _service_account_steps(identity)
    if scopes:
        yield SetupStep(
            "In admin.google.com > Security > Access and data control > API controls > Manage Domain Wide Delegation, "
            "as a Super Admin, choose Add new, or Edit at this Client ID if it is in the list. Do not change any "
            "other entry, because other programs need it. Enter the service account's Client ID and exactly these "
            "scopes, and choose Authorize. If your organisation has multi-party approval, a second Super Admin "
            "approves it:",
            (",".join(scopes),),
            PastePlace.CONSOLE,
        )
    yield from _administrator_steps(
        tuple(permission.name for permission in needed if permission.sort is Sort.PRIVILEGE)
    )
    prefix = f"TOOLKIT_{identity.upper()}_GOOGLE_"
    yield SetupStep(
        "Write these lines into .env:",
        (
            "TOOLKIT_TARGET=live",
            f"{prefix}AUTH=key",
            f"{prefix}KEY_FILE=secrets/{identity}.json",
            f"{prefix}ADMIN=<address of toolkit's account>",
        ),
        PastePlace.ENV,
    )
    yield SetupStep(
        "Wait. An API is ready after some minutes. Google says that delegation and roles can take up to 24 hours. They "
        "often take less than one. Then type this, and repeat it until nothing is missing:",
        (f"toolkit doctor --{identity}",),
        PastePlace.SHELL,
    )


def _project_steps(scopes: Sequence[str]) -> Iterator[SetupStep]:
    used = [APIS[method.partition(".")[0]] for method, scope in SCOPES.items() if PREFIX + scope in scopes]
    apis = dict.fromkeys(used)
    yield SetupStep(
        "In console.cloud.google.com > IAM & Admin > Create a project, make a project with the name toolkit, or choose "
        "the project of the other identity. No billing account is needed."
    )
    if apis:
        titles = ", ".join(title for title, _ in apis)
        yield SetupStep(
            f"In APIs & Services > Library of the project, enable {titles}. In Cloud Shell this line does the same:",
            (f"gcloud services enable {' '.join(name for _, name in apis)}",),
            PastePlace.CONSOLE,
        )


def _service_account_steps(identity: Identity) -> Iterator[SetupStep]:
    name, file = f"toolkit-{identity}", f"secrets/{identity}.json"
    yield SetupStep(
        f"In IAM & Admin > Service Accounts > Create service account, make one with the name {name}. Give it no role. "
        "Open it: under Details > Advanced settings is its Client ID, the unique id of 21 digits that a later step "
        "needs."
    )
    yield SetupStep(
        "In its Keys > Add key > Create new key, choose JSON. If the console answers that key creation is disabled, "
        f"the organisation policy {_NO_KEYS} blocks it, as in every organisation made since May 2024. Then a Super "
        "Admin chooses the organisation in place of the project, opens IAM & Admin > IAM > Grant access, and gives "
        "their own address the role Organization Policy Administrator. With that role, choose the project again, "
        "open IAM & Admin > Organization Policies > Disable service account key creation, choose Override parent's "
        "policy, and set enforcement to Off. Create the key, set the policy back to Inherit parent's policy, and "
        "remove the role. The key still works."
    )
    yield SetupStep(
        f"Move the downloaded file to {file} in the school's folder. Only you may read it. In WSL2 the downloads are "
        "in /mnt/c/Users/<your name>/Downloads:",
        (
            "mkdir -p secrets && chmod 700 secrets",
            f"mv ~/Downloads/<downloaded file>.json {file} && chmod 600 {file}",
        ),
        PastePlace.SHELL,
    )


def _administrator_steps(privileges: Sequence[str]) -> Iterator[SetupStep]:
    if SUPER in privileges:
        yield SetupStep(
            "Create an account that only toolkit uses, and assign Super Admin to it under Admin roles and "
            "privileges, because Google lets only super administrators read or write these policies. The scopes "
            "above limit toolkit's use of this account. A person who signed in with the account could do everything, "
            "so turn on 2-Step Verification for it and keep its password sealed."
        )
    elif privileges:
        yield SetupStep(
            "In Account > Admin roles > Create new role, create a role with only these privileges. Create an "
            "account that only toolkit uses, and assign the role to it:",
            tuple(privileges),
            PastePlace.CONSOLE,
        )
    if privileges:
        yield SetupStep(
            "Sign in with the new account once in a private window of the browser, and accept Google's terms. Until "
            "then Google refuses all requests from this account."
        )
