"""The policies of a new tenant: three of Conditional Access that somebody made, and defaults for the rest."""

from collections.abc import Iterator

from connectors.emulator.microsoft365.graph.bodies import complete
from connectors.emulator.microsoft365.graph.models import BETA, model
from connectors.emulator.microsoft365.graph.policies import group_settings, objects
from connectors.emulator.school import School
from connectors.emulator.service import Seed
from connectors.emulator.wire import Body, Json

_MADE = "2024-02-19T16:20:00Z"
_ADMINISTRATORS = "62e90394-69f5-4237-9190-012177145e10"  # the template of Global Administrator
_DEFAULTS_ID = "00000000-0000-0000-0000-000000000005"


def seed(school: School) -> Seed:
    """Make the collections of policies; nothing is written of idle timeouts and password rules."""
    return {
        objects.CONDITIONAL_ACCESS: {str(one["id"]): one for one in _conditional_access(school)},
        objects.SECURITY_DEFAULTS: {_DEFAULTS_ID: _security_defaults()},
        objects.SHAREPOINT: {"settings": _sharepoint()},
        objects.IDLE_TIMEOUTS: {},
        group_settings.COLLECTION: {},
    }


def _conditional_access(school: School) -> Iterator[Body]:
    break_glass = school.identifier("account", "breakglass")
    yield _policy(
        school, "Require MFA for administrators",
        state="enabled",
        users={"includeUsers": [], "includeRoles": [_ADMINISTRATORS], "excludeUsers": [break_glass]},
        clients=["all"], controls=["mfa"],
    )  # fmt: skip
    yield _policy(
        school, "Block legacy authentication",
        state="enabledForReportingButNotEnforced",
        users={"includeUsers": ["All"], "includeRoles": [], "excludeUsers": [break_glass]},
        clients=["exchangeActiveSync", "other"], controls=["block"],
    )  # fmt: skip
    yield _policy(
        school, "Require MFA for staff",
        state="enabled",
        users={"includeUsers": [], "includeRoles": [], "excludeUsers": [break_glass],
               "includeGroups": [school.identifier("group", "all-staff")]},
        clients=["all"], controls=["mfa"],
    )  # fmt: skip


def _policy(
    school: School, name: str, *, state: str, users: Body, clients: list[Json], controls: list[Json]
) -> Body:  # fmt: skip
    key = school.identifier("conditional access", name)
    place = f"https://graph.microsoft.com/v1.0/$metadata#identity/conditionalAccess/policies('{key}')"
    return {
        "id": key,
        "templateId": None,
        "displayName": name,
        "createdDateTime": _MADE,
        "modifiedDateTime": None,
        "deletedDateTime": None,
        "state": state,
        "sessionControls": None,
        "conditions": {
            "userRiskLevels": [],
            "signInRiskLevels": [],
            "clientAppTypes": clients,
            "servicePrincipalRiskLevels": [],
            "platforms": None,
            "locations": None,
            "devices": None,
            "clientApplications": None,
            "authenticationFlows": None,
            "insiderRiskLevels": None,
            "applications": {
                "includeApplications": ["All"],
                "excludeApplications": [],
                "includeUserActions": [],
                "includeAuthenticationContextClassReferences": [],
                "applicationFilter": None,
            },
            "users": {
                "includeGroups": [],
                **users,
                "excludeGroups": [],
                "excludeRoles": [],
                "includeGuestsOrExternalUsers": None,
                "excludeGuestsOrExternalUsers": None,
            },
        },
        "grantControls": {
            "operator": "OR",
            "builtInControls": controls,
            "customAuthenticationFactors": [],
            "termsOfUse": [],
            "authenticationStrength@odata.context": f"{place}/grantControls/authenticationStrength/$entity",
            "authenticationStrength": None,
        },
    }


def _security_defaults() -> Body:
    return {
        "id": _DEFAULTS_ID,
        "displayName": "Security Defaults",
        "description": "A set of basic identity security mechanisms recommended by Microsoft.",
        "deletedDateTime": None,
        "isEnabled": False,
    }


def _sharepoint() -> Body:
    given: Body = {
        "deletedUserPersonalSiteRetentionPeriodInDays": 30,
        "idleSessionSignOut": {"isEnabled": False, "warnAfterInSeconds": 0, "signOutAfterInSeconds": 0},
        "isCommentingOnSitePagesEnabled": True,
        "isFileActivityNotificationEnabled": True,
        "isLoopEnabled": True,
        "isResharingByExternalUsersEnabled": True,
        "isSiteCreationEnabled": True,
        "personalSiteDefaultStorageLimitInMB": 1048576,
        "sharingCapability": "externalUserAndGuestSharing",
        "sharingDomainRestrictionMode": "none",
        "siteCreationDefaultManagedPath": "sites",
        "siteCreationDefaultStorageLimitInMB": 26214400,
        "tenantDefaultTimezone": "(UTC+00:00) Dublin, Edinburgh, Lisbon, London",
    }
    known = model("sharepointSettings", BETA) or {}
    return {name: value for name, value in complete(given, known).items() if name != "id"}
