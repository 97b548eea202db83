"""What a mail rule shows beside its settings, and whether its settings show everything that it has in use."""

from collections.abc import Iterator, Mapping, Sequence

from connectors.microsoft365.exchange.service import DEFAULTS, IGNORED
from toolkit.sdk.properties import Properties, UnknownProperty, is_unset
from toolkit.sdk.shapes import texts
from toolkit.values import Body

_LISTS: Mapping[str, tuple[str, str]] = {
    "Conditions": ("", "Predicate"),
    "Exceptions": ("ExceptIf", "Predicate"),
    "Actions": ("", "Action"),
}
"""Properties that list the classes that a rule has in use, with how their settings' names begin and a class's ends."""

_OTHERWISE: Mapping[str, str] = {
    "ADAttributeComparison": "ADComparisonAttribute",
    "ManagerIs": "ManagerAddresses",
    "ManagementRelationship": "SenderManagementRelationship",
    "RightsProtectMessage": "ApplyRightsProtectionTemplate",
    "SenderNotify": "NotifySender",
    "AddCcRecipient": "CopyTo",
}
"""Classes whose name is not the beginning of the property's.

https://learn.microsoft.com/powershell/module/exchange/get-transportrulepredicate
"""

PROPERTIES = Properties(
    compared=frozenset(_LISTS),
    ignored={
        **IGNORED,
        "Priority": "its place is compared as the order of the rules",
        "CreatedBy": "says who made it",
        "LastModifiedBy": "says who changed it; what was changed is compared",
        "Description": "says in Exchange's words what the other properties say",
        "Size": "counts the characters of what is compared",
        "RegexSize": "counts the characters of the patterns, which are compared",
        **{
            f"RuleVersion{part}": "says which version of Exchange understands the rule"
            for part in ("", ".Major", ".Minor", ".Build", ".Revision", ".MajorRevision", ".MinorRevision")
        },
    },
    defaults={
        **DEFAULTS,
        "IsRuleConfigurationSupported": True,
        "DlpPolicyId": "00000000-0000-0000-0000-000000000000",
        "RuleSubType": "None",
    },
)


def unread_classes(body: Body, known: Sequence[str]) -> Iterator[UnknownProperty]:
    """List the conditions, exceptions and actions in use of which none of the known properties shows anything."""
    for path, (beginning, ending) in _LISTS.items():
        for name in texts(body.get(path)):
            stem = name.rpartition(".")[2].removesuffix(ending)
            property_name = f"{beginning}{_OTHERWISE.get(stem, stem)}".casefold()
            shown = (each for each in known if each.casefold().startswith(property_name))
            if all(is_unset(body.get(each)) for each in shown):
                yield UnknownProperty(path, stem, narrows=True)
