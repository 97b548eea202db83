"""The settings of a policy of Conditional Access: what it asks of whom, under which conditions."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from connectors.microsoft365.kinds.conditional_access_policy.reading import PROPERTIES, read_policy
from toolkit.sdk.form import PATTERNS, TEXT, WORDS
from toolkit.sdk.properties import Properties
from toolkit.sdk.spec import Listed, Setting, Spec
from toolkit.values import Body, Settings

Words = Annotated[Listed | None, Setting(WORDS)]
Narrowing = Annotated[Listed | None, Setting(WORDS, silence=None)]
"""A list that makes a policy hold less often; a policy that a playbook names has none unless the playbook says so."""
Fingerprint = Annotated[str | None, Setting(TEXT)]


class ConditionalAccessPolicy(Spec):
    """What a policy asks of whom and when; people, groups, roles and apps are counted, and fingerprints tell which."""

    state: Annotated[Literal["enabled", "disabled", "enabledForReportingButNotEnforced"], Setting(TEXT)] = Field(
        default="enabled", description="Says whether it is on, off, or only recorded.", examples=["enabled"]
    )
    included: Words = Field(
        default=None,
        description="Lists whom it is for: all, guestsorexternalusers, or numbers, as 2 groups.",
        examples=[["all"]],
    )
    included_fingerprint: Fingerprint = Field(
        default=None,
        description="Changes when other people, groups, roles or guests are included, even if their number stays.",
        examples=["3f2a9c0d11e4"],
    )
    excluded: Narrowing = Field(
        default=None,
        description="Lists in numbers who is left out, such as the accounts for emergencies.",
        examples=[["1 user"]],
    )
    excluded_fingerprint: Fingerprint = Field(
        default=None,
        description="Changes when other people, groups, roles or guests are left out.",
        examples=["3f2a9c0d11e4"],
    )
    apps: Words = Field(
        default=None, description="Lists to which apps: all, office365, or a number, as 3 apps.", examples=[["all"]]
    )
    excluded_apps: Narrowing = Field(
        default=None, description="Lists which apps are left out, likewise.", examples=[["1 app"]]
    )
    apps_fingerprint: Fingerprint = Field(
        default=None, description="Changes when other apps are included or left out.", examples=["3f2a9c0d11e4"]
    )
    client_apps: Words = Field(
        default=None,
        description="Lists by which programs: all, browser, mobileappsanddesktopclients, exchangeactivesync, other.",
        examples=[["exchangeactivesync", "other"]],
    )
    user_risk: Narrowing = Field(
        default=None,
        description="Lists the levels of risk of a person at which it holds: low, medium, high. Not named: it holds at "
        "every level.",
        examples=[["high"]],
    )
    sign_in_risk: Narrowing = Field(
        default=None, description="Lists the levels of risk of a sign-in at which it holds.", examples=[["high"]]
    )
    platforms: Narrowing = Field(
        default=None,
        description="Lists the systems of devices for which it holds: all, android, ios, windows, macos, linux.",
        examples=[["android", "ios"]],
    )
    excluded_platforms: Narrowing = Field(
        default=None, description="Lists the systems of devices that are left out.", examples=[["macos"]]
    )
    locations: Narrowing = Field(
        default=None,
        description="Lists the places from which it holds: all, alltrusted, or the ids of named locations.",
        examples=[["all"]],
    )
    excluded_locations: Narrowing = Field(
        default=None, description="Lists the places that are left out.", examples=[["alltrusted"]]
    )
    sign_in_flows: Narrowing = Field(
        default=None,
        description="Lists the ways to sign in for which it holds: devicecodeflow, authenticationtransfer.",
        examples=[["devicecodeflow"]],
    )
    user_actions: Narrowing = Field(
        default=None,
        description="Lists what people do when it holds, in the place of apps, as urn:user:registerdevice.",
        examples=[["urn:user:registersecurityinfo"]],
    )
    grant_controls: Words = Field(
        default=None,
        description="Lists what is asked: block, mfa, compliantdevice and other words of Microsoft's, authentication "
        "strength, or terms of use; of several one is enough unless there is all of them among them.",
        examples=[["mfa"]],
    )
    authentication_strength: Annotated[str | None, Field(min_length=1), Setting(TEXT)] = Field(
        default=None,
        description="Says which authentication strength is asked, with a fingerprint of the ways that satisfy it.",
        examples=["Phishing-resistant MFA: mfa, 3f2a9c0d11e4"],
    )
    sign_in_frequency: Annotated[str | None, Field(min_length=1), Setting(TEXT)] = Field(
        default=None,
        description="Says after how long people sign in again: 12 hours, or every time.",
        examples=["12 hours"],
    )
    persistent_browser: Annotated[str | None, Field(min_length=1), Setting(TEXT)] = Field(
        default=None,
        description="Says whether a browser keeps people signed in after it is closed: always or never.",
        examples=["never"],
    )
    other_conditions: Annotated[Listed | None, Setting(PATTERNS, silence=None)] = Field(
        default=None,
        description="Lists everything else that the policy demands or that narrows it, by Microsoft's names, "
        "including names that this version does not know.",
        examples=[["conditions.devices.deviceFilter.mode: exclude"]],
    )

    properties: ClassVar[Properties] = PROPERTIES

    @classmethod
    def observed(cls, body: Body, names: object = None) -> Settings:  # noqa: ARG003 - Spec's
        """Read a policy as Graph shows it."""
        shown = read_policy(body)
        return {name: setting.form.read(shown[name]) for name, setting in cls.table().items()}
