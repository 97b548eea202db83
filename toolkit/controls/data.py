"""Controls for the school's records: legal holds, searches, leavers, and how long mail, files and chats are kept."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from toolkit.controls.control import Control, ControlSettings, TenantWideSettings
from toolkit.controls.reply_text import day
from toolkit.sdk import Finding, Measurement, Part, Reason, ReasonCode, Share, Status, declare, manual, same_words

Title = Annotated[str, Field(min_length=1, max_length=100)]

_RELEASE = 2  # people that a release needs
# The posts that a hold may be about. A deputy or a head of year is a different post.
_CONFLICTED = {
    "Head": re.compile(r"(the )?((acting|executive|interim) )?(head ?teacher|head|principal)"),
    "IT technician": re.compile(
        r"\A(?>.*?\b(it|ict|network)\b).*\b(technician|manager|support|administrator|lead)\b.*"
    ),
}


class Hold(ControlSettings):
    """The posts that may place or release a legal hold. A run only checks and never places a hold."""

    may_place: list[Title] = Field(
        min_length=1,
        description="The posts that may request a hold.",
        examples=[["School Business Manager", "Chair of Governors"]],
    )
    may_release: list[Title] = Field(
        min_length=1,
        description="The posts that may release a hold. Two people do it together, each with their own sign-in.",
        examples=[["Chair of Governors", "Designated Safeguarding Lead", "School Business Manager"]],
    )

    @model_validator(mode="after")
    def _check_posts(self) -> Self:
        if refusal := reason_two_cannot_act(self.may_release):
            raise ValueError(refusal)
        return self


def reason_two_cannot_act(posts: Sequence[str], setting: str = "may_release", act: str = "a release") -> str:
    """Return the reason why two people with these posts might not be able to act, or "".

    A person whom a case is about must not act.
    """
    named = dict.fromkeys(map(comparable_text, posts))
    if len(named) < _RELEASE:
        return f"`{setting}` names only one post, but {act} needs two people. Name another post"
    for whom, pattern in _CONFLICTED.items():
        others = [post for post in named if not pattern.fullmatch(post)]
        if len(others) < _RELEASE:
            return (
                f"{'a hold' if setting == 'may_release' else 'a case'} may be about the {whom}, who must then not "
                f"take part, and {act} needs two people. Name two other posts in `{setting}`"
            )
    return ""


def excluded_post(post: str) -> str:
    """Return the excluded post to which a job title belongs, or "".

    A hold may be about the head teacher or an IT technician, who must then not release the hold.
    """
    plain_post = comparable_text(post)
    return next((whom for whom, pattern in _CONFLICTED.items() if pattern.fullmatch(plain_post)), "")


def is_post(title: str, post: str) -> bool:
    """Return whether a job title in the directory is the same as a post, ignoring case and spaces."""
    return comparable_text(title) == comparable_text(post)


def comparable_text(text: str) -> str:
    """Return the text in lower case and without spaces, so that posts or names can be compared."""
    return " ".join(text.casefold().split())


class Ediscovery(ControlSettings):
    """The posts that may request a search, and the two posts that may export the results.

    A run never searches. Each search belongs to a case. `toolkit hold search` and `toolkit hold export` search and
    export mail. File searches and all downloads are done in the cloud's own console.
    """

    may_ask: list[Title] = Field(
        min_length=1,
        description="The posts that may request a search.",
        examples=[["Head Teacher", "Data Protection Officer"]],
    )
    may_export: list[Title] = Field(
        min_length=1,
        description="The posts that may export the results. Two people export together.",
        examples=[["Data Protection Officer", "School Business Manager", "Chair of Governors"]],
    )

    @model_validator(mode="after")
    def _check_export_posts(self) -> Self:
        if refusal := reason_two_cannot_act(self.may_export, "may_export", "an export"):
            raise ValueError(refusal)
        return self


class LeaverHandover(TenantWideSettings):
    """Groups, licences, mail and files that are still open after a member of staff left.

    A run only checks and changes nothing. Every disabled account counts as a leaver's, because clouds do not record who
    left.
    """

    for_everyone = "it checks leavers, who are no longer in any group"

    ends_within_days: int = Field(
        default=7,
        ge=1,
        le=30,
        description="The number of days before its permanent deletion at which toolkit starts to report an account.",
    )
    names: Literal["none", "listed"] = declare(
        "listed: `toolkit check` names the accounts to the admin who runs it. Reports for other people never name "
        "them.",
        default="none",
    )


UNLIMITED: Final = "unlimited"
UNDECIDED = "undecided"
_PERIOD = re.compile(r"([1-9]\d{0,4}) (day|week|year)s?")
_DAYS = {"day": 1, "week": 7, "year": 365}


def _validate_period(written: str) -> str:
    period = " ".join(written.lower().split())
    if period not in {UNLIMITED, UNDECIDED} and not _PERIOD.fullmatch(period):
        raise ValueError(f"{written!r} is not a period such as `7 years`, `90 days`, `{UNLIMITED}`, or `{UNDECIDED}`")
    return period


Period = Annotated[str, AfterValidator(_validate_period)]


class Retention(TenantWideSettings):
    """The periods for which mail, files and chats are kept.

    Nothing is deleted. A year is 365 days, as on both clouds. If a period is missing or `undecided`, toolkit writes
    nothing for it.
    """

    for_everyone = "it keeps everyone's mail, files and chats"

    schedule_ref: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        description="The title and version of the school's retention schedule, and who agreed it.",
        examples=["Retention schedule 2026, agreed by the governors on 14 October 2026"],
    )
    mail: Period = declare("The retention period of mail.", "7 years", default=UNDECIDED)
    files: Period = declare("The retention period of files.", UNLIMITED, default=UNDECIDED)
    chat: Period = declare("The retention period of chats.", "90 days", default=UNDECIDED)


def period_days(period: str) -> int | Literal["unlimited"] | None:
    """Return a period in days, or `unlimited`, or None for an undecided period."""
    if period == UNDECIDED:
        return None
    match = _PERIOD.fullmatch(period)
    return int(match[1]) * _DAYS[match[2]] if match else UNLIMITED


def part_of_undecided_period(name: str, covers: str) -> Part:
    """Return the part of a control that waits until the school decides on a retention period."""
    return manual(
        name,
        covers,
        f"undecided. Agree a period in the retention schedule, and write it in the playbook as `{name}: 7 years`",
    )


CONTROLS = (
    Control(
        name="data.ediscovery",
        title="Search and export for access requests and proceedings",
        clauses=("EML-14", "EML-15"),
        settings=Ediscovery,
        reaches_people=False,
        asks=("export_roles",),
    ),
    Control(
        name="data.hold",
        title="Legal hold on a person's data",
        clauses=("SEC-14", "EML-14", "MIS-14"),
        settings=Hold,
    ),
    Control(
        name="data.leaver_handover",
        title="Handover and account closure for leavers",
        clauses=("SEC-13", "SEC-14"),
        settings=LeaverHandover,
        reaches_people=False,
    ),
    Control(
        name="data.retention",
        title="Retention of mail, files and chat",
        clauses=("EML-14", "EML-15", "EML-16", "SYS-01", "SEC-13"),
        settings=Retention,
        reaches_people=False,
        goes_on_without=("mail", "files", "chat"),
    ),
)


LICENCES, MAILBOXES = "licences of leavers", "mailboxes of leavers"
GROUPS, FORWARDING = "groups of leavers", "forwarding of leavers"
ACCOUNTS, ENDING = "accounts of leavers", "deleted accounts"
DELAY = "mailboxes whose licence was taken back"
ASK_FIRST = "before removing anything, check `toolkit hold list`"
_NONE_OPEN = ReasonCode("leavers_none_open", admin="none of {accounts} {what}", governor="no {what}")
_NO_LEAVERS = same_words("no_leavers", "no {what}")
_STILL_OPEN = ReasonCode(
    "leavers_still_open",
    admin=f"{{left}} {{what}}. To fix: {{then}}; {ASK_FIRST}",
    governor="still open for {left} {what}",
)
_NAMED = ReasonCode("leavers_named", admin="; these are {who}", governor="")
_NONE_ENDS = ReasonCode(
    "no_account_ends",
    admin="none of {deleted} will be deleted {within}",
    governor="no deleted account will be deleted {within}",
)
_NONE_DELETED = same_words("no_account_deleted", "no account was deleted recently")
_ENDS = ReasonCode(
    "accounts_end",
    admin="{soon} {end} {within}, the first on {first}, with mail and files. Restore accounts that are not handed "
    "over yet",
    governor="{soon} deleted accounts end {within}, the first on {first}, with mail and files",
)


class OpenLeavers(Measurement):
    """Counts of disabled accounts, in total and with mail, licences, groups or forwarding that is still open."""

    accounts: int
    open: int


class EndingAccounts(Measurement):
    """Counts of deleted accounts: in total, and soon to be deleted permanently."""

    deleted: int
    soon: int


def disabled_accounts_finding(
    subject: str, settings: LeaverHandover, accounts: int, left: Sequence[str], *, what: Reason, then: str
) -> Finding:
    """Return the finding about disabled accounts that still have mail, groups, licences or files.

    `what` ends a sentence that begins with "3 of 8 disabled accounts".
    """
    measurement = OpenLeavers(accounts=accounts, open=len(left))
    if not left:
        none = _NONE_OPEN(accounts=_share_of_accounts(accounts), what=what) if accounts else _NO_LEAVERS(what=what)
        return Finding(subject, Status.PASS, none, measurement=measurement)
    reason = _STILL_OPEN(left=Share(len(left), accounts, amiss=True), what=what, then=then)
    named, who = _named_accounts(settings, left)
    return Finding(subject, Status.FAIL, reason.then(named), measurement=measurement, who=who)


def coming_deletions_finding(settings: LeaverHandover, ends: Sequence[tuple[str, date]], today: date) -> Finding:
    """Return the finding about accounts that will soon be deleted permanently. `ends` has the date for each account."""
    soon = sorted((last, who) for who, last in ends if (last - today).days <= settings.ends_within_days)
    measurement = EndingAccounts(deleted=len(ends), soon=len(soon))
    within = f"for good within {settings.ends_within_days} day{'' if settings.ends_within_days == 1 else 's'}"
    if not soon:
        reason = _NONE_ENDS(deleted=_share_of_accounts(len(ends)), within=within) if ends else _NONE_DELETED()
        return Finding(ENDING, Status.PASS, reason, measurement=measurement)
    first = soon[0][0]
    named, who = _named_accounts(settings, [address for _, address in soon])
    end = "ends" if len(soon) == 1 else "end"
    counted = Share(len(soon), len(ends), amiss=True)
    reason = _ENDS(soon=counted, end=end, within=within, first=day(first)).then(named)
    return Finding(ENDING, Status.FAIL, reason, {"first": first.isoformat()}, measurement=measurement, who=who)


def _share_of_accounts(accounts: int) -> Share:
    return Share(accounts, accounts, alone=True)


def _named_accounts(settings: LeaverHandover, left: Sequence[str]) -> tuple[Reason | None, Sequence[str] | None]:
    """Return the names of accounts as text and as a list, or None if the playbook does not allow names."""
    return (None, None) if settings.names == "none" else (_NAMED(who=", ".join(left)), left)
