"""Tenant settings for sharing SharePoint and OneDrive files with people outside the school."""

from collections.abc import Mapping
from typing import Literal

from connectors.microsoft365.permissions import graph
from connectors.microsoft365.setting_tables import GraphSettings, TableProperty, by_object, model_of, name_rules
from connectors.microsoft365.via import Microsoft365
from toolkit.sdk import (
    ADDRESSES,
    FLAG,
    TEXT,
    Effect,
    EffectArea,
    Kind,
    Lifecycle,
    Listed,
    ObjectEffects,
    Observed,
    Permissions,
    Scale,
    becomes,
    limits_to_entries,
    moves_from,
    switches_off,
    switches_on,
)
from toolkit.values import Body, Settings, entries

_PATH = "/admin/sharepoint/settings"
_DOMAINS = "sharingAllowedDomainList"
Level = Literal["disabled", "existingExternalUserSharingOnly", "externalUserSharingOnly", "externalUserAndGuestSharing"]
LEVELS = ("disabled", "existingExternalUserSharingOnly", "externalUserSharingOnly", "externalUserAndGuestSharing")
"""From the narrowest level to the widest."""
_LEVEL = (
    Effect("public links stop working", moves_from("externalUserAndGuestSharing"), meets_outside=True),
    Effect(
        "files can no longer be shared with new people outside",
        becomes("existingExternalUserSharingOnly"),
        meets_outside=True,
    ),
    Effect("people outside the school lose access to shared files", becomes("disabled"), meets_outside=True),
)
_LISTED = Effect(
    "people of other domains lose access to shared files", becomes("allowList", "blockList"), meets_outside=True
)
_FEWER = Effect(_LISTED.words, limits_to_entries, only_if={"restriction": ("allowList",)}, meets_outside=True)
PROPERTIES = (
    TableProperty(
        "level", "sharing_level", _PATH, "sharingCapability", Level, TEXT, LEVELS[-1],
        "People outside the school with whom files and sites may be shared.", effect=_LEVEL),
    TableProperty(
        "guests", "guests_share_on", _PATH, "isResharingByExternalUsersEnabled", bool, FLAG, True,
        "Whether guests may share files and sites that they do not own.",
        effect=Effect("guests can no longer share other people's files", switches_off)),
    TableProperty(
        "guests", "invited_account_only", _PATH, "isRequireAcceptingUserToMatchInvitedUserEnabled", bool, FLAG, False,
        "Whether an invitation opens only for the invited account.",
        effect=Effect("other accounts can no longer open invitations", switches_on)),
    TableProperty(
        "domains", "restriction", _PATH, "sharingDomainRestrictionMode", Literal["none", "allowList", "blockList"],
        TEXT, "none", "Whether a list of domains limits sharing.", effect=_LISTED),
    TableProperty(
        "domains", "allowed_domains", _PATH, _DOMAINS, Listed | None, ADDRESSES, None,
        "Domains with which files may be shared if `restriction` is allowList.", ["partner.example"],
        nullable=True, effect=_FEWER),
)  # fmt: skip
SharingSetting = model_of(
    "SharingSetting", __name__, "SharePoint settings for the whole tenant, including OneDrive.", PROPERTIES
)
LINKS_NOT_COUNTED = (
    "links are not counted, because no API counts the people outside the school who use a shared file. This change "
    "ends these people's access at once. Look at the sharing reports in the SharePoint admin centre, and write in "
    "data.external_sharing `links_reviewed: {by: ROLE, on: DATE}`"
)


def closes(before: Settings, after: Settings) -> Mapping[str, str]:
    """Return the settings by which a change ends access from outside, with a warning that people are not counted."""
    closed: dict[str, str] = {}
    level, lower = str(before.get("sharing_level")), str(after.get("sharing_level"))
    if level in LEVELS and lower in LEVELS and LEVELS.index(lower) < LEVELS.index(level):
        closed["sharing_level"] = LINKS_NOT_COUNTED
    if after.get("restriction") == "allowList":
        if before.get("restriction") != "allowList":
            closed["restriction"] = LINKS_NOT_COUNTED
        elif set(entries(before.get("allowed_domains"))) - set(entries(after.get("allowed_domains"))):
            closed["allowed_domains"] = LINKS_NOT_COUNTED
    return closed


def _describe_opening(observed: Observed, settings: Settings) -> str | None:
    """Return a notice if a change allows more sharing, because such a change does not wait for a review."""
    level, higher = str(observed.settings.get("sharing_level")), str(settings.get("sharing_level"))
    wider = level in LEVELS and higher in LEVELS and LEVELS.index(higher) > LEVELS.index(level)
    return "this change allows more sharing. The tenant's present setting is stricter" if wider else None


def _patch_settings(via: Microsoft365, path: str, _before: Body, changed: Body) -> None:
    """Send the changed settings. An unset list is sent as an empty list, never as null."""
    via.graph.send(
        "PATCH", path, {name: [] if name == _DOMAINS and not value else value for name, value in changed.items()}
    )


KIND = Kind(
    name="sharing_setting",
    title="external sharing setting",
    plural="groups of settings",
    spec=SharingSetting,
    endpoint=GraphSettings(PROPERTIES, send=_patch_settings),
    reference="https://learn.microsoft.com/graph/api/resources/sharepointsettings",
    reach=Scale.TENANT,
    permissions=Permissions(
        read=(graph("SharePointTenantSettings.Read.All"),),
        write=(graph("SharePointTenantSettings.ReadWrite.All"),),
    ),
    settles=10.0,
    whole=False,
    fixed=True,
    sample="""\
- microsoft365.sharing_setting: guests
  guests_share_on: false
  invited_account_only: true
""",
    names=name_rules(PROPERTIES),
    lifecycle=Lifecycle(closes=closes, promotion=_describe_opening),
    names_there=lambda _via: list(by_object(PROPERTIES)),
    stops=ObjectEffects(area=EffectArea.FILES),
)
