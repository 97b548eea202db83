"""What every object of Exchange shows beside its settings."""

from collections.abc import Mapping

from toolkit.sdk.properties import Properties
from toolkit.values import Json

_ID = "identifies the object"
_WHEN = "says when it was made or changed; what was changed is compared"
_STORED = "says where and how Exchange stores the object"

IGNORED: Mapping[str, str] = {
    **dict.fromkeys(("Name", "Identity", "Id", "Guid", "ImmutableId", "ExchangeObjectId", "DistinguishedName"), _ID),
    **dict.fromkeys(("WhenChanged", "WhenChangedUTC", "WhenCreated", "WhenCreatedUTC"), _WHEN),
    **dict.fromkeys(("ObjectCategory", "ObjectClass", "ObjectState", "ExchangeVersion", "OriginatingServer"), _STORED),
    **dict.fromkeys(("OrganizationId", "OrganizationalUnitRoot", "RunspaceId"), _STORED),
    "AdminDisplayName": "is a note that only administrators see",
}
"""Paths with the reason, for every kind of object."""

DEFAULTS: Mapping[str, Json] = {"IsValid": True}

RULES = "AppliedByRules"
"""Under this name a policy of the mail filters holds, as JSON, the rules that apply it, which other cmdlets show."""

FILTER_POLICY = Properties(
    ignored={
        **{path: reason for path, reason in IGNORED.items() if path != "AdminDisplayName"},
        "IsDefault": "says whether it is the one that Microsoft made; its name says that too",
        "ConfigurationType": "says which kind of policy it is; the kind is read by it",
        RULES: "shows which rules apply the policy, which says whom it reaches; toolkit sets no such rule",
        "RecommendedPolicyType": "says from which of Microsoft's presets it is; what it does is compared",
    },
    defaults=DEFAULTS,
    narrowing=frozenset(),
)
"""What a policy of the mail filters shows."""
