"""Controls about accounts, sign-in, groups and roles: the lock of idle screens, second factors and passwords."""

from collections.abc import Iterator

from connectors.microsoft365.checks.identity.no_shared_accounts import MAILBOXES
from connectors.microsoft365.controls.targets import assign
from connectors.microsoft365.kinds.password_expiry import PasswordExpiry
from connectors.microsoft365.kinds.web_idle_timeout import WebIdleTimeout
from connectors.microsoft365.kinds.windows_configuration import WindowsConfiguration
from toolkit.controls.access import OUTSIDE, OWNERS, GroupsAndRoles, members_parts, role_parts
from toolkit.controls.device_protection import SigninRestriction
from toolkit.controls.identity import IdleLock, Mfa, PasswordPolicy
from toolkit.controls.second_factor import ADMINISTRATORS, ENFORCED, REGISTERED
from toolkit.controls.shared_accounts import NoSharedAccounts, named_part
from toolkit.sdk import EVERY, CloudControl, ControlContext, Level, Part, Resource, checked, manual


def groups_and_roles(control: GroupsAndRoles, _: ControlContext) -> Iterator[Part]:
    """Compare administrators, organisations that administer the tenant, and restricted groups."""
    yield from role_parts(
        "a role that PIM lets a person take for some hours is not seen, nor one for an administrative unit alone",
        "roles that the school made, those of Exchange alone, and apps that have a role are not seen",
    )
    yield checked(
        OUTSIDE,
        "organisations that may administer the tenant, such as the local authority (GDAP)",
        "`toolkit check` lists service providers; which roles each has, and who has them there, only the Microsoft 365 "
        "admin centre shows, under Settings > Partner relationships",
    )
    yield checked(
        OWNERS,
        "guests who own a group or a team, and so decide who is in it",
        "`toolkit check` compares them with `guest_owners`; no one is taken out",
        "Graph shows no owners of groups that Exchange made, nor of synced ones",
    )
    yield from members_parts(control, "microsoft365", "apps and devices that are in a group are not compared")


_REQUIRED_LENGTH = 8  # characters that Entra asks of every password of a cloud account


def idle_lock(control: IdleLock, context: ControlContext) -> Iterator[Part]:
    """Lock computers, and sign people out of the web apps where that is asked for."""
    windows = WindowsConfiguration(
        password_required=True,
        password_minutes_of_inactivity_before_screen_timeout=control.minutes,
        **assign(context),
    )
    yield Part(
        name="Windows",
        covers="the screen of Windows computers that Intune manages",
        limits=("leave whatever drives a whiteboard out of the audience",),
        resources=(Resource("windows_configuration", f"School lock: {context.audience.name}", windows),),
        pilots=True,
    )
    if control.web_minutes is not None and not context.scope.departs_from:  # they are the same for the whole tenant
        yield Part(
            name="web apps",
            covers="Outlook, SharePoint and the other web apps in a browser, for everybody in the tenant",
            needed=False,
            resources=(Resource("web_idle_timeout", "organisation", WebIdleTimeout(minutes=control.web_minutes)),),
        )


def mfa(_settings: Mfa, _: ControlContext) -> Iterator[Part]:
    """Check registrations, security defaults and Conditional Access; a mistake there would lock everybody out."""
    counts = "`toolkit check` counts, and toolkit never changes how people sign in"
    yield checked(
        REGISTERED,
        "a method that the school lets count, by a report that is some hours old",
        counts,
        "the report needs Entra ID P1; without it nothing is known of who has registered",
    )
    yield checked(
        ENFORCED,
        "security defaults, and every policy of Conditional Access that is on",
        counts,
        "multi-factor authentication that was turned on person by person is not seen",
        "guests count as members do",
    )
    yield checked(
        ADMINISTRATORS,
        "everyone who has a role of the directory, for any role of the control",
        counts,
        "a person who can activate a role and has not done so is not seen",
    )


def no_shared_accounts(_settings: NoSharedAccounts, _: ControlContext) -> Iterator[Part]:
    """List shared mailboxes that can sign in, and accounts by their names."""
    yield checked(
        MAILBOXES,
        "accounts of shared mailboxes, rooms and equipment that can sign in",
        "`toolkit check` lists them; none is blocked: where people still use such a password, blocking it stops them",
        "a mailbox that only Exchange in the school's own building has is not seen",
    )
    yield named_part()


def signin_restriction(_settings: SigninRestriction, _: ControlContext) -> Iterator[Part]:
    """Block private Microsoft accounts on computers; who may sign in to Windows is never written."""
    windows = WindowsConfiguration(microsoft_account_blocked=True, assigned_to=["all devices"])
    yield Part(
        name="private accounts on Windows",
        covers="private Microsoft accounts on Windows computers that Intune manages",
        limits=(
            "toolkit never writes the list of those who may sign in to Windows: a mistake would lock everyone out",
            "no hours are set: staff may sign in at any time",
        ),
        resources=(Resource("windows_configuration", "School sign-in", windows),),
    )
    yield manual(
        "guest account of Windows",
        "sign-in to a Windows computer without an account",
        "toolkit does not write it: in Intune, Devices > Configuration > Settings catalogue > Local Policies Security "
        "Options > Accounts Enable Guest Account Status: Disable",
    )
    yield manual(
        "who may join computers",
        "who may join a computer to the school's tenant, with an account that can then sign in to it",
        "toolkit does not write it: in Entra, Devices > Device settings > Users may join devices to Microsoft Entra: "
        "Selected",
    )


def password_policy(control: PasswordPolicy, context: ControlContext) -> Iterator[Part]:
    """Return what Entra always asks, which no one can change, and set the age where one is wanted."""
    synced = sum(person.is_synced for person in context.audience.people)
    enough = control.length <= _REQUIRED_LENGTH
    yield Part(
        name="length",
        level=Level.CHECKED if enough else Level.UNAVAILABLE,
        covers="passwords of cloud accounts",
        always=enough,
        reason=f"Entra asks for {_REQUIRED_LENGTH} characters of every password, and no one can change that"
        + ("" if enough else f"; {control.length} is not possible"),
        for_governors=f"Microsoft asks for {_REQUIRED_LENGTH} characters of every password, and no one can change that"
        + ("" if enough else f"; {control.length} is not possible"),
        limits=(
            "whether letters, numbers and special characters are mixed is not asked in tenants of schools",
            *([f"{synced} of the accounts are synced: theirs is the school's own directory"] if synced else []),
        ),
    )
    if control.composition == "policy_literal":
        yield Part(
            name="characters",
            level=Level.UNAVAILABLE,
            covers="of what a password is made",
            reason="Microsoft does not ask schools' passwords to mix letters, numbers and special characters",
            for_governors="Microsoft cannot ask for a mix of letters, numbers and special characters in schools",
        )
    if control.expires_after_days is not None:
        age = PasswordExpiry(valid_for_days=control.expires_after_days)
        yield Part(
            name="age",
            covers="after how long a password has to be changed, for every domain of the tenant",
            needed=False,
            resources=(Resource("password_expiry", EVERY, age),),
        )


CONTROLS = (
    CloudControl("identity.idle_lock", idle_lock, excepts=True, pilots=True),
    CloudControl("identity.mfa", mfa),
    CloudControl("identity.no_shared_accounts", no_shared_accounts),
    CloudControl("identity.signin_restriction", signin_restriction),
    CloudControl("identity.password_policy", password_policy),
    CloudControl("access.groups_and_roles", groups_and_roles),
)
