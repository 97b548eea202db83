"""The control for the label on personal e-mail."""

from typing import Annotated

from pydantic import Field

from toolkit.controls.control import Control, ControlSettings

Label = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z -]{1,30}$")]


class PersonalLabel(ControlSettings):
    """The word that marks an e-mail as personal."""

    labels: list[Label] = Field(
        default=["personal"],
        min_length=1,
        description="Words that mark a message as personal when its subject begins with one.",
        examples=[["personal", "private"]],
    )


CONTROL = Control(
    name="mail.personal_label",
    title="Label on personal e-mail",
    clauses=("EML-02", "EML-03", "PER-04"),
    settings=PersonalLabel,
)
