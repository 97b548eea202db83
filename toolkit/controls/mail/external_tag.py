"""The control for the mark on e-mail from outside the school."""

from pydantic import Field

from toolkit.controls.control import Control, ControlSettings


class ExternalTag(ControlSettings):
    """Readers see that the sender is outside the school."""

    trusted: list[str] = Field(
        default=[],
        description="Domains or addresses whose mail is not marked; entries that others made stay.",
        examples=[["localauthority.example"]],
    )


CONTROL = Control(
    name="mail.external_tag",
    title="Mark on e-mail from outside the school",
    clauses=("SYS-04", "SYS-17"),
    settings=ExternalTag,
)
