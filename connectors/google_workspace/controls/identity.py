"""Controls for accounts, sign-in, groups and roles: screen lock, 2-Step Verification and passwords."""

from collections.abc import Iterator, Sequence

from connectors.google_workspace.checks.identity.mfa import SETTING
from connectors.google_workspace.checks.identity.signin_restriction import DOMAINS, OTHERS, UNITS
from connectors.google_workspace.controls.targets import (
    chrome_policy,
    console_setting,
    describe_place,
    exempt_group_limits,
    group_limit,
)
from connectors.google_workspace.kinds.chrome_policy.spec import ChromePolicy
from connectors.google_workspace.kinds.member_restriction import TERMS, MemberRestriction
from toolkit.controls.access import GroupsAndRoles, members_parts, role_parts
from toolkit.controls.device_protection import SigninRestriction
from toolkit.controls.identity import IdleLock, Mfa, PasswordPolicy
from toolkit.controls.second_factor import ADMINISTRATORS, ENFORCED, REGISTERED
from toolkit.controls.shared_accounts import NoSharedAccounts, account_names_part
from toolkit.sdk import UNSAID, CloudControl, ControlContext, Level, Part, Resource, Spec, checked, manual


def groups_and_roles_parts(settings: GroupsAndRoles, _: ControlContext) -> Iterator[Part]:
    """Yield the checks of super administrators, delegated administrators and restricted groups."""
    yield from role_parts("a group's role is visible only if the directory marks the group's members")
    unseen = "members of shared drives are not checked, because that needs access to every file"
    yield from members_parts(settings, "google_workspace", unseen)
    ruled = {group.group: group.members_only for group in settings.groups_on("google_workspace") if group.members_only}
    if ruled:
        yield Part(
            name="rules for members of restricted groups",
            covers="no one can add outside accounts, or members that are not people",
            limits=(
                "members who break the rule stay in the group, and the plan names the group",
                (
                    "such rules need Education Standard, Education Plus or some other editions. Education Fundamentals "
                    "does not have them"
                ),
                "the rules are not set for dynamic groups. A rule about people also prevents groups from being added",
            ),
            resources=tuple(_make_membership_rule(group, words) for group, words in ruled.items()),
        )


def _make_membership_rule(group: str, terms: Sequence[str]) -> Resource:
    rule = " && ".join(term for word, term in TERMS.items() if word in terms)
    return Resource("member_restriction", group, MemberRestriction(rule=rule))


_DAY = 24 * 60 * 60
_COUNTS = "`toolkit check` counts"


def idle_lock_parts(settings: IdleLock, context: ControlContext) -> Iterator[Part]:
    """Yield the policy that locks idle Chromebooks, and a manual step for the length of a web session."""
    delay = f"{settings.minutes} min"
    yield Part(
        name="Chromebooks",
        covers="the screen of Chromebooks, on mains and on battery",
        limits=("exclude devices that run a whiteboard from the audience",),
        resources=(
            chrome_policy(
                "users.IdleSettingsExtended", context, screen_lock_delay_ac=delay, screen_lock_delay_battery=delay
            ),
            chrome_policy("users.LockScreen", context, allow_screen_lock=True),
        ),
        cannot=exempt_group_limits(context),
        pilots=True,
    )
    if settings.web_minutes is not None and not context.scope.departs_from:
        yield manual(
            "web sessions",
            "how long Gmail, Drive and the other web apps stay open in a browser",
            "no API sets this, and Google counts from sign-in, not from the last use. In the admin console, "
            f"Security > Access and data control > Google session control, for {describe_place(context)}",
            *group_limit(context),
            needed=False,
        )


def mfa_parts(_settings: Mfa, context: ControlContext) -> Iterator[Part]:
    """Yield the check of each account, and the check of the unit's setting, which no API can change."""
    accounts = "2-Step Verification, account by account"
    other_service = "if people sign in through another service, its second factor applies and is not checked"
    yield checked(REGISTERED, accounts, _COUNTS, other_service)
    yield checked(ENFORCED, accounts, _COUNTS)
    yield checked(
        SETTING,
        "from when 2-Step Verification is compulsory",
        "no API sets this. In the admin console, Security > Authentication > 2-step verification, for "
        f"{describe_place(context)}",
        *group_limit(context),
    )
    yield checked(
        ADMINISTRATORS,
        "super administrators and delegated administrators, even if the control does not apply to them",
        _COUNTS,
    )


