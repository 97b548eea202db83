"""Settings of sign-in: passwords, sessions, 2-Step Verification, recovery."""

from connectors.google_workspace.kinds.policy_setting.rows import (
    Reducer,
    SettingType,
    duration,
    flag,
    instant,
    number,
    word,
)

_AUTHENTICATION = "Security > Authentication"
_ACCESS = "Security > Access and data control"
_TWO_STEPS = f"{_AUTHENTICATION} > 2-step verification"
_RECOVERY = flag("enable_account_recovery", "people may win back an account whose password is lost", False, False)

SECURITY = (
    SettingType(
        "security.password",
        "Passwords",
        f"{_AUTHENTICATION} > Password management",
        (
            word("allowed_strength", "Says which passwords are taken: strong ones, or weak ones too.", "STRONG",
                 "STRONG", "WEAK"),
            number("minimum_length", "Gives the fewest characters of a password.", 12),
            number("maximum_length", "Gives the most characters of a password.", 100),
            flag("enforce_requirements_at_login", "strength and length are asked for at the next sign-in too", True),
            flag("allow_reuse", "a password may be used again", False),
            duration("expiration_duration", "Says how long a password lasts; 0s is for ever.", "0s"),
        ),
    ),
    SettingType(
        "security.session_controls",
        "Sessions",
        f"{_ACCESS} > Google session control",
        (duration("web_session_duration", "Says how long a sign-in on the web lasts.", "43200s"),),
    ),
    SettingType(
        "security.two_step_verification_enrollment",
        "2-Step Verification: enrolment",
        _TWO_STEPS,
        (flag("allow_enrollment", "people may turn on 2-Step Verification", True, True),),
    ),
    SettingType(
        "security.two_step_verification_enforcement",
        "2-Step Verification: enforcement",
        _TWO_STEPS,
        (
            instant("enforced_from", "Says from when 2-Step Verification is compulsory; null: it is not.",
                    "2026-09-01T00:00:00Z"),
        ),
    ),
    SettingType(
        "security.two_step_verification_enforcement_factor",
        "2-Step Verification: methods",
        _TWO_STEPS,
        (
            word("allowed_sign_in_factor_set", "Says which methods count; NO_TELEPHONY leaves out texts and calls.",
                 "NO_TELEPHONY", "ALL", "NO_TELEPHONY", "PASSKEY_ONLY", "PASSKEY_PLUS_SECURITY_CODE",
                 "PASSKEY_PLUS_IP_BOUND_SECURITY_CODE", default="ALL"),
        ),
    ),
    SettingType(
        "security.two_step_verification_grace_period",
        "2-Step Verification: time for new people",
        _TWO_STEPS,
        (duration("enrollment_grace_period", "Says how long a new person has to enrol.", "604800s", "0s"),),
    ),
    SettingType(
        "security.two_step_verification_device_trust",
        "2-Step Verification: trusted devices",
        _TWO_STEPS,
        (flag("allow_trusting_device", "a device may be trusted, so that it is not asked again", False),),
    ),
    SettingType(
        "security.two_step_verification_sign_in_code",
        "2-Step Verification: backup codes",
        _TWO_STEPS,
        (
            duration("backup_code_exception_period",
                     "Says how long backup codes help a person for whom only passkeys count.", "0s"),
        ),
    ),
    SettingType(
        "security.login_challenges",
        "Login challenges",
        f"{_AUTHENTICATION} > Login challenges",
        (flag("enable_employee_id_challenge", "a doubtful sign-in is asked for the employee's number", False),),
    ),
    SettingType(
        "security.less_secure_apps",
        "Less secure apps",
        f"{_ACCESS} > Less secure apps",
        (flag("allow_less_secure_apps", "apps that sign in with the bare password are let in", False, False),),
        Reducer.MERGE,
    ),
    SettingType(
        "security.user_account_recovery",
        "Account recovery of people",
        f"{_AUTHENTICATION} > Account recovery",
        (_RECOVERY,),
        Reducer.MERGE,
    ),
    SettingType(
        "security.super_admin_account_recovery",
        "Account recovery of super administrators",
        f"{_AUTHENTICATION} > Account recovery",
        (_RECOVERY,),
        Reducer.MERGE,
    ),
    SettingType(
        "security.advanced_protection_program",
        "Advanced Protection Program",
        f"{_AUTHENTICATION} > Advanced Protection Program",
        (
            flag("enable_advanced_protection_self_enrollment", "people may enrol themselves", True),
            word("security_code_option", "Says whether, and from where, security codes stand in for a passkey.",
                 "CODES_NOT_ALLOWED", "ALLOWED_WITH_REMOTE_ACCESS", "ALLOWED_WITHOUT_REMOTE_ACCESS",
                 "CODES_NOT_ALLOWED"),
        ),
    ),
    SettingType(
        "security.passkeys_restriction",
        "Passkeys",
        f"{_AUTHENTICATION} > Passwordless",
        (word("allowed_passkeys_type", "Says which passkeys people may use.", "ALL"),),
    ),
)  # fmt: skip
