"""Schemas of idle time, screen lock and how long a session lasts; durations are seconds unless a field says minutes."""

from connectors.emulator.google_workspace.chrome_policy.schema import (
    Field,
    PolicySchema,
    choice,
    duration,
    flag,
    number,
    unset_or,
)

_ACTIONS = ("SLEEP", "LOGOUT", "SHUTDOWN", "DO_NOTHING")
_MINUTES_OF_A_DAY, _DAYS_OF_A_YEAR = 1440, 365


def _on(power: str) -> tuple[Field, ...]:
    """Write what happens on one kind of power: Ac or Battery."""
    return (
        duration(f"idleDelay{power}", "Idle delay in seconds."),
        duration(f"idleWarningDelay{power}", "Idle warning delay in seconds."),
        choice(f"idleAction{power}", f"IdleAction{power}Enum", _ACTIONS, prefix=f"IDLE_ACTION_{power.upper()}_ENUM_"),
        duration(f"screenDimDelay{power}", "Screen dim delay in seconds."),
        duration(f"screenOffDelay{power}", "Screen off delay in seconds."),
        duration(
            f"screenLockDelay{power}", "Screen lock delay in seconds. Enter zero to never lock the screen on idle."
        ),
    )


_IDLE = (
    choice("lidCloseAction", "LidCloseActionEnum", _ACTIONS, prefix="LID_CLOSE_ACTION_ENUM_"),
    *_on("Ac"),
    *_on("Battery"),
    unset_or("lockOnSleepOrLidClose", "Lock screen on sleep or lid close."),
)
_POWER, _SECURITY = "Power and shutdown", "Security"

SESSIONS = (
    PolicySchema("chrome.users.IdleSettingsExtended", "Idle settings.", _POWER, _IDLE),
    PolicySchema("chrome.devices.managedguest.IdleSettingsExtended", "Idle settings.", _POWER, _IDLE, groups=False),
    PolicySchema(
        "chrome.users.LockScreen", "Lock screen.", _SECURITY, (flag("allowScreenLock"),),
        default={"allowScreenLock": True},
    ),
    PolicySchema(
        "chrome.users.SessionLengthV2", "Maximum user session length.", "Session settings",
        (duration("sessionDurationLimit", "Duration in minutes.", least=1, most=_MINUTES_OF_A_DAY),),
    ),
    PolicySchema(
        "chrome.devices.managedguest.SessionLengthV2", "Maximum managed guest session length.", "Session settings",
        (duration("sessionDurationLimit", "Duration in minutes.", least=1, most=_MINUTES_OF_A_DAY),), groups=False,
    ),
    PolicySchema(
        "chrome.users.GaiaOfflineSigninTimeLimitDays", "Google online login frequency.", _SECURITY,
        (number("gaiaOfflineSigninTimeLimitDays", "Days.", most=_DAYS_OF_A_YEAR),),
    ),
    PolicySchema(
        "chrome.users.GaiaLockScreenOfflineSigninTimeLimitDays", "Google online unlock frequency.", _SECURITY,
        (number("gaiaLockScreenOfflineSigninTimeLimitDays", "Days.", most=_DAYS_OF_A_YEAR),),
    ),
)  # fmt: skip
