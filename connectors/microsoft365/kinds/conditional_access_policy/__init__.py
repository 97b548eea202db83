"""Conditional Access policies, which decide who may sign in, from where and how.

toolkit reads them and never changes them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from connectors.microsoft365.audit_log import DIRECTORY
from connectors.microsoft365.kinds.conditional_access_policy.reading import PROPERTIES, read_policy
from connectors.microsoft365.permissions import graph
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import BadAnswer
from toolkit.sdk import (
    CONDITION,
    EXCEPTION,
    PATTERNS,
    TEXT,
    WORDS,
    Effect,
    EffectArea,
    GroupNesting,
    Harmless,
    IdMeaning,
    Kind,
    Listed,
    ObjectEffects,
    ObjectScope,
    Observed,
    Permissions,
    Properties,
    ReadOnlyObjects,
    ReadScope,
    Remote,
    Scale,
    Setting,
    Spec,
    adds_entries,
    becomes,
    changes,
    declare,
    declare_effects,
    differs,
    text,
)
from toolkit.values import Body, Settings, entries

Words = Annotated[Listed | None, Setting(WORDS)]
Narrowing = Annotated[Listed | None, Setting(WORDS, silence=None)]
"""A list that limits when a policy applies. A policy in a playbook has none unless the playbook sets it."""
Fingerprint = Annotated[str | None, Setting(TEXT)]


class ConditionalAccessPolicy(Spec):
    """A policy's audience, conditions and requirements.

    People, groups, roles and apps are counted, and a fingerprint changes if other ones are named.
    """

    effects = declare_effects(
        {
            "state": ObjectScope(becomes("enabled")),
            **dict.fromkeys(
                ("grant_controls", "authentication_strength", "sign_in_frequency", "persistent_browser"),
                Effect("sign-ins that do not meet a policy are refused", changes),
            ),
            **dict.fromkeys(("included", "apps", "client_apps"), ObjectScope(adds_entries)),
            **dict.fromkeys(("included_fingerprint", "excluded_fingerprint", "apps_fingerprint"), ObjectScope(differs)),
            **dict.fromkeys(
                (
                    "user_risk",
                    "sign_in_risk",
                    "platforms",
                    "locations",
                    "sign_in_flows",
                    "user_actions",
                    "other_conditions",
                ),
                CONDITION,
            ),
            **dict.fromkeys(("excluded", "excluded_apps", "excluded_platforms", "excluded_locations"), EXCEPTION),
        }
    )

    state: Annotated[Literal["enabled", "disabled", "enabledForReportingButNotEnforced"], Setting(TEXT)] = declare(
        "Whether the policy is on, off, or only reports.", "enabled", default="enabled"
    )
    included: Words = declare(
        "Audience of the policy: all, guestsorexternalusers, or numbers such as 2 groups.", ["all"]
    )
    included_fingerprint: Fingerprint = declare(
        "Changes if different people, groups, roles or guests are included, even if their number does not change.",
        "3f2a9c0d11e4",
    )
    excluded: Narrowing = declare(
        "The number of excluded people, groups and roles, such as emergency accounts.", ["1 user"]
    )
    excluded_fingerprint: Fingerprint = declare(
        "Changes if different people, groups, roles or guests are excluded.", "3f2a9c0d11e4"
    )
    apps: Words = declare("Apps that the policy applies to: all, office365, or a number such as 3 apps.", ["all"])
    excluded_apps: Narrowing = declare("Apps that the policy does not apply to, in the same form as `apps`.", ["1 app"])
    apps_fingerprint: Fingerprint = declare("Changes if different apps are included or excluded.", "3f2a9c0d11e4")
    client_apps: Words = declare(
        "Client programs that the policy applies to: all, browser, mobileappsanddesktopclients, "
        "exchangeactivesync, other.",
        ["exchangeactivesync", "other"],
    )
    user_risk: Narrowing = declare(
        "Levels of a person's risk at which the policy applies: low, medium, high. Without a list it "
        "applies at every level.",
        ["high"],
    )
    sign_in_risk: Narrowing = declare("Levels of a sign-in's risk at which the policy applies.", ["high"])
    platforms: Narrowing = declare(
        "Operating systems of devices that the policy applies to: all, android, ios, windows, macos, linux.",
        ["android", "ios"],
    )
    excluded_platforms: Narrowing = declare("Excluded operating systems.", ["macos"])
    locations: Narrowing = declare(
        "Locations that the policy applies to: all, alltrusted, or the ids of named locations.", ["all"]
    )
    excluded_locations: Narrowing = declare("Excluded locations.", ["alltrusted"])
    sign_in_flows: Narrowing = declare(
        "Sign-in flows that the policy applies to: devicecodeflow, authenticationtransfer.", ["devicecodeflow"]
    )
    user_actions: Narrowing = declare(
        "User actions that the policy applies to instead of apps, for example urn:user:registerdevice.",
        ["urn:user:registersecurityinfo"],
    )
    grant_controls: Words = declare(
        "Requirements of the policy: block, mfa, compliantdevice and Microsoft's other words, authentication "
        "strength, or terms of use. Any requirement is enough unless the list has `all of them`.",
        ["mfa"],
    )
    authentication_strength: Annotated[str | None, Field(min_length=1), Setting(TEXT)] = declare(
        "Required authentication strength, with a fingerprint of the methods that satisfy it.",
        "Phishing-resistant MFA: mfa, 3f2a9c0d11e4",
    )
    sign_in_frequency: Annotated[str | None, Field(min_length=1), Setting(TEXT)] = declare(
        "Time after which people must sign in again, such as 12 hours, or every time.", "12 hours"
    )
    persistent_browser: Annotated[str | None, Field(min_length=1), Setting(TEXT)] = declare(
        "Whether a browser keeps people signed in after it is closed: always or never.", "never"
    )
    other_conditions: Annotated[Listed | None, Setting(PATTERNS, silence=None)] = declare(
        "All other requirements and conditions of the policy, by Microsoft's names, including names "
        "that this version does not know.",
        ["conditions.devices.deviceFilter.mode: exclude"],
    )

    properties: ClassVar[Properties] = PROPERTIES

    @classmethod
    def observed(cls, body: Body) -> Settings:
        shown = read_policy(body)
        return {name: setting.form.read(shown[name]) for name, setting in cls.table().items()}


_PATH = "/identity/conditionalAccess/policies"


class _ConditionalAccess(ReadOnlyObjects):
    """The tenant's Conditional Access policies. Only a person may change them."""

    def read(self, via: Microsoft365, selection: ReadScope) -> Iterable[Remote]:
        return selection.select_from(_to_remote(row) for row in via.graph.pages(_PATH))

    def by_hand(self, name: str) -> str:
        return (
            f"{name}: toolkit never changes Conditional Access, since that can lock everyone out. Change it in the "
            "Entra admin centre > Protection > Conditional Access"
        )


