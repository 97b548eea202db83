"""Policies of Conditional Access, who may sign in from where and how: read, and never changed."""

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
    Remote,
    Scale,
    Setting,
    Spec,
    Wanted,
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
"""A list that makes a policy hold less often; a policy that a playbook names has none unless the playbook says so."""
Fingerprint = Annotated[str | None, Setting(TEXT)]


class ConditionalAccessPolicy(Spec):
    """What a policy asks of whom and when; people, groups, roles and apps are counted, and fingerprints tell which."""

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
        "Says whether it is on, off, or only recorded.", "enabled", default="enabled"
    )
    included: Words = declare("Lists whom it is for: all, guestsorexternalusers, or numbers, as 2 groups.", ["all"])
    included_fingerprint: Fingerprint = declare(
        "Changes when other people, groups, roles or guests are included, even if their number stays.", "3f2a9c0d11e4"
    )
    excluded: Narrowing = declare("Lists in numbers who is left out, such as the accounts for emergencies.", ["1 user"])
    excluded_fingerprint: Fingerprint = declare(
        "Changes when other people, groups, roles or guests are left out.", "3f2a9c0d11e4"
    )
    apps: Words = declare("Lists to which apps: all, office365, or a number, as 3 apps.", ["all"])
    excluded_apps: Narrowing = declare("Lists which apps are left out, likewise.", ["1 app"])
    apps_fingerprint: Fingerprint = declare("Changes when other apps are included or left out.", "3f2a9c0d11e4")
    client_apps: Words = declare(
        "Lists by which programs: all, browser, mobileappsanddesktopclients, exchangeactivesync, other.",
        ["exchangeactivesync", "other"],
    )
    user_risk: Narrowing = declare(
        "Lists the levels of risk of a person at which it holds: low, medium, high. Not named: it holds at every "
        "level.",
        ["high"],
    )
    sign_in_risk: Narrowing = declare("Lists the levels of risk of a sign-in at which it holds.", ["high"])
    platforms: Narrowing = declare(
        "Lists the systems of devices for which it holds: all, android, ios, windows, macos, linux.", ["android", "ios"]
    )
    excluded_platforms: Narrowing = declare("Lists the systems of devices that are left out.", ["macos"])
    locations: Narrowing = declare(
        "Lists the places from which it holds: all, alltrusted, or the ids of named locations.", ["all"]
    )
    excluded_locations: Narrowing = declare("Lists the places that are left out.", ["alltrusted"])
    sign_in_flows: Narrowing = declare(
        "Lists the ways to sign in for which it holds: devicecodeflow, authenticationtransfer.", ["devicecodeflow"]
    )
    user_actions: Narrowing = declare(
        "Lists what people do when it holds, in the place of apps, as urn:user:registerdevice.",
        ["urn:user:registersecurityinfo"],
    )
    grant_controls: Words = declare(
        "Lists what is asked: block, mfa, compliantdevice and other words of Microsoft's, authentication strength, "
        "or terms of use; of several one is enough unless there is all of them among them.",
        ["mfa"],
    )
    authentication_strength: Annotated[str | None, Field(min_length=1), Setting(TEXT)] = declare(
        "Says which authentication strength is asked, with a fingerprint of the ways that satisfy it.",
        "Phishing-resistant MFA: mfa, 3f2a9c0d11e4",
    )
    sign_in_frequency: Annotated[str | None, Field(min_length=1), Setting(TEXT)] = declare(
        "Says after how long people sign in again: 12 hours, or every time.", "12 hours"
    )
    persistent_browser: Annotated[str | None, Field(min_length=1), Setting(TEXT)] = declare(
        "Says whether a browser keeps people signed in after it is closed: always or never.", "never"
    )
    other_conditions: Annotated[Listed | None, Setting(PATTERNS, silence=None)] = declare(
        "Lists everything else that the policy demands or that narrows it, by Microsoft's names, including names "
        "that this version does not know.",
        ["conditions.devices.deviceFilter.mode: exclude"],
    )

    properties: ClassVar[Properties] = PROPERTIES

    @classmethod
    def observed(cls, body: Body, names: object = None) -> Settings:  # noqa: ARG003 - Spec's
        shown = read_policy(body)
        return {name: setting.form.read(shown[name]) for name, setting in cls.table().items()}


_PATH = "/identity/conditionalAccess/policies"


class _ConditionalAccess(ReadOnlyObjects):
    """All policies; what differs is for a person to change."""

    def read(self, via: Microsoft365, wanted: Wanted) -> Iterable[Remote]:
        return wanted.among(_seen(row) for row in via.graph.pages(_PATH))

    def by_hand(self, name: str) -> str:
        return (
            f"{name}: toolkit never changes Conditional Access, since that can lock everybody out; do it in the Entra "
            "admin centre > Protection > Conditional Access"
        )


_LOCATIONS = "/identity/conditionalAccess/namedLocations"
_PLACES = ("locations", "excluded_locations")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _meanings(via: Microsoft365, policies: Sequence[Observed]) -> Iterator[IdMeaning]:
    """Return the names of the locations in policies. https://learn.microsoft.com/graph/api/resources/namedlocation"""
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


def _seen(row: Body) -> Remote:
    if not (row.get("id") and row.get("displayName")):
        raise BadAnswer(f"GET {_PATH}: the answer shows a policy that has no id or no name")
    return Remote(text(row["id"]), text(row["displayName"]), row)


_NESTING = GroupNesting.TRANSITIVE
"""A policy is applied to nested users and groups, and leaves them out.

Follows https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-users-groups
"""

KIND = Kind(
    name="conditional_access_policy",
    title="policy of Conditional Access",
    plural="policies of Conditional Access",
    spec=ConditionalAccessPolicy,
    endpoint=_ConditionalAccess(),
    reference="https://learn.microsoft.com/graph/api/resources/conditionalaccesspolicy",
    reach=Scale.GROUP,
    permissions=Permissions(read=(graph("Policy.Read.All"),)),
    read_only=True,
    meanings=_meanings,
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
