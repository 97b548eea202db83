"""The lock of a screen that nobody uses, on Chromebooks; how long web sessions last, the console holds."""

from connectors.google_workspace.controls.targets import chrome_policy, group_limit, in_words, stays
from toolkit.controls.identity.idle_lock import IdleLock
from toolkit.sdk.part import ControlContext, Level, Part, Realisation

EXCEPTS = PILOTS = True


def realise(wanted: IdleLock, context: ControlContext) -> Realisation:
    """Lock Chromebooks, and say where the length of a web session is set."""
    delay = f"{wanted.minutes} min"
    parts = [
        Part(
            name="Chromebooks",
            level=Level.ENFORCED,
            covers="the screen of Chromebooks, on mains and on battery",
            limits=("leave whatever drives a whiteboard out of the audience",),
            resources=(
                chrome_policy(
                    "users.IdleSettingsExtended",
                    context,
                    {"screen_lock_delay_ac": delay, "screen_lock_delay_battery": delay},
                ),
                chrome_policy("users.LockScreen", context, {"allow_screen_lock": True}),
            ),
            cannot=stays(context),
            pilots=True,
        )
    ]
    if wanted.web_minutes is not None and not context.scope.departs_from:
        parts.append(
            Part(
                name="web sessions",
                level=Level.MANUAL,
                covers="how long Gmail, Drive and the other web apps stay open in a browser",
                reason="no API sets it, and Google counts from sign-in, not from the last use: in the admin console, "
                f"Security > Access and data control > Google session control, for {in_words(context)}",
                limits=group_limit(context),
                needed=False,
            )
        )
    return Realisation(tuple(parts))
