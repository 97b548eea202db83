"""Removable storage, closed on Windows and on Android devices that the school manages whole."""

from connectors.microsoft365.controls.targets import assigned
from toolkit.controls.device.removable_storage import RemovableStorage
from toolkit.sdk.part import ControlContext, Level, Part, Realisation, Resource

EXCEPTS = PILOTS = True


def realise(settings: RemovableStorage, context: ControlContext) -> Realisation:  # noqa: ARG001 - Intune knows closed or open
    """Close it; Intune's general settings know no reading alone."""
    where = context.audience.name
    windows = Resource(
        "windows_configuration",
        f"School storage: {where}",
        {"storage_block_removable_storage": True, **assigned(context)},
    )
    android = Resource(
        "android_fully_managed_configuration",
        f"School storage: {where}",
        {"storage_block_external_media": True, "storage_block_usb_file_transfer": True, **assigned(context)},
    )
    return Realisation(
        (
            Part(
                name="Windows",
                level=Level.ENFORCED,
                covers="sticks, cards and external disks on Windows computers that Intune manages",
                limits=("read_only is closed there too",),
                resources=(windows,),
                pilots=True,
            ),
            Part(
                name="Android",
                level=Level.ENFORCED,
                covers="cards and USB on Android devices that the school manages whole",
                needed=False,
                resources=(android,),
                pilots=True,
            ),
            Part(
                name="Mac",
                level=Level.MANUAL,
                covers="sticks and disks on Macs",
                reason="toolkit does not write that setting: Intune > Devices > macOS > Settings catalogue > "
                "Restrictions > External storage",
                needed=False,
            ),
        )
    )
