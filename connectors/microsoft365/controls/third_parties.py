"""Controls about data that leaves the school: sharing in SharePoint and OneDrive, and access by apps."""

from collections.abc import Iterator, Mapping
from typing import Final

from connectors.microsoft365.kinds.consent_setting import ConsentSetting
from connectors.microsoft365.kinds.sharing_setting import SharingSetting
from toolkit.controls.third_parties import KNOWN, AppConsent, ExternalSharing, reason_too_early
from toolkit.sdk import CloudControl, ControlContext, Part, Resource, Spec, checked, manual

_LEVELS: Final[Mapping[str, str]] = {
    "no_one": "disabled",
    "existing_guests": "existingExternalUserSharingOnly",
    "guests_who_sign_in": "externalUserSharingOnly",
    "anyone_with_the_link": "externalUserAndGuestSharing",
}
_NOT_COUNTED = "links are not counted, because no API shows which links people outside the school use"
_CENTRE = "In the SharePoint admin centre, Policies > Sharing"


def external_sharing_parts(control: ExternalSharing, _: ControlContext) -> Iterator[Part]:
    """Yield the default type of links, which an app cannot set, and then the settings for sharing."""
    yield manual(
        "new links",
        "the default access that a new link in SharePoint or OneDrive gives",
        f"an app could set this only with access to every file. {_CENTRE} > File and folder links, choose "
        "only people in your organisation, with view. Links for anyone must expire within "
        f"{control.links_expire_after_days} days. OneDrive's own level is there too",
    )
    reviewed = {} if control.links_reviewed is None else dict.fromkeys(("sharing_level", "restriction"), "")
    if control.level is not None:
        level = SharingSetting.model_validate({"sharing_level": _LEVELS[control.level]})
        yield _make_sharing_part("level of sharing", "who files and sites may be shared with", level, "level", reviewed)
    guests = SharingSetting.model_validate({"guests_share_on": control.guests_share_on, "invited_account_only": True})
    yield _make_sharing_part(
        "guests",
        "whether guests may reshare, and may accept an invitation with a different account",
        guests,
        "guests",
        {},
    )
    if control.partner_domains:
        domains = SharingSetting.model_validate(
            {"restriction": "allowList", "allowed_domains": sorted(control.partner_domains)}
        )
        reviewed = {**reviewed, **({"allowed_domains": ""} if reviewed else {})}
        yield _make_sharing_part(
            "partner domains", "the domains with which files may be shared", domains, "domains", reviewed
        )


def _make_sharing_part(name: str, covers: str, spec: Spec, object_name: str, reviewed: Mapping[str, str]) -> Part:
    return Part(
        name=name,
        covers=f"{covers}, in the whole tenant",
        limits=(_NOT_COUNTED, "sites and OneDrive can be stricter, which is not checked"),
        resources=(Resource("sharing_setting", object_name, spec, reviewed=reviewed),),
    )


def app_consent_parts(control: AppConsent, context: ControlContext) -> Iterator[Part]:
    """Yield the reviewers of requests, then the settings that stop people giving access to apps or registering apps."""
    yield _make_request_part(control, context)
    early = reason_too_early(context.school.calendar, context.now)
    yield _make_consent_part(
        "consent of people",
        "whether people may give apps access to their own account",
        ConsentSetting.model_validate({"users_allow": "nothing"}),
        "user_consent",
        {"users_allow": early},
    )
    apps = ConsentSetting.model_validate({"users_register_apps": False, "risky_apps": False})
    yield _make_consent_part(
        "registration of apps",
        "whether people may register apps, or give access to risky apps",
        apps,
        "app_registration",
    )
    yield checked(
        KNOWN,
        "other suppliers' apps in the tenant, compared with the register in the school file",
        "`toolkit check` names the apps that are not in the register",
        "the permissions of each app are not checked",
    )
    yield manual(
        "apps in Teams and Outlook",
        "apps that people add in Teams, Outlook add-ins, and other suppliers' storage in Outlook on the web",
        "toolkit cannot block these apps, because Microsoft does not let an app change the settings. In the Teams "
        "admin centre, Teams apps > Permission policies, and in the Microsoft 365 admin centre, Settings > "
        "Integrated apps",
    )


def _make_request_part(control: AppConsent, context: ControlContext) -> Part:
    covers = "who decides on requests for apps"
    role = context.school.roles.get(control.reviewers)
    group = role.groups.get("microsoft365") if role else None
    if group is None:
        reason = f"the role {control.reviewers} in the school file has no group on Microsoft 365. Add a group"
        return manual("requests for apps", covers, reason)
    settings = {"requests_on": True, "reviewers": [group], "reviewers_notified": True, "reviewers_reminded": True}
    requests = ConsentSetting.model_validate({**settings, "request_days": control.request_days})
    return _make_consent_part("requests for apps", covers, requests, "consent_requests")


def _make_consent_part(name: str, covers: str, spec: Spec, object_name: str, reviewed: Mapping[str, str] = {}) -> Part:
    resource = Resource("consent_setting", object_name, spec, reviewed=reviewed)
    return Part(name=name, covers=f"{covers}, in the whole tenant", resources=(resource,))


CONTROLS = (
    CloudControl("data.app_consent", app_consent_parts),
    CloudControl("data.external_sharing", external_sharing_parts),
)