_LOCATIONS = "/identity/conditionalAccess/namedLocations"
_PLACES = ("locations", "excluded_locations")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _read_location_names(via: Microsoft365, policies: Sequence[Observed]) -> Iterator[IdMeaning]:
    """Yield the names of the locations that policies refer to by id.

    https://learn.microsoft.com/graph/api/resources/namedlocation
    """
    named = [
        (policy.remote.name, setting, place)
        for policy in policies
        for setting in _PLACES
        for place in entries(policy.settings.get(setting))
        if _ID.fullmatch(place)
    ]
    rows = via.graph.pages(_LOCATIONS) if named else ()
    names = {text(row.get("id")).lower(): text(row.get("displayName")) for row in rows}
    for policy, setting, place in named:
        yield IdMeaning(policy, setting, place, names.get(place) or "the id of a deleted named location")


def _to_remote(row: Body) -> Remote:
    if not (row.get("id") and row.get("displayName")):
        raise BadAnswer(f"GET {_PATH}: the response has a policy without an id or name")
    return Remote(text(row["id"]), text(row["displayName"]), row)


_NESTING = GroupNesting.TRANSITIVE
"""A policy includes and excludes the members of nested groups.

Follows https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-users-groups
"""

KIND = Kind(
    name="conditional_access_policy",
    title="Conditional Access policy",
    plural="Conditional Access policies",
    spec=ConditionalAccessPolicy,
    endpoint=_ConditionalAccess(),
    reference="https://learn.microsoft.com/graph/api/resources/conditionalaccesspolicy",
    reach=Scale.GROUP,
    permissions=Permissions(read=(graph("Policy.Read.All"),)),
    read_only=True,
    meanings=_read_location_names,
    nesting=_NESTING,
    logged=DIRECTORY,
    sample="""\
- microsoft365.conditional_access_policy: Block legacy authentication
  state: enabled
  included: [all]
  grant_controls: [block]
""",
    stops=ObjectEffects(
        area=EffectArea.ACCOUNTS, deleted=Harmless.CHECKED, acts=lambda settings: settings.get("state") == "enabled"
    ),
)
