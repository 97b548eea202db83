"""What objects of Intune show beside their settings: what is compared, ignored and why, and what no one set."""

from collections.abc import Mapping

from toolkit.sdk.properties import Properties
from toolkit.values import Body

BESIDE = "toolkit"
"""In a body, beside Graph's properties: what is none of them."""

GROUPS = "groups"
"""Under BESIDE, what the groups that an object is assigned to are called, by their ids."""

NO_ID = "00000000-0000-0000-0000-000000000000"
ID = "identifies the object"
_WHEN = "says when it was made or changed; what was changed is compared"
_SCOPE = "says which administrators see the object; it reaches no device"
_TARGET = ("@odata.type", "groupId", "collectionId")

ASSIGNED = Properties(
    compared=frozenset(f"assignments[].target.{name}" for name in _TARGET),
    whole=frozenset({BESIDE}),
    ignored={
        **dict.fromkeys(("id", "assignments[].id"), ID),
        "@odata.type": "says which type of object it is; the kind is read by it",
        **dict.fromkeys(("createdDateTime", "lastModifiedDateTime"), _WHEN),
        "roleScopeTagIds": _SCOPE,
        **dict.fromkeys(("assignments[].source", "assignments[].sourceId"), "says how the assignment was made"),
    },
    defaults={"assignments[].intent": "apply"},
    unset_words=frozenset({"notConfigured", "userDefined", "deviceDefault", "default", "none", "unavailable", NO_ID}),
    narrowing=frozenset(
        {"assignments", "scheduledActionsForRule", "platforms", "technologies"}
        | {f"deviceManagementApplicabilityRule{name}" for name in ("OsEdition", "OsVersion", "DeviceMode")}
    ),
)
"""What every object that is assigned to groups shows; a filter of an assignment, or an intent, is unknown.

What else is unknown may be a new restriction beside those compared: it makes the object neither reach nor do less.
"""

POLICY = ASSIGNED.extended(
    compared={"description"},
    ignored={
        "displayName": "is the name of the object",
        "version": "counts the changes of the object",
        "supportsScopeTags": _SCOPE,
    },
)
"""What compliance policies and device configurations show."""


def with_names(body: Body, groups: Mapping[str, str]) -> Body:
    """Return an object with the names of the groups that it is assigned to, by their ids."""
    return {**body, BESIDE: {GROUPS: groups}} if groups else body
