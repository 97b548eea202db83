"""What can be said about iPads and iPhones."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, model_validator

from connectors.microsoft365.intune.fields import Switch, choice
from connectors.microsoft365.intune.policy import Policy
from connectors.microsoft365.intune.properties import POLICY
from connectors.microsoft365.intune.strictness import (
    AppleLengthAtLeast,
    DaysAtMost,
    MinutesAtMost,
    RememberedAtLeast,
    SortsOfCharacters,
)
from connectors.microsoft365.kinds.ios_configuration.apps import BUNDLES, LIST, LIST_TYPE, WHICH, each_a_bundle
from toolkit.sdk.properties import Properties
from toolkit.sdk.spec import Join, Lacks, Listed, Setting, Spec, Wire, Within, declare, switch


class IosApps(Spec):
    """Which apps there are, and where they come from."""

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

    passcode_required: Switch = switch("Asks for a passcode.")
    passcode_block_simple: Switch = switch("Turns down passcodes such as 1234 or 1111.")
    passcode_required_type: Annotated[Literal["deviceDefault", "alphanumeric", "numeric"], choice("deviceDefault")] = (
        declare(
            "Says what a passcode is made of; deviceDefault asks for nothing in particular.",
            "numeric",
            default="deviceDefault",
        )
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
