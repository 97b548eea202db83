"""With whom outside the school files of SharePoint and OneDrive may be shared: settings of the whole tenant."""

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
        "files can no longer be shared with people outside who are new",
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
        "Says with whom outside the school people may share files and sites.", effect=_LEVEL),
    TableProperty(
        "guests", "guests_share_on", _PATH, "isResharingByExternalUsersEnabled", bool, FLAG, True,
        "Says whether guests may share on what they do not own.",
        effect=Effect("guests can no longer share files of others", switches_off)),
    TableProperty(
        "guests", "invited_account_only", _PATH, "isRequireAcceptingUserToMatchInvitedUserEnabled", bool, FLAG, False,
        "Says whether an invitation opens for the account alone that was invited.",
        effect=Effect("invitations stop opening for other accounts", switches_on)),
    TableProperty(
        "domains", "restriction", _PATH, "sharingDomainRestrictionMode", Literal["none", "allowList", "blockList"],
        TEXT, "none", "Says whether a list of domains narrows sharing.", effect=_LISTED),
    TableProperty(
        "domains", "allowed_domains", _PATH, _DOMAINS, Listed | None, ADDRESSES, None,
        "Lists the domains with which files may be shared, where `restriction` is allowList.", ["partner.example"],
        nullable=True, effect=_FEWER),
)  # fmt: skip
SharingSetting = model_of(
    "SharingSetting", __name__, "Settings that SharePoint has once for the whole tenant, OneDrive included.", PROPERTIES
)
LINKS_NOT_COUNTED = (
    "links not counted: no API counts who outside the school uses a shared file, and what this closes stops for them "
    "at once; look at the sharing reports in the SharePoint admin centre, and write in data.external_sharing "
    "`links_reviewed: {by: ROLE, on: DATE}`"
)


def closes(before: Settings, after: Settings) -> Mapping[str, str]:
    """Return what a change closes to people outside, who are not counted."""
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


def _opens(observed: Observed, settings: Settings) -> str | None:
    """Say that a change shares with more people than today; it waits for no one, so that the plan has to say it."""
    level, higher = str(observed.settings.get("sharing_level")), str(settings.get("sharing_level"))
    wider = level in LEVELS and higher in LEVELS and LEVELS.index(higher) > LEVELS.index(level)
    return "this opens sharing: the tenant is stricter today" if wider else None


def _patch(via: Microsoft365, path: str, _before: Body, changed: Body) -> None:
    """Write the settings; a list that names no one is empty there, and never null."""
    via.graph.send(
        "PATCH", path, {name: [] if name == _DOMAINS and not value else value for name, value in changed.items()}
    )


KIND = Kind(
    name="sharing_setting",
    title="setting of sharing with outsiders",
    plural="groups of settings",
    spec=SharingSetting,
    endpoint=GraphSettings(PROPERTIES, send=_patch),
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
    lifecycle=Lifecycle(closes=closes, promotion=_opens),
    names_there=lambda _via: list(by_object(PROPERTIES)),
    stops=ObjectEffects(area=EffectArea.FILES),
)
