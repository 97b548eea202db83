"""Device restrictions for iPads and iPhones: which apps are shown, the App Store, passcodes, the school's data."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, model_validator

from connectors.microsoft365.intune import Via
from connectors.microsoft365.intune.assignments import doubts
from connectors.microsoft365.intune.configuration import CONFIGURATIONS, Configurations, configuration_kind
from connectors.microsoft365.intune.fields import (
    AppleLengthAtLeast,
    DaysAtMost,
    MinutesAtMost,
    PasswordType,
    RememberedAtLeast,
    SortsOfCharacters,
    Switch,
)
from connectors.microsoft365.intune.policy import POLICY, Policy
from connectors.microsoft365.kinds.ios_configuration.effects import APP_EFFECTS, DEVICE_EFFECTS, PASSCODE_EFFECTS
from toolkit.catalogue.naming import builtin
from toolkit.sdk import (
    PATTERNS,
    Desired,
    Doubt,
    Form,
    Join,
    Lacks,
    Listed,
    Properties,
    Setting,
    Spec,
    Wire,
    Within,
    declare,
    switch,
    written_entries,
)
from toolkit.values import AtLeast, Body, Json, Settings, Value, entries

LIST, LIST_TYPE = "appsVisibilityList", "appsVisibilityListType"
# On the wire the list says which apps comply: those in it, so that all others are hidden, or those not in it.
_TYPES: Mapping[str, str] = {"hide_listed": "appsNotInListCompliant", "show_only_listed": "appsInListCompliant"}
_WORDS = {wire: word for word, wire in _TYPES.items()}


def _word(value: Json) -> Value:
    return None if value in (None, "", "none") else _WORDS.get(str(value), str(value))


def _type(value: Value) -> Json:
    return _TYPES.get(str(value), "none")


def _bundles(value: Json) -> Value:
    if isinstance(value, Sequence) and not isinstance(value, str):
        listed = [one.get("appId") if isinstance(one, Mapping) else one for one in value]
        return PATTERNS.read([one for one in listed if one])
    return PATTERNS.read(value)


def _items(value: Value) -> Json:
    return [
        {"@odata.type": "#microsoft.graph.appListItem", "name": _title(bundle), "appId": bundle}
        for bundle in entries(value)
    ]


def _title(bundle: str) -> str:
    """Name an app as the catalogue of apps does, for people in the admin centre."""
    titles = (app.title for app in builtin().apps.values() if bundle in {one.bundle for one in app.ios})
    return next(titles, bundle)


def with_others(body: Body, before: Body) -> Body:
    """Keep what is said of apps that are listed already, and apps that are listed without a bundle id."""
    items, held = body.get(LIST), before.get(LIST)
    if not isinstance(items, Sequence) or not isinstance(held, Sequence):
        return body
    there = [one for one in held if isinstance(one, Mapping)]
    kept = {str(one["appId"]): one for one in there if one.get("appId")}
    listed = [kept.get(str(one["appId"]), one) for one in items if isinstance(one, Mapping)]
    return {**body, LIST: [*(one for one in there if not one.get("appId")), *listed]}


def each_a_bundle(written: Listed | None) -> Listed | None:
    for entry in written_entries(written):
        formed = all(part and part.replace("-", "").isalnum() for part in entry.split("."))
        if not formed or ("." not in entry and entry not in _without_a_dot()):
            raise ValueError(f"{entry!r} is not a bundle id; one looks like net.whatsapp.WhatsApp")
    return written


def _without_a_dot() -> frozenset[str]:
    """Give the ids that have none all the same, as the catalogue knows them."""
    return frozenset(one.bundle for app in builtin().apps.values() for one in app.ios if "." not in one.bundle)


WHICH = Form("one of the words", _word, write=_type)
BUNDLES = Form("list of bundle ids, compared without regard to order", _bundles, write=_items, is_list=True)


class IosApps(Spec):
    """Which apps there are, and where they come from."""

    effects = APP_EFFECTS

    apps_visibility_list_type: Annotated[
        Literal["hide_listed", "show_only_listed"] | None,
        Setting(WHICH, wire=LIST_TYPE),
    ] = declare(
        "Says what becomes of the listed apps, on supervised devices alone: they are hidden and do not start, or "
        "they are the only ones that do; without it the list does nothing.",
        "hide_listed",
    )
    apps_visibility_list: Annotated[
        Listed | None,
        AfterValidator(each_a_bundle),
        Within("bundle ids, as net.whatsapp.WhatsApp"),
        Setting(
            BUNDLES,
            wire=LIST,
            at_least=True,
            join=Join.UNION,
        ),
    ] = declare(
        "Lists apps by their bundle ids; apps that others listed stay, unless the list is `exactly` these.",
        ["net.whatsapp.WhatsApp"],
    )
    enterprise_app_block_trust: Switch = switch(
        "Keeps people from trusting apps that came past the App Store and past the school."
    )
    enterprise_app_block_trust_modification: Switch = switch("Keeps people from changing which such apps are trusted.")
    app_store_blocked: Switch = switch("Closes the App Store, on supervised devices alone.")
    app_store_block_ui_app_installation: Annotated[Switch, Wire("appStoreBlockUIAppInstallation")] = switch(
        "Hides the App Store; the school can still install apps. On supervised devices alone."
    )
    app_store_block_automatic_downloads: Switch = switch(
        "Keeps apps bought on other devices from being installed here."
    )
    app_store_block_in_app_purchases: Switch = switch("Keeps people from buying inside apps.")
    app_store_require_password: Switch = switch("Asks for the password of the store before each purchase.")
    messages_blocked: Switch = switch("Takes Apple's Messages away, on supervised devices alone.")
    face_time_blocked: Switch = switch("Takes FaceTime away.")
    game_center_blocked: Switch = switch("Takes Game Center away, on supervised devices alone.")

    @model_validator(mode="after")
    def _said_what_for(self) -> Self:
        """Refuse a list of which it is not said whether its apps are hidden or shown."""
        listed = self.apps_visibility_list
        if listed is not None and not isinstance(listed, Lacks) and self.apps_visibility_list_type is None:
            raise ValueError(
                "`apps_visibility_list` needs `apps_visibility_list_type`: hide_listed, or show_only_listed, which "
                "hides every other app"
            )
        return self


class IosPasscodeSettings(Spec):
    """What a passcode must be, and after how long the screen locks."""

    effects = PASSCODE_EFFECTS

    passcode_required: Switch = switch("Asks for a passcode.")
    passcode_block_simple: Switch = switch("Turns down passcodes such as 1234 or 1111.")
    passcode_required_type: PasswordType = declare(
        "Says what a passcode is made of; deviceDefault asks for nothing in particular.",
        "numeric",
        default="deviceDefault",
    )
    passcode_minimum_length: AppleLengthAtLeast = declare("Says how many characters a passcode has at least.", 6)
    passcode_minimum_character_set_count: SortsOfCharacters = declare(
        "Says how many sorts of characters a passcode must have.", 2
    )
    passcode_minutes_of_inactivity_before_lock: MinutesAtMost = declare(
        "Says how many minutes after the screen went dark the passcode is asked for.", 1
    )
    passcode_minutes_of_inactivity_before_screen_timeout: MinutesAtMost = declare(
        "Says after how many minutes without use the screen goes dark.", 5
    )
    passcode_expiration_days: DaysAtMost = declare("Says after how many days a passcode must be changed.", 365)
    passcode_previous_passcode_block_count: RememberedAtLeast = declare(
        "Says how many old passcodes cannot be used again.", 5
    )


class IosConfiguration(Policy, IosPasscodeSettings, IosApps):
    """What iPads and iPhones let people do."""

    effects = DEVICE_EFFECTS

    properties: ClassVar[Properties] = POLICY.extended(
        compared={f"{LIST}[].appId"},
        ignored={
            f"{LIST}[].@odata.type": "is the same for every app",
            f"{LIST}[].name": "says what the app is called; its bundle id is compared",
            f"{LIST}[].publisher": "says who made the app; its bundle id is compared",
            f"{LIST}[].appStoreUrl": "says where the app is in the store; its bundle id is compared",
        },
        defaults={"mediaContentRatingApps": "allAllowed", "safariCookieSettings": "browserDefault"},
    )

    documents_block_managed_documents_in_unmanaged_apps: Switch = switch(
        "Keeps the school's documents from being opened in private apps."
    )
    icloud_block_backup: Annotated[Switch, Wire("iCloudBlockBackup")] = switch(
        "Keeps the device from being backed up to iCloud."
    )
    itunes_block_explicit_content: Annotated[Switch, Wire("iTunesBlockExplicitContent")] = switch(
        "Hides music and films that are marked as explicit."
    )


_LIST, _WHICH = "apps_visibility_list", "apps_visibility_list_type"


def swapped(rows: Sequence[Body], desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Doubt what would hide the apps that others let be shown, or show those that they had hidden."""
    for one in desired:
        names = {name.casefold() for name in (one.address.name, one.renamed_from, one.handling.adopt) if name}
        for row in rows:
            if str(row.get("displayName")).casefold() in names and (foreign := _turned(one, row)):
                yield Doubt(one.address.name, _WHICH, _reason(str(row.get("displayName")), foreign))


