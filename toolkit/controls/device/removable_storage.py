"""Sticks and cards do not carry the school's data away."""

from typing import Literal

from pydantic import Field

from toolkit.controls.control import Control, ControlSettings


class RemovableStorage(ControlSettings):
    """What may be done with sticks and cards."""

    act: Literal["block", "read_only"] = Field(
        default="block",
        description="block: they are not shown at all; read_only: they can be read, not written, where a cloud "
        "knows that (Chromebooks).",
    )


CONTROL = Control(
    name="device.removable_storage",
    title="Removable storage is closed",
    clauses=("SEC-16", "SYS-15"),
    settings=RemovableStorage,
)
