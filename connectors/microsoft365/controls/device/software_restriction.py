"""Where software may come from, on Windows, iPads and Android."""

from connectors.microsoft365.controls.targets import assigned
from toolkit.controls.device.software_restriction import SoftwareRestriction
from toolkit.sdk.part import ControlContext, Level, Part, Realisation, Resource
from toolkit.values import Json

EXCEPTS = PILOTS = True


def realise(settings: SoftwareRestriction, context: ControlContext) -> Realisation:  # noqa: ARG001 - there is nothing to choose
    """Close the ways by which software comes past the stores."""
    name, target = f"School software: {context.audience.name}", assigned(context)

    def part(title: str, kind: str, covers: str, closed: dict[str, Json], *, needed: bool = True) -> Part:
        resource = Resource(kind, name, {**closed, **target})
        return Part(name=title, level=Level.ENFORCED, covers=covers, resources=(resource,), needed=needed, pilots=True)

    return Realisation(
        (
            part(
                "Windows",
                "windows_configuration",
                "apps from outside the Store, and developer mode, on Windows computers that Intune manages",
                {
                    "apps_allow_trusted_apps_sideloading": "blocked",
                    "developer_unlock_setting": "blocked",
                    "smart_screen_enable_app_install_control": True,
                },
            ),
            Part(
                name="local administrators",
                level=Level.MANUAL,
                covers="programs that an administrator of the computer installs",
                reason="toolkit does not see who is one: Intune > Endpoint security > Account protection",
            ),
            part(
                "iPhone and iPad",
                "ios_configuration",
                "apps that a company signs itself",
                {"enterprise_app_block_trust": True},
                needed=False,
            ),
            part(
                "Android",
                "android_fully_managed_configuration",
                "apps from unknown sources on Android devices that the school manages whole",
                {"apps_allow_install_from_unknown_sources": False},
                needed=False,
            ),
        )
    )
