"""The control for legal holds: who may place one, and which two people release it."""

import re
from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import Field, model_validator

from toolkit.controls.control import Control, ControlSettings

Title = Annotated[str, Field(min_length=1, max_length=100)]

_RELEASE = 2  # people that a release takes
# Whom a hold may be about; a deputy, or the head of a year, is somebody else.
_CONFLICTED = {
    "Head": re.compile(r"(the )?((acting|executive|interim) )?(head ?teacher|head|principal)"),
    "IT technician": re.compile(r".*\b(it|ict|network)\b.*\b(technician|manager|support|administrator|lead)\b.*"),
}


class Hold(ControlSettings):
    """Who may place a hold and who may release one. A run only checks; it places no hold."""

    may_place: list[Title] = Field(
        min_length=1,
        description="Who may have a hold placed, by their posts.",
        examples=[["School Business Manager", "Chair of Governors"]],
    )
    may_release: list[Title] = Field(
        min_length=1,
        description="Who may release one, by their posts: two people do it together, each under their own sign-in.",
        examples=[["Chair of Governors", "Designated Safeguarding Lead", "School Business Manager"]],
    )

    @model_validator(mode="after")
    def _somebody_is_left(self) -> Self:
        if refusal := releasers_refused(self.may_release):
            raise ValueError(refusal)
        return self


def releasers_refused(posts: Sequence[str]) -> str:
    """Say why these posts cannot release a hold between them, whomever it is about; nothing where they can."""
    named = dict.fromkeys(map(_plainly, posts))
    if len(named) < _RELEASE:
        return "`may_release` names one post, and a release takes two people: name another"
    for whom, pattern in _CONFLICTED.items():
        others = [post for post in named if not pattern.fullmatch(post)]
        if len(others) < _RELEASE:
            return (
                f"a hold may be about the {whom}, who then has no say in it, and a release takes two people: "
                f"name two others in `may_release`"
            )
    return ""


def conflicted(post: str) -> str:
    """Say which post this is, of those that a hold may be about and that never release one; nothing for any other."""
    told = _plainly(post)
    return next((whom for whom, pattern in _CONFLICTED.items() if pattern.fullmatch(told)), "")


def is_post(title: str, post: str) -> bool:
    """Say whether the directory's title is that post, however it is spaced and written."""
    return _plainly(title) == _plainly(post)


def _plainly(post: str) -> str:
    return " ".join(post.casefold().split())


CONTROL = Control(
    name="data.hold",
    title="Legal hold on a person's data",
    clauses=("SEC-14", "EML-14", "MIS-14"),
    settings=Hold,
)
