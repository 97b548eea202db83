"""Controls about accounts, sign-in, groups and roles: screen locks, second factors and passwords."""

from collections.abc import Iterator

from connectors.microsoft365.checks.identity.no_shared_accounts import MAILBOXES
from connectors.microsoft365.checks.identity.signin_restriction import JOINERS
from connectors.microsoft365.controls.targets import assignment_of
from connectors.microsoft365.kinds.password_expiry import PasswordExpiry
from connectors.microsoft365.kinds.web_idle_timeout import WebIdleTimeout
from connectors.microsoft365.kinds.windows_configuration import WindowsConfiguration
from toolkit.controls.access import OUTSIDE, OWNERS, GroupsAndRoles, members_parts, role_parts
from toolkit.controls.device_protection import SigninRestriction
from toolkit.controls.identity import IdleLock, Mfa, PasswordPolicy
from toolkit.controls.second_factor import ADMINISTRATORS, ENFORCED, REGISTERED
from toolkit.controls.shared_accounts import NoSharedAccounts, account_names_part
from toolkit.sdk import EVERY, CloudControl, ControlContext, Level, Part, Resource, checked, manual


def groups_and_roles_parts(control: GroupsAndRoles, _: ControlContext) -> Iterator[Part]:
    """Yield the checks of administrators, partner organisations, and the members of restricted groups."""
    yield from role_parts(
        "eligible roles in PIM, and roles limited to an administrative unit, are not checked",
        "custom roles, Exchange roles, and apps with a role are not checked",
    )
    yield checked(
        OUTSIDE,
        "organisations that may administer the tenant, such as the local authority (GDAP)",
        "`toolkit check` lists service providers. Only the Microsoft 365 admin centre shows their roles and the people "
        "who have them, under Settings > Partner relationships",
    )
    yield checked(
        OWNERS,
        "guests who own a group or a team, and so decide who its members are",
        "`toolkit check` compares these guests with `guest_owners` and removes no one",
        "Graph does not show the owners of groups from Exchange or of synchronised groups",
    )
    yield from members_parts(control, "microsoft365", "apps and devices in a group are not compared")


_REQUIRED_LENGTH = 8  # Entra requires this many characters for every cloud account


def idle_lock_parts(control: IdleLock, context: ControlContext) -> Iterator[Part]:
    """Yield the screen lock of computers, and the idle timeout of web apps if the control has such a timeout."""
    windows = WindowsConfiguration(
        password_required=True,
        password_minutes_of_inactivity_before_screen_timeout=control.minutes,
        **assignment_of(context),
    )
    yield Part(
        name="Windows",
        covers="the screen of Windows computers that Intune manages",
        limits=("leave computers that drive a whiteboard out of the audience",),
        resources=(Resource("windows_configuration", f"School lock: {context.audience.name}", windows),),
        pilots=True,
    )
    if (
        control.web_minutes is not None and not context.scope.departs_from
    ):  # web apps have one setting for the whole tenant
        yield Part(
            name="web apps",
            covers="Outlook, SharePoint and the other web apps in a browser, for everyone in the tenant",
            needed=False,
            resources=(Resource("web_idle_timeout", "organisation", WebIdleTimeout(minutes=control.web_minutes)),),
        )


def mfa_parts(_settings: Mfa, _: ControlContext) -> Iterator[Part]:
    """Yield the checks of registrations, security defaults and Conditional Access.

    toolkit only reads these settings, because a mistake in a change could lock everyone out.
    """
    counts = "`toolkit check` counts people, and toolkit never changes how they sign in"
    yield checked(
        REGISTERED,
        "who has registered a method that the school allows, from a report that is some hours old",
        counts,
        "the report needs Entra ID P1. Without it, registrations are unknown",
    )
    yield checked(
        ENFORCED,
        "who is asked for a second factor, by security defaults or an enabled Conditional Access policy",
        counts,
        "per-user multi-factor authentication is not checked",
        "guests are counted like members",
    )
    yield checked(
        ADMINISTRATORS,
        "everyone with a directory role, even if the control does not apply to them",
        counts,
        "a person with an eligible role is counted only while the role is active",
    )


