"""Controls for data that leaves the school: file sharing in Drive, which the console sets, and access by apps."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from connectors.google_workspace.checks.data.app_consent import MARKETPLACE, UNCONFIGURED
from connectors.google_workspace.checks.data.external_sharing import OTHERS
from connectors.google_workspace.controls.targets import console_setting, describe_place, group_limit
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
_OUTRANKED = "trust rules override this setting, and no API shows them"


def external_sharing_parts(settings: ExternalSharing, context: ControlContext) -> Iterator[Part]:
    """Yield the checks of the console's settings, and the trusted domains, which are all that an API can set."""
    links = console_setting("drive_and_docs.general_access_default", context, default_file_access="PRIVATE_TO_OWNER")
    yield _make_console_part(
        "new files", "who can open a new file", links, context, f"{_SHARING} > General access default"
    )
    if settings.level is not None:
        fields = dict(_LEVELS[settings.level])
        if settings.partner_domains and settings.level != "no_one":
            fields["external_sharing_mode"] = "ALLOWLISTED_DOMAINS"
        level = console_setting("drive_and_docs.external_sharing", context, **fields)
        yield _make_console_part(
            "level of sharing", "who files may be shared with", level, context, f"{_SHARING} > Sharing options"
        )
    if settings.partner_domains:
        yield _make_partners_part(settings, context)
        yield checked(
            OTHERS,
            "domains on the list of trusted domains that the playbooks do not name",
            "toolkit adds domains, but does not remove other domains. In the admin console, see Account > Domains > "
            "Allowlisted domains",
        )


def _make_partners_part(settings: ExternalSharing, context: ControlContext) -> Part:
    role = context.school.roles.get(settings.pupils or "")
    unit = role.units.get("google_workspace") if role else None
    covers = "trusted domains, for units that may share files only with listed domains"
    if not unit:
        return manual(
            "partner domains",
            covers,
            f"the role {settings.pupils} in the school file does not name an organisational unit on Google, so it is "
            "unknown whether pupils could share with the list. Add their unit, for example /Pupils",
        )
    allowlist = DomainAllowlist(trusted_domains=Contains(contains=sorted(settings.partner_domains)))
    return Part(
        name="partner domains",
        covers=covers,
        limits=(
            "other domains on the list stay",
            f"the list is not changed while {unit} or a unit below it shares with listed domains",
        ),
        resources=(Resource("domain_allowlist", WITHOUT + unit, allowlist),),
    )


def _make_console_part(name: str, covers: str, setting: Resource, context: ControlContext, place: str) -> Part:
    return checked(
        name,
        covers,
        f"no API sets this. In the admin console, {place}, for {describe_place(context)}",
        _OUTRANKED,
        *group_limit(context),
        resources=(setting,),
    )


def app_consent_parts(_settings: AppConsent, context: ControlContext) -> Iterator[Part]:
    """Yield the checks of the console's settings for unconfigured apps, which no API sets."""
    console = "in the admin console, Security > Access and data control > API controls"
    yield checked(
        UNCONFIGURED,
        "access of apps that the school did not configure",
        f"no API sets this: {console} > Settings > Unconfigured third-party apps, for {describe_place(context)}",
        "the data each app may read and the people who approved it are not checked, because that takes a request for "
        "each person",
        *group_limit(context),
    )
    yield checked(
        MARKETPLACE,
        "Marketplace apps that people may install",
        "no API sets this. In the admin console, Apps > Google Workspace Marketplace apps > Settings",
        *group_limit(context),
    )
    yield manual(
        "configured apps",
        "apps that are trusted, limited or blocked, each listed in the school file's register",
        f"no API shows or sets this: {console} > Manage third-party app access",
    )


CONTROLS = (
    CloudControl("data.app_consent", app_consent_parts),
    CloudControl("data.external_sharing", external_sharing_parts),
)
