"""Mail from outside is marked as such."""

from pydantic import Field

from toolkit.controls.control import Control, ControlSettings


class ExternalTag(ControlSettings):
    """The mark by which readers tell mail from outside."""

    trusted: list[str] = Field(
        default=[],
        description="Domains or addresses whose mail is not marked; entries that others made stay.",
        examples=[["localauthority.example"]],
    )


CONTROL = Control(
    name="mail.external_tag",
    title="Mail from outside the school is marked",
    clauses=("SYS-04", "SYS-17"),
    settings=ExternalTag,
)
