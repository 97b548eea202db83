"""The policy document's page of control: ratification, review, signatures and history.

The dates in the document count, unless a decision shows that the policy was ratified later.
"""

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import date, datetime, timedelta

from toolkit.playbook.choices import UNDECIDED
from toolkit.playbook.decisions import Decision
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.policy_entries import Evidence, PolicyDocument
from toolkit.records import dataclass
from toolkit.sdk.dates import day, elapsed_text
from toolkit.sdk.part import SCHOOL
from toolkit.sdk.reason import About, Reason, ReasonCode, same_words
from toolkit.sdk.resource import Address
from toolkit.sdk.verdict import MEANS, NEUTRAL, Count, FactVerdict, Ground, PartOutcome, WireEvidence
from toolkit.values import Json
from toolkit.yaml.node import MappingNode, plain_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A fact about a policy clause, or the reason why the fact is unknown."""

    outcome: PartOutcome
    reason: Reason
    says: Reason  # the source
    provider: str = SCHOOL  # the cloud of the fact, or the school itself, which counts for each cloud
    control: str = ""
    read_at: datetime | None = None  # when it was read from a tenant
    subject: About = field(default_factory=About)  # the subject in stable words
    addresses: tuple[Address, ...] = ()  # the objects that show it
    some: bool = False  # it fails, and holds for a part of its subject
    is_needed: bool = True  # it can make the clause met
    count: Count | None = None  # how many are as required

    @property
    def verdict(self) -> FactVerdict:
        """Return the fact's verdict on its clause, which follows from the fact's outcome."""
        means = MEANS[self.outcome]
        return FactVerdict.IN_PART if means is FactVerdict.FAILS and self.some else means


FOUND = same_words("found_about", "{about}: {found}")
"""A finding about a part or an object."""
UNCONFIRMED = same_words("no_one_confirmed", "no one has confirmed it yet")()
PLAYBOOKS_SAY = ReasonCode("playbooks_say", admin="the playbooks", governor="the agreed set-up")()
NOBODY = same_words("no_one_says", "no one")()
REGISTERS = same_words("registers_say", "the school's registers")()


_WITHOUT = frozenset({PartOutcome.UNCONFIRMED, PartOutcome.UNAVAILABLE})
"""Outcomes of an optional part that do not count against a clause."""


def ground_to_fact(ground: Ground, provider: str, control: str, about: About, *, is_needed: bool = True) -> Fact | None:
    """Convert a ground of a verdict to a fact about a clause.

    Return None if the ground does not say anything about a clause.
    """
    if ground.outcome in NEUTRAL or (ground.outcome in _WITHOUT and not is_needed):
        return None
    wire = ground.evidence if isinstance(ground.evidence, WireEvidence) else None
    return Fact(
        outcome=ground.outcome,
        some=bool(ground.count and ground.count.ok),
        reason=ground.reason,
        says=ground.says,
        provider=provider,
        control=control,
        read_at=wire.read_at if wire else None,
        subject=about,
        addresses=wire.addresses if wire else (),
        is_needed=is_needed,
        count=ground.count,
    )


DOCUMENT = same_words("document_says", "the policy document")()
_DECIDED_BY = same_words("decided_by", "decided by {by} on {day}")
_MINUTE = same_words("decided_in_minute", " ({minute})")
_NOT_DATED = ReasonCode(
    "document_not_described",
    admin="the playbooks do not say when the policy was ratified: add `document:` to a file of the policy",
    governor="the date on which the policy was ratified is not on file",
)
NO_POLICY = ReasonCode(
    "playbooks_without_policy",
    admin="no file of these playbooks begins with `policy:`, so there are no clauses to judge: "
    "`toolkit init --template staff-policy` adds a policy to the school's folder",
    governor="the clauses of the school's policy are not on file, so no clause is judged",
)
_NOT_DESCRIBED = ReasonCode(
    "playbooks_without_document",
    admin="the playbooks do not describe the policy document",
    governor="the dates and signatures of the policy document are not on file",
)
_ALSO = same_words("document_also", "; {found}")
_RATIFIED = same_words("ratified", "ratified on {ratified}, and the next review is due on {due}")
_SIGNED = same_words("signed", "signed by {by} on {day}")
_DATED = same_words("history_dated", "each version has its date in the list of versions")
_REVIEW_BLANK = same_words("review_blank", "the date of the next review is blank")
_REVIEW_OVERDUE = same_words("review_overdue", "the review was due on {due} and is {late} late")
_REVIEW_LATE = same_words(
    "review_put_off", "the next review is due on {due}, more than {often} after the policy was ratified"
)
_RATIFIED_BLANK = same_words("ratified_blank", "the date of ratification is blank")
_RATIFIED_LATER = same_words("ratified_later", "the date of ratification, {ratified}, is in the future")
_UNSIGNED = same_words("unsigned", "the copy is unsigned: {blank} blank")
_SIGNED_EARLY = same_words(
    "signed_before_ratified", "the signature is dated {signed}, before the policy was ratified on {ratified}"
)
_HISTORY_BLANK = same_words("history_blank", "the policy's list of versions is blank")
_SIGNED_LATER = same_words("signed_later", "the date of signing, {signed}, is in the future")
_UNDATED = same_words("version_undated", "version {versions} has no date in the list of versions")
_UNLISTED = same_words("version_unlisted", "version {version} is not in the list of versions")
_OWN_PAGE = "C22"
"""The decision on the document's page of control."""

