"""The control for the school's disclaimer on e-mail."""

import re
from html.parser import HTMLParser
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from toolkit.controls.control import Control, ControlSettings, TextFile


class _Visible(HTMLParser):
    """Collects the text that a reader of the mail sees."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)


def visible_text(html: str) -> str:
    """Give the text of an HTML fragment with white space folded."""
    parser = _Visible()
    parser.feed(html)
    parser.close()
    return re.sub(r"\s+", " ", " ".join(parser.pieces)).strip()


class Disclaimer(ControlSettings):
    """The text under every e-mail that people at the school send."""

    scope: Literal["all", "outgoing"] = Field(
        description="outgoing: mail that leaves the school; all: mail inside the school too.", examples=["outgoing"]
    )
    text_file: TextFile = Field(
        description="An HTML file beside the playbook, at most 5,000 characters.", examples=["text/disclaimer.html"]
    )
    phrase: Annotated[str, Field(min_length=8, max_length=128)] = Field(
        description="Words of the text by which a message that already carries it is known.",
        examples=["sent from Example Primary School"],
    )
    fallback: Literal["wrap", "ignore", "reject"] = Field(
        default="wrap", description="What happens to mail that cannot be changed: wrapped, sent without it, rejected."
    )
    machines: list[str] = Field(
        default=[],
        description="Addresses or parts of them that get no disclaimer, such as a till or a scanner.",
        examples=[["till.example-primary.example"]],
    )

    instead: list[Literal["signatures", "group_footers"]] = Field(
        default=["signatures", "group_footers"],
        description="Where else the text is put on a cloud whose footer no API sets (Google Workspace); an empty list "
        "leaves it to that footer alone, once it is set by hand.",
        examples=[["signatures"]],
    )

    @model_validator(mode="after")
    def _phrase_is_seen(self) -> Self:
        """Refuse a phrase that never matches: each reply would get one more disclaimer."""
        seen = visible_text(self.text_file)
        if "{{" in seen:  # the school file is wrong too, and its values could not be filled in
            return self
        if "<" in self.text_file and re.sub(r"\s+", " ", self.phrase).casefold() not in seen.casefold():
            raise ValueError(f"phrase: {self.phrase!r} does not stand in the visible text of text_file")
        return self


CONTROL = Control(
    name="mail.disclaimer",
    title="Disclaimer on every e-mail",
    clauses=("EML-18", "GEN-08"),
    settings=Disclaimer,
)
