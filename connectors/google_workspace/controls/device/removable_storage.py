"""Removable storage, closed on Chromebooks and left to people elsewhere."""

from connectors.google_workspace.controls.targets import chrome_policy, stays
from toolkit.controls.device.removable_storage import RemovableStorage
from toolkit.sdk.part import ControlContext, Level, Part, Realisation

EXCEPTS = PILOTS = True


def realise(wanted: RemovableStorage, context: ControlContext) -> Realisation:
    """Set what Chromebooks do with sticks and cards."""
    word = {"block": "DISALLOW", "read_only": "READ_ONLY"}[wanted.act]
    policy = chrome_policy("users.ExternalStorage", context, {"external_storage_devices": word})
    return Realisation(
        (
            Part(
                name="Chromebooks",
                level=Level.ENFORCED,
                covers="sticks, cards and external disks on Chromebooks",
                resources=(policy,),
                cannot=stays(context),
                pilots=True,
            ),
        )
    )