def _reason(name: str, foreign: Sequence[str]) -> str:
    return (
        f"{name} says the opposite of its list now, and others listed {len(foreign)} apps there for that "
        f"({foreign[0]} is one): take them out there, or write the list as `exactly: [...]`"
    )


def _turned(desired: Desired, row: Body) -> list[str]:
    """List the entries of others whose meaning would be turned round."""
    observed: Settings = IosConfiguration.observed(row)
    wanted, there = desired.settings.get(_WHICH), observed[_WHICH]
    if not wanted or not there or wanted == there:
        return []
    listed = desired.settings.get(_LIST)
    ours = {*listed.items, *listed.lacking} if isinstance(listed, AtLeast) else None
    if ours is None and _LIST in desired.settings:
        return []
    return [entry for entry in entries(observed[_LIST]) if entry not in (ours or set())]


_CONFIGURATIONS = Configurations(CONFIGURATIONS, "iosGeneralDeviceConfiguration", with_others)


def _doubts(via: Via, desired: Sequence[Desired]) -> Iterator[Doubt]:
    yield from doubts(via, desired)
    yield from swapped(_CONFIGURATIONS.rows(via), desired)


KIND = configuration_kind(
    "ios_configuration",
    title="iPad and iPhone configuration",
    spec=IosConfiguration,
    endpoint=_CONFIGURATIONS,
    sample="""\
- microsoft365.ios_configuration: Staff iPads
  apps_visibility_list_type: hide_listed
  apps_visibility_list: [net.whatsapp.WhatsApp]
  enterprise_app_block_trust: true
  assigned_to: [all-staff@example-primary.example]
""",
    doubts=_doubts,
)
