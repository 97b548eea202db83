"""The control for USB sticks and memory cards."""

from typing import Literal

from pydantic import Field

from toolkit.controls.control import Control, ControlSettings


class RemovableStorage(ControlSettings):
    """Whether users may read or write removable storage."""

    act: Literal["block", "read_only"] = Field(
        default="block",
        description="block: they are not shown at all; read_only: they can be read, not written, where a cloud "
        "knows that (Chromebooks).",
    )


CONTROL = Control(
    name="device.removable_storage",
    title="Limits on USB sticks and memory cards",
    clauses=("SEC-16", "SYS-15"),
    settings=RemovableStorage,
)