_YEAR = 12
_MONTH = timedelta(days=365) / _YEAR
_GRACE = timedelta(days=31)
"""Boards meet some weeks earlier or later from year to year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The dates on the policy document's page of control, each with its source."""

    document: PolicyDocument
    version: str | None
    ratified_on: date | None
    review_due: date | None
    signed_by: str | None  # a role
    says: Reason = DOCUMENT

    def is_unratified(self, today: date) -> bool:
        """Return whether the policy is not yet ratified on a given day."""
        return self.ratified_on is None or self.ratified_on > today

    def overdue_days(self, today: date) -> int:
        """Return by how many days the policy's review is overdue."""
        return max(0, (today - self.review_due).days) if self.review_due else 0


def read_page(playbooks: Playbooks, today: date) -> Page | None:
    """Return the policy document's page of control as it is today, or None if no file describes the document."""
    document, decided = playbooks.policy.document, playbooks.decisions.decided.get(_OWN_PAGE)
    if document is None:
        return None
    if decided is not None and isinstance(decided.value, MappingNode):
        page = plain_table(decided.value)
        ratified = _parse_day(page.get("ratified_on"))
        if ratified and (document.ratified or date.min) < ratified <= today:
            return _page_from_decision(document, decided, page)
    return Page(
        document=document,
        version=document.versions[-1].version if document.versions else None,
        ratified_on=document.ratified,
        review_due=document.review_due,
        signed_by=document.signed_by,
    )


def _page_from_decision(document: PolicyDocument, decision: Decision, page: Mapping[str, Json]) -> Page:
    says = _DECIDED_BY(by=decision.by, day=day(decision.on))
    return Page(
        document=document,
        version=str(page.get("version")),
        ratified_on=_parse_day(page.get("ratified_on")),
        review_due=_parse_day(page.get("review_due")),
        signed_by=str(page.get("signed_by_role") or "") or None,
        says=says.then(_MINUTE(minute=decision.minute) if decision.minute else None),
    )


def _parse_day(text: Json) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) and text != UNDECIDED else None


def find_page_problems(page: Page | None, today: date) -> list[Reason]:
    """Return the dates and signatures that are overdue or missing on the page of control, beginning with the review."""
    if page is None:
        return [_NOT_DATED()]
    return [*_review_problems(page, today), *_signature_problems(page, today), *_history_problems(page)]


def page_fact(evidence: Evidence, page: Page | None, today: date) -> Fact:
    """Return the fact about the policy's review, signature or history, from the page of control."""
    if page is None:
        return Fact(outcome=PartOutcome.UNCONFIRMED, reason=_NOT_DESCRIBED(), says=NOBODY)
    says = page.says if evidence is Evidence.REVIEW else DOCUMENT
    match evidence:
        case Evidence.REVIEW:
            wrong = list(_review_problems(page, today))
            right = _RATIFIED(ratified=_day_or_blank(page.ratified_on), due=_day_or_blank(page.review_due))
        case Evidence.SIGNATURE:
            wrong, right = (
                list(_signature_problems(page, today)),
                _SIGNED(by=str(page.signed_by), day=_day_or_blank(page.document.signed)),
            )
        case _:
            wrong, right = list(_history_problems(page)), _DATED()
    if wrong:
        return Fact(
            outcome=PartOutcome.DIFFERS, reason=wrong[0].then(*(_ALSO(found=reason) for reason in wrong[1:])), says=says
        )
    return Fact(outcome=PartOutcome.CONFIRMED, reason=right, says=says)


def _day_or_blank(value: date | None) -> str:
    return day(value) if value else "no date"


def _review_problems(page: Page, today: date) -> Iterator[Reason]:
    """Yield each problem with the policy's review: a date that is overdue or blank, or a next review later than
    the policy allows.
    """
    months = page.document.review_every_months
    if page.review_due is None:
        yield _REVIEW_BLANK()
    elif page.overdue_days(today):
        yield _REVIEW_OVERDUE(due=day(page.review_due), late=elapsed_text(page.review_due, today))
    elif page.ratified_on and page.review_due > page.ratified_on + months * _MONTH + _GRACE:
        often = "a year" if months == _YEAR else f"{months} months"
        yield _REVIEW_LATE(due=day(page.review_due), often=often)
    if page.ratified_on is None:
        yield _RATIFIED_BLANK()
    elif page.ratified_on > today:
        yield _RATIFIED_LATER(ratified=day(page.ratified_on))


def _signature_problems(page: Page, today: date) -> Iterator[Reason]:
    signed = page.document.signed
    blank = [*([] if page.signed_by else ["who signed it"]), *([] if signed else ["the date of signing"])]
    if blank:
        yield _UNSIGNED(blank=f"{' and '.join(blank)} {'are' if len(blank) > 1 else 'is'}")
    elif signed and page.ratified_on and signed < page.ratified_on:
        yield _SIGNED_EARLY(signed=day(signed), ratified=day(page.ratified_on))
    elif signed and signed > today and not page.is_unratified(today):
        yield _SIGNED_LATER(signed=day(signed))


def _history_problems(page: Page) -> Iterator[Reason]:
    versions = page.document.versions
    if not versions:
        yield _HISTORY_BLANK()
        return
    if undated := [version.version for version in versions if version.on is None]:
        yield _UNDATED(versions=", ".join(undated))
    if page.version and page.version not in {version.version for version in versions}:
        yield _UNLISTED(version=page.version)
