"""What a retention policy and its rule show beside the settings."""

from connectors.microsoft365.exchange.properties import DEFAULTS, IGNORED
from connectors.microsoft365.kinds.retention_policy.places import EXCEPTIONS, PLACES
from toolkit.sdk.properties import Properties

RULE = "Rule"
"""In a body, beside what the policy shows: its one rule, None where it has none."""

OF_RULE = ("RetentionDuration", "RetentionComplianceAction", "ExpirationDateOption", "ContentMatchQuery")
"""Properties of the rule that have a setting."""

_WHO = ("CreatedBy", "LastModifiedBy")
_LISTS = (*PLACES.values(), *EXCEPTIONS.values())
_ABOUT = {**IGNORED, **dict.fromkeys(_WHO, "says who made or changed it; what was changed is compared")}

PROPERTIES = Properties(
    compared=frozenset({*(f"{RULE}.{name}" for name in OF_RULE), *(f"{name}[].Name" for name in _LISTS)}),
    ignored={
        **_ABOUT,
        "Workload": "lists the services that policies can keep; the places are compared",
        "TeamsPolicy": "says whether the places are in Teams; they are compared",
        "DistributionStatus": "says how far a change has reached; errors have a property of their own",
        **{f"{name}[].DisplayName": "is how people see what is named" for name in _LISTS},
        **{f"{name}[].ImmutableIdentity": "identifies who is named by an address" for name in _LISTS},
        **{f"{RULE}.{name}": reason for name, reason in _ABOUT.items()},
        f"{RULE}.Policy": "names the policy of the rule",
        f"{RULE}.Comment": "is a note about the rule; that of the policy is compared",
    },
    defaults={**DEFAULTS, "Mode": "Enforce", f"{RULE}.Mode": "Enforce", f"{RULE}.IsValid": True},
)
