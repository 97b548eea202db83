"""The control about copies of evidence: who may hand copies over, when they are reviewed, and which are recorded."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from toolkit.controls.control import Control, TenantWideSettings
from toolkit.controls.data import Title, reason_two_cannot_act
from toolkit.records import dataclass
from toolkit.sdk import (
    NOTHING_TO_COUNT,
    Finding,
    Measurement,
    Reason,
    Status,
    Things,
    checked,
    day,
    declare,
    manual,
    same_words,
)

CUSTODY_CONTROL = "gov.custody"
COPIES, ACCESS = "copies of evidence", "access to copies of evidence"
REVIEW_AFTER = 365  # days


class Custody(TenantWideSettings):
    """The posts that may hand over copies of evidence, and when copies are reviewed.

    A run only checks. `toolkit custody` keeps the record. Only the register of holds has the content of a copy and the
    person's name.
    """

    may_hand_over: list[Title] = Field(
        min_length=1,
        description="The posts that may hand a copy over. Two people do this together, each with their own sign-in. "
        "One of the two records the copy's return or destruction.",
        examples=[["Chair of Governors", "School Business Manager", "Deputy Head Teacher"]],
    )
    review_after_days: Annotated[int, Field(ge=1, le=3650)] = declare(
        "Days after which a copy must be reviewed or destroyed, unless it was added with its own date.",
        default=REVIEW_AFTER,
    )

    @model_validator(mode="after")
    def _check_posts(self) -> Self:
        if refusal := reason_two_cannot_act(self.may_hand_over, "may_hand_over", "a hand-over"):
            raise ValueError(refusal)
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCopy:
    """A copy of evidence as the ledger records it, without the content, the case or any name."""

    added: date
    review: date
    handed_over: date | None = None
    posts: tuple[str, ...] = ()  # the posts of the two people who last handed it over
    returned: date | None = None
    destroyed: date | None = None

    def is_overdue(self, today: date) -> bool:
        """Return whether the copy still exists and its review date has passed."""
        return self.destroyed is None and self.review < today


_NO_COPY = same_words("no_copy_of_evidence", "no copy of evidence is on record")
_OVERDUE = same_words(
    "copies_overdue",
    "{short} of {all} copies of evidence are past their review date, the earliest since {day}",
    lacking="{short} of {all} copies of evidence {short:is|are} past {short:its|their} review date",
)
_RECORDED = same_words("copies_recorded", "copies of evidence on record: {all}, the latest added on {day}")
_HANDED_OVER = same_words(
    "copies_handed_over", "; handed over by two people who signed in: {count}, the latest on {day} by {posts}"
)
_RETURNED = same_words("copies_returned", "; returned: {count}, the latest on {day}")
_DESTROYED = same_words("copies_destroyed", "; destroyed: {count}, the latest on {day}")


class CopyCounts(Measurement):
    """Counts of copies of evidence, in total and overdue for review."""

    copies: int
    overdue: int

    @property
    def whole(self) -> int:
        """Return the number of copies on record."""
        return self.copies


def copies_finding(copies: Sequence[RecordedCopy], today: date) -> Finding:
    """Return the finding about recorded copies of evidence."""
    if not copies:
        return Finding(COPIES, Status.PASS, _NO_COPY(), measurement=NOTHING_TO_COUNT)
    overdue = [copy.review for copy in copies if copy.is_overdue(today)]
    measurement = CopyCounts(copies=len(copies), overdue=len(overdue))
    parts = list(_event_reasons(copies))
    if overdue:
        reason = _OVERDUE(short=Things(len(overdue)), all=Things(len(copies)), day=day(min(overdue)))
        return Finding(COPIES, Status.FAIL, reason.then(*parts), measurement=measurement, has_failed=True)
    reason = _RECORDED(all=Things(len(copies)), day=day(max(copy.added for copy in copies)))
    return Finding(COPIES, Status.PASS, reason.then(*parts), measurement=measurement)


def _event_reasons(copies: Sequence[RecordedCopy]) -> Iterator[Reason]:
    if handed := [(copy.handed_over, copy.posts) for copy in copies if copy.handed_over]:
        latest, posts = max(handed)
        yield _HANDED_OVER(count=Things(len(handed)), day=day(latest), posts=" and ".join(posts))
    if returned := [copy.returned for copy in copies if copy.returned]:
        yield _RETURNED(count=Things(len(returned)), day=day(max(returned)))
    if destroyed := [copy.destroyed for copy in copies if copy.destroyed]:
        yield _DESTROYED(count=Things(len(destroyed)), day=day(max(destroyed)))


CONTROLS = (
    Control(
        name=CUSTODY_CONTROL,
        title="Chain of custody of exported evidence",
        clauses=("MIS-14", "MIS-15"),
        settings=Custody,
        reaches_people=False,
        by_people_alone=True,
        by_people=(
            checked(
                COPIES,
                "recorded copies that are overdue for review, and how copies were handed over",
                "`toolkit check` counts the copies that `toolkit custody` recorded",
                "copies that no one recorded are not counted",
            ),
            manual(
                ACCESS,
                "copies are on encrypted media, locked away, and not in a synchronised folder",
                "for each copy in `toolkit custody list`, check its place and who has the key. Then record the date "
                "under `confirmed:` in a file of attestations",
            ),
        ),
    ),
)
