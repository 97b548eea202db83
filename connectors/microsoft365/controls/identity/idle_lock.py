"""The lock of a screen that nobody uses, on Windows and in the web apps."""

from connectors.microsoft365.controls.targets import assigned
from toolkit.controls.identity.idle_lock import IdleLock
from toolkit.sdk.part import ControlContext, Level, Part, Realisation, Resource

EXCEPTS = PILOTS = True


def realise(wanted: IdleLock, context: ControlContext) -> Realisation:
    """Lock computers, and sign people out of the web apps where that is asked for."""
    windows = Resource(
        "windows_configuration",
        f"School lock: {context.audience.name}",
        {
            "password_required": True,
            "password_minutes_of_inactivity_before_screen_timeout": wanted.minutes,
            **assigned(context),
        },
    )
    parts = [
        Part(
            name="Windows",
            level=Level.ENFORCED,
            covers="the screen of Windows computers that Intune manages",
            limits=("leave whatever drives a whiteboard out of the audience",),
            resources=(windows,),
            pilots=True,
        )
    ]
    if wanted.web_minutes is not None and not context.scope.departs_from:  # they are the same for the whole tenant
        parts.append(
            Part(
                name="web apps",
                level=Level.ENFORCED,
                covers="Outlook, SharePoint and the other web apps in a browser, for everybody in the tenant",
                needed=False,
                resources=(Resource("web_idle_timeout", "organisation", {"minutes": wanted.web_minutes}),),
            )
        )
    return Realisation(tuple(parts))
