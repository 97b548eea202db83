"""Controls about data for third parties: files shared outside the school, and apps with access to school accounts."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from toolkit.controls.control import Control, ControlSettings, Reviewed
from toolkit.school.calendar import Calendar
from toolkit.school.school import KnownApp
from toolkit.sdk import EVERYONE, Finding, Measurement, ReasonCode, Status, Things, day, declare, plain_name, same_words

_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]+")


def _domain(written: str) -> str:
    domain = plain_name(written)
    if not _DOMAIN.fullmatch(domain):
        raise ValueError(f"{written!r} is not a domain; write one as partner.example")
    return domain


Domain = Annotated[str, AfterValidator(_domain)]


class ExternalSharing(ControlSettings):
    """The people outside the school with whom files may be shared. These settings apply to the whole tenant.

    The API does not count links that people outside use, so a lower level is written only once `links_reviewed` is set.
    """

    level: Literal["no_one", "existing_guests", "guests_who_sign_in", "anyone_with_the_link"] | None = declare(
        "The people with whom files may be shared. If left out: not changed.", "guests_who_sign_in"
    )
    guests_share_on: bool = declare("Whether guests may share files that they do not own.", default=False)
    partner_domains: list[Domain] = declare(
        "Domains with which files may be shared. Others are closed if a cloud shares with a list.",
        ["partner.example"],
        default=[],
    )
    pupils: str | None = declare("The role of pupils, for whom a list of domains must open nothing.", "pupils")
    links_expire_after_days: Annotated[int, Field(ge=1, le=730)] = declare(
        "After how many days a new link for anyone ends.", default=30
    )
    links_reviewed: Reviewed | None = declare(
        "Who looked at the links that people outside use, and when.",
        {"by": "Data Protection Officer", "on": "2026-11-02"},
    )

    @model_validator(mode="after")
    def _for_everybody(self) -> Self:
        if self.audience not in {None, EVERYONE, "staff"}:
            raise ValueError("it is a setting of the whole tenant: write `for: staff` or `for: everyone`")
        if self.partner_domains and not self.pupils:
            raise ValueError(
                "`partner_domains` needs `pupils`, the role of pupils: a list of domains opens to each unit that "
                "shares with it"
            )
        return self


class AppConsent(ControlSettings):
    """The apps that may use school accounts, and the role that decides. These settings apply to the whole tenant.

    The register of apps is `known_apps` of the school file. Apps are never removed.
    """

    reviewers: str = Field(
        description="The role that decides on requests for apps: at least two people with mailboxes.",
        examples=["leadership"],
    )
    request_days: Annotated[int, Field(ge=1, le=60)] = declare(
        "After how many days a request ends without a decision.", default=30
    )

    @model_validator(mode="after")
    def _for_everybody(self) -> Self:
        if self.audience not in {None, EVERYONE, "staff"}:
            raise ValueError("it is a setting of the whole tenant: write `for: staff` or `for: everyone`")
        return self


SETTLING_IN = timedelta(weeks=3)


def too_early(calendar: Calendar | None, now: datetime | None) -> str:
    """Return why consent cannot close yet: in the first three weeks of a term, classes find the apps that they need."""
    if now is None:
        return ""
    if calendar is None:
        return "the school file has no terms, so it is not known whether these are the first three weeks of one"
    today = calendar.day_of(now)
    begun = [term for term in calendar.terms if term.days.first <= today < term.days.first + SETTLING_IN]
    if not begun:
        return ""
    until = begun[0].days.first + SETTLING_IN
    return f"not in the first three weeks of a term: {begun[0].name} is that old on {day(until)}"


KNOWN = "apps of other suppliers"
_IN_REGISTER = same_words("apps_in_register", "{known} of {count} apps of other suppliers are in the register")
_ESSENTIAL = same_words("essential_apps", "; {count} of them are the MIS sync, the filter or the classroom monitor")
_NOT_YET = ReasonCode(
    "apps_not_yet_in_register",
    admin="; not yet in the register: {names}; ask what each is for and who uses it, and add it to `known_apps` of the "
    "school file",
    governor="; not yet in the register: {count}",
)


class AppCounts(Measurement):
    """Counts of apps of other suppliers, and the apps that are not in the register."""

    apps: int
    essential: int
    not_yet_in_register: Sequence[str]

    @property
    def whole(self) -> int:
        """Return how many apps there are."""
        return self.apps


def compare_with_register(register: Sequence[KnownApp], apps: Sequence[tuple[str, str]]) -> Finding:
    """Compare apps, by id and name, with the register. A missing app is only "not yet known".

    Anyone may give an app any name, so a name that several apps have does not match.
    """
    by_name = {_plain(app.app): app for app in register}
    alike = Counter(_plain(name) for _, name in apps)
    entries = [
        (
            name if alike[_plain(name)] == 1 else f"{name} ({identifier}; several apps have this name)",
            by_name.get(_plain(identifier)) or (by_name.get(_plain(name)) if alike[_plain(name)] == 1 else None),
        )
        for identifier, name in apps
    ]
    missing = sorted(name for name, app in entries if app is None)
    essential = sum(bool(app and app.essential) for _, app in entries)
    reason = _IN_REGISTER(known=Things(len(entries) - len(missing)), count=Things(len(entries))).then(
        _ESSENTIAL(count=Things(essential)) if essential else None,
        _NOT_YET(names=", ".join(missing), count=Things(len(missing))) if missing else None,
    )
    measurement = AppCounts(apps=len(entries), essential=essential, not_yet_in_register=missing)
    return Finding(KNOWN, Status.FAIL if missing else Status.PASS, reason, measurement=measurement)


def _plain(name: str) -> str:
    """Return a name without invisible characters: services leave zero-width characters and blanks behind it."""
    return " ".join(plain_name(name).split())


CONTROLS = (
    Control(
        name="data.app_consent",
        title="Approval of apps that use school accounts",
        clauses=("SYS-02", "SYS-06"),
        settings=AppConsent,
        asks=("known_apps", "consent_reviewers"),
    ),
    Control(
        name="data.external_sharing",
        title="Limits on sharing files outside the school",
        clauses=("SYS-06", "NET-07", "NET-08", "MIS-06"),
        settings=ExternalSharing,
        asks=("public_links",),
    ),
)