def no_shared_accounts_parts(_settings: NoSharedAccounts, _: ControlContext) -> Iterator[Part]:
    """Yield the check of accounts whose names suggest that people share them.

    A collaborative inbox can replace them.
    """
    yield account_names_part()


def signin_restriction_parts(settings: SigninRestriction, context: ControlContext) -> Iterator[Part]:
    """Yield the policies that block guests, and accounts that are not listed, on Chromebooks.

    Entries that others added to the list are kept.
    """
    allowed = settings.allowed_sign_ins(context.school.domains)
    guests = ChromePolicy.model_validate({"guest_mode_enabled": False})
    listed = ChromePolicy.model_validate(
        {"device_allow_new_users": "RESTRICTED_LIST", "user_allowlist": {"contains": allowed}}
    )

    def at_units(schema: str, policy: Spec) -> tuple[Resource, ...]:
        return tuple(Resource("chrome_policy", f"{schema} @ {unit}", policy) for unit in settings.device_units)

    yield Part(
        name="guests on Chromebooks",
        covers="sign-in to a Chromebook without an account",
        resources=at_units("devices.GuestMode", guests),
    )
    yield Part(
        name="accounts on Chromebooks",
        covers=f"sign-in to a Chromebook with an account that is not on the list: {', '.join(allowed)}",
        limits=(
            "existing entries stay on the list",
            "exam kiosks have no sign-in, and are not affected",
            "no hours are set, so staff may sign in at any time",
        ),
        resources=at_units("devices.SignInRestriction", listed),
    )
    yield checked(DOMAINS, "verified domains of the tenant that the list leaves out", _COUNTS)
    yield checked(OTHERS, "entries of the list that the playbooks do not name", _COUNTS)
    yield checked(UNITS, "Chromebooks in units that the playbooks do not name", _COUNTS)
    yield manual(
        "managed guest sessions",
        "sessions that anyone can open on a Chromebook without an account, such as at a reception",
        (
            "toolkit does not write these settings. In the admin console, Devices > Chrome > Settings > Managed guest "
            "sessions"
        ),
    )


def password_policy_parts(settings: PasswordPolicy, context: ControlContext) -> Iterator[Part]:
    """Yield the check of the console's password rule, which no API can change."""
    days = 0 if settings.expires_after_days == "never" else settings.expires_after_days
    rule = console_setting(
        "security.password",
        context,
        minimum_length=settings.length,
        allowed_strength="STRONG" if settings.strong else UNSAID,
        expiration_duration=UNSAID if days is None else f"{days * _DAY}s",
    )
    yield checked(
        "password rule",
        "passwords of Google accounts",
        "no API sets this. In the admin console, Security > Authentication > Password management, for "
        f"{describe_place(context)}",
        "if people sign in through another service, its passwords apply and are not checked",
        *group_limit(context),
        resources=(rule,),
    )
    if settings.composition == "policy_literal":
        yield Part(
            name="characters",
            level=Level.UNAVAILABLE,
            covers="characters that a password must contain",
            reason="Google measures how hard a password is to guess, and cannot require letters, numbers and special "
            "characters",
            for_governors="Google judges how hard a password is to guess, and cannot require letters, numbers and "
            "special characters",
        )


CONTROLS = (
    CloudControl("identity.idle_lock", idle_lock_parts, excepts=True, pilots=True),
    CloudControl("identity.mfa", mfa_parts),
    CloudControl("identity.no_shared_accounts", no_shared_accounts_parts),
    CloudControl("identity.signin_restriction", signin_restriction_parts),
    CloudControl("identity.password_policy", password_policy_parts),
    CloudControl("access.groups_and_roles", groups_and_roles_parts),
)
