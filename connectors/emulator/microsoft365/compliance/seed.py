"""The one retention policy that somebody made before anyone wrote a policy down."""

from connectors.emulator.cloud import Seed
from connectors.emulator.microsoft365.compliance.locations import ALL, PROPERTIES
from connectors.emulator.microsoft365.retention_rules import POLICIES, RULES
from connectors.emulator.school import School
from connectors.emulator.wire import Body

_MADE = "2022-03-14T11:20:00.0000000+00:00"


def seed(school: School) -> Seed:
    """Make a policy for all mailboxes, with its rule."""
    policy = school.identifier("compliance", "policy", "Staff mail 7 years")
    rule = school.identifier("compliance", "rule", "Staff mail 7 years")
    by: Body = {"CreatedBy": "Trust IT", "WhenCreated": _MADE, "LastModifiedBy": "Trust IT", "WhenChanged": _MADE}
    return {
        POLICIES: {
            policy: {
                "Name": "Staff mail 7 years",
                "Guid": policy,
                "Comment": "",
                "Enabled": True,
                "Mode": "Enforce",
                "RestrictiveRetention": False,
                **{name: [] for name in PROPERTIES},
                "ExchangeLocation": [{"Name": ALL, "DisplayName": ALL}],
                **by,
            }
        },
        RULES: {
            rule: {
                "Name": "Staff mail 7 years rule",
                "Guid": rule,
                "Policy": policy,
                "Comment": "",
                "ContentMatchQuery": "",
                "ExpirationDateOption": "CreationAgeInDays",
                "RetentionComplianceAction": "Keep",
                "RetentionDuration": "2555",
                **by,
            }
        },
    }
