"""Controls about data that leaves for others: sharing in Drive, which the console sets, and access of apps."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from connectors.google_workspace.checks.data.app_consent import MARKETPLACE, UNCONFIGURED
from connectors.google_workspace.checks.data.external_sharing import OTHERS
from connectors.google_workspace.controls.targets import console_setting, group_limit, in_words
from connectors.google_workspace.kinds.domain_allowlist import WITHOUT, DomainAllowlist
from toolkit.controls.third_parties import AppConsent, ExternalSharing
from toolkit.sdk import CloudControl, Contains, ControlContext, Part, Resource, checked, manual

_LEVELS: Final[Mapping[str, Mapping[str, Any]]] = {
    "no_one": {"external_sharing_mode": "DISALLOWED"},
    "existing_guests": {"external_sharing_mode": "ALLOWLISTED_DOMAINS", "allow_publishing_files": False},
    "guests_who_sign_in": {"external_sharing_mode": "ALLOWED", "allow_publishing_files": False},
    "anyone_with_the_link": {"external_sharing_mode": "ALLOWED"},
}
_SHARING = "Apps > Google Workspace > Drive and Docs > Sharing settings"
_OUTRANKED = "trust rules outrank it, and no API shows them"


def external_sharing(settings: ExternalSharing, context: ControlContext) -> Iterator[Part]:
    """Check what the console sets; the list of trusted domains is the one thing that an API takes."""
    links = console_setting("drive_and_docs.general_access_default", context, default_file_access="PRIVATE_TO_OWNER")
    yield _console_part("new files", "who can open a new file", links, context, f"{_SHARING} > General access default")
    if settings.level is not None:
        fields = dict(_LEVELS[settings.level])
        if settings.partner_domains and settings.level != "no_one":
            fields["external_sharing_mode"] = "ALLOWLISTED_DOMAINS"
        level = console_setting("drive_and_docs.external_sharing", context, **fields)
        yield _console_part(
            "level of sharing", "with whom files may be shared", level, context, f"{_SHARING} > Sharing options"
        )
    if settings.partner_domains:
        yield _partners(settings, context)
        yield checked(
            OTHERS,
            "domains on the list of trusted domains that the playbooks do not name",
            "toolkit adds domains and removes none of others: in the admin console, Account > Domains > Allowlisted "
            "domains",
        )


def _partners(settings: ExternalSharing, context: ControlContext) -> Part:
    role = context.school.roles.get(settings.pupils or "")
    unit = role.units.get("google_workspace") if role else None
    covers = "the domains with which units that share with a list may share"
    if not unit:
        return manual(
            "partner domains",
            covers,
            f"the role {settings.pupils} of the school file names no organisational unit on Google, so it is not known "
            "whether the list opens to pupils: name their unit, as /Pupils",
        )
    allowlist = DomainAllowlist(trusted_domains=Contains(contains=sorted(settings.partner_domains)))
    return Part(
        name="partner domains",
        covers=covers,
        limits=(
            "domains of others on the list stay",
            f"it is never written while {unit} or a unit below shares with it",
        ),
        resources=(Resource("domain_allowlist", WITHOUT + unit, allowlist),),
    )


def _console_part(name: str, covers: str, setting: Resource, context: ControlContext, place: str) -> Part:
    return checked(
        name,
        covers,
        f"no API sets it: in the admin console, {place}, for {in_words(context)}",
        _OUTRANKED,
        *group_limit(context),
        resources=(setting,),
    )


def app_consent(_settings: AppConsent, context: ControlContext) -> Iterator[Part]:
    """Check what the console sets for apps that no one configured; no API sets any of it."""
    console = "in the admin console, Security > Access and data control > API controls"
    yield checked(
        UNCONFIGURED,
        "which access apps get that the school did not configure",
        f"no API sets it: {console} > Settings > Unconfigured third-party apps, for {in_words(context)}",
        "what each app may read is not looked at, nor who let it in, which takes one request a person",
        *group_limit(context),
    )
    yield checked(
        MARKETPLACE,
        "which apps of the Marketplace people may install",
        "no API sets it: in the admin console, Apps > Google Workspace Marketplace apps > Settings",
        *group_limit(context),
    )
    yield manual(
        "configured apps",
        "which apps are trusted, limited or blocked, and that each is in the register of the school file",
        f"no API shows or sets it: {console} > Manage third-party app access",
    )


CONTROLS = (
    CloudControl("data.app_consent", app_consent),
    CloudControl("data.external_sharing", external_sharing),
)
