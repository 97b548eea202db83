"""Every setting of the Policy API that has words, and what is known of some that have none."""

from collections.abc import Mapping
from types import MappingProxyType

from connectors.google_workspace.kinds.policy_setting.chat import CHAT
from connectors.google_workspace.kinds.policy_setting.drive_and_docs import DRIVE_AND_DOCS
from connectors.google_workspace.kinds.policy_setting.gmail import GMAIL, GMAIL_RULES
from connectors.google_workspace.kinds.policy_setting.gmail_safety import GMAIL_SAFETY
from connectors.google_workspace.kinds.policy_setting.rows import Reducer, SettingType
from connectors.google_workspace.kinds.policy_setting.security import SECURITY
from connectors.google_workspace.kinds.policy_setting.services import SERVICES

TYPES: Mapping[str, SettingType] = MappingProxyType(
    {one.name: one for one in (*SECURITY, *GMAIL, *GMAIL_SAFETY, *DRIVE_AND_DOCS, *CHAT, *SERVICES)}
)

_APPS = "Apps > Google Workspace"
_MARKETPLACE = "Apps > Google Workspace Marketplace apps > Settings"

# Defaults that Google leaves out: https://cloud.google.com/identity/docs/concepts/policy-api-concepts
_WITHOUT_WORDS = (
    *GMAIL_RULES,
    SettingType(
        "groups_for_business.groups_sharing",
        "Groups: sharing",
        f"{_APPS} > Groups for Business > Sharing settings",
        (),
        Reducer.MERGE,
        raw_defaults={
            "collaborationCapability": "DOMAIN_USERS_ONLY", "createGroupsAccessLevel": "USERS_IN_DOMAIN",
            "newGroupsAreHidden": False, "ownersCanAllowExternalMembers": False,
            "ownersCanAllowIncomingMailFromPublic": True, "ownersCanHideGroups": False,
            "viewTopicsDefaultAccessLevel": "DOMAIN_USERS",
        },
    ),
    SettingType(
        "calendar.external_invitations",
        "Calendar: invitations of outsiders",
        f"{_APPS} > Calendar > Sharing settings",
        (),
        raw_defaults={"warnOnInvite": True},
    ),
    SettingType(
        "calendar.primary_calendar_max_allowed_external_sharing",
        "Calendar: sharing of people's calendars",
        f"{_APPS} > Calendar > Sharing settings",
        (),
        raw_defaults={"maxAllowedExternalSharing": "EXTERNAL_FREE_BUSY_ONLY"},
    ),
    SettingType(
        "calendar.secondary_calendar_max_allowed_external_sharing",
        "Calendar: sharing of other calendars",
        f"{_APPS} > Calendar > General settings",
        (),
        raw_defaults={"maxAllowedExternalSharing": "EXTERNAL_ALL_INFO_READ_ONLY"},
    ),
    SettingType(
        "workspace_marketplace.apps_access_options",
        "Marketplace: apps",
        _MARKETPLACE,
        (),
        raw_defaults={"accessLevel": "ALLOW_ALL", "allowAllInternalApps": False},
    ),
)  # fmt: skip
_SPELT = {name: setting for setting in (*TYPES.values(), *_WITHOUT_WORDS) for name in setting.names}
_OBJECTS = ("rule.", "detector.")


def known_name(setting: str) -> str:
    """Return the name that a setting has here, whichever of Google's two spellings of it is given."""
    return _SPELT[setting].name if setting in _SPELT else setting


def raw_type(setting: str) -> SettingType:
    """Return a setting of any type, known or not, with Google's names for its fields."""
    if setting in _SPELT:
        return _SPELT[setting].raw
    return SettingType(setting, setting, "", (), Reducer.EACH if setting.startswith(_OBJECTS) else Reducer.MAX)
