"""Where apps and extensions may come from on Chromebooks and in Chrome."""

from connectors.google_workspace.controls.targets import chrome_policy, stays
from toolkit.controls.device.software_restriction import SoftwareRestriction
from toolkit.sdk.part import ControlContext, Level, Part, Realisation, Resource
from toolkit.values import Json

EXCEPTS = PILOTS = True


def realise(settings: SoftwareRestriction, context: ControlContext) -> Realisation:  # noqa: ARG001 - there is nothing to choose
    """Ask that apps and extensions come from those that somebody approved."""

    def policy(schema: str, **fields: Json) -> Resource:
        return chrome_policy(schema, context, fields)

    return Realisation(
        (
            Part(
                name="apps and extensions",
                level=Level.ENFORCED,
                covers="apps from Google Play on Chromebooks, and extensions of Chrome: only those that are approved",
                limits=("what is needed has to be approved in the console first",),
                cannot=stays(context),
                pilots=True,
                resources=(
                    policy(
                        "users.appsconfig.AllowedInstallSources",
                        play_store_install_sources="BLOCK_ALL_APPS",
                        chrome_web_store_install_sources="BLOCK_ALL_APPS_USER_EXTENSION_REQUESTS_ALLOWED",
                    ),
                    policy("users.appsconfig.BlockExternalExtensions", block_external_extensions=True),
                ),
            ),
        )
    )