def no_shared_accounts_parts(_settings: NoSharedAccounts, _: ControlContext) -> Iterator[Part]:
    """Yield the checks for shared mailboxes that can sign in, and for accounts that are named after a place."""
    yield checked(
        MAILBOXES,
        "accounts of shared mailboxes, rooms and equipment that can sign in",
        (
            "`toolkit check` lists these accounts. toolkit does not block them, because people may still sign in with "
            "their passwords"
        ),
        "mailboxes in the school's own Exchange server are not checked",
    )
    yield account_names_part()


def signin_restriction_parts(_settings: SigninRestriction, _: ControlContext) -> Iterator[Part]:
    """Yield the policy that blocks private Microsoft accounts on computers.

    toolkit never sets who may sign in to Windows.
    """
    windows = WindowsConfiguration(microsoft_account_blocked=True, assigned_to=["all devices"])
    yield Part(
        name="private accounts on Windows",
        covers="private Microsoft accounts on Windows computers that Intune manages",
        limits=(
            "toolkit never writes who may sign in to Windows, because a mistake would lock everyone out",
            "sign-in hours are not restricted, so staff may sign in at any time",
        ),
        resources=(Resource("windows_configuration", "School sign-in", windows),),
    )
    yield manual(
        "guest account of Windows",
        "sign-in to a Windows computer without an account",
        "toolkit does not write this setting. In Intune, Devices > Configuration > Settings catalogue > Local Policies "
        "Security Options > Accounts Enable Guest Account Status, choose Disable",
    )
    yield checked(
        JOINERS,
        "people who may join a computer to the school's tenant, with an account that can then sign in to it",
        "`toolkit check` reads the setting. toolkit never writes it. In Entra, Devices > Device settings > Users may "
        "join devices to Microsoft Entra, choose Selected",
        "the members of selected groups are not checked",
    )


def password_policy_parts(control: PasswordPolicy, context: ControlContext) -> Iterator[Part]:
    """Yield Entra's fixed password length, and the maximum age of passwords if the control sets one."""
    synced_count = sum(person.is_synced for person in context.audience.people)
    enough = control.length <= _REQUIRED_LENGTH
    yield Part(
        name="length",
        level=Level.CHECKED if enough else Level.UNAVAILABLE,
        covers="passwords of cloud accounts",
        always=enough,
        reason=f"Entra requires {_REQUIRED_LENGTH} characters in every password, which cannot be changed"
        + ("" if enough else f", so {control.length} is not possible"),
        for_governors=f"Microsoft requires {_REQUIRED_LENGTH} characters in every password and offers no other number"
        + ("" if enough else f", so the school's minimum of {control.length} is not enforced"),
        limits=(
            "in school tenants, Microsoft does not require a mix of letters, numbers and special characters",
            *(
                [f"{synced_count} accounts follow the school's own directory, because they are synchronised"]
                if synced_count
                else []
            ),
        ),
    )
    if control.composition == "policy_literal":
        yield Part(
            name="characters",
            level=Level.UNAVAILABLE,
            covers="the characters of a password",
            reason="Microsoft does not require a mix of letters, numbers and special characters in schools",
            for_governors="Microsoft cannot require a mix of letters, numbers and special characters in schools",
        )
    if control.expires_after_days is not None:
        age = PasswordExpiry(valid_for_days=control.expires_after_days)
        yield Part(
            name="age",
            covers="the age at which a password must be changed, for every domain of the tenant",
            needed=False,
            resources=(Resource("password_expiry", EVERY, age),),
        )


CONTROLS = (
    CloudControl("identity.idle_lock", idle_lock_parts, excepts=True, pilots=True),
    CloudControl("identity.mfa", mfa_parts),
    CloudControl("identity.no_shared_accounts", no_shared_accounts_parts),
    CloudControl("identity.signin_restriction", signin_restriction_parts),
    CloudControl("identity.password_policy", password_policy_parts),
    CloudControl("access.groups_and_roles", groups_and_roles_parts),
)
