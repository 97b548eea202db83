"""The control for idle screens: when they lock, and when web apps sign out."""

from typing import Annotated

from pydantic import Field

from toolkit.controls.control import Control, ControlSettings


class IdleLock(ControlSettings):
    """When an idle screen locks, and when idle web apps sign out."""

    minutes: Annotated[int, Field(ge=1, le=60)] = Field(
        default=5, description="After how many minutes without use a computer locks its screen."
    )
    web_minutes: Annotated[int, Field(ge=5, le=1440)] | None = Field(
        default=None,
        description="After how many minutes without use the web apps sign out; left alone unless said.",
        examples=[60],
    )


CONTROL = Control(
    name="identity.idle_lock",
    title="Automatic lock of idle screens",
    clauses=("SEC-08",),
    settings=IdleLock,
)
