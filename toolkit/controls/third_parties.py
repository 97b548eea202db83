"""Controls for third parties: files shared outside the school, and apps with access to school accounts."""

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


def _validate_domain(written: str) -> str:
    domain = plain_name(written)
    if not _DOMAIN.fullmatch(domain):
        raise ValueError(f"{written!r} is not a domain such as partner.example")
    return domain


Domain = Annotated[str, AfterValidator(_validate_domain)]


class ExternalSharing(ControlSettings):
    """The people outside the school with whom files may be shared.

    These settings apply to the whole tenant. The API does not show which links people outside use, so a stricter level
    is written only if `links_reviewed` is set.
    """

    is_tenant_wide = True

    level: Literal["no_one", "existing_guests", "guests_who_sign_in", "anyone_with_the_link"] | None = declare(
        "The people with whom files may be shared. Default: not changed.", "guests_who_sign_in"
    )
    guests_share_on: bool = declare("Whether guests may share files that they do not own.", default=False)
    partner_domains: list[Domain] = declare(
        "The domains with which files may be shared. If a cloud has a list of allowed domains, it blocks all others.",
        ["partner.example"],
        default=[],
    )
    pupils: str | None = declare("The role of pupils. The list of domains must not let pupils share.", "pupils")
    links_expire_after_days: Annotated[int, Field(ge=1, le=730)] = declare(
        "Days after which a new link for anyone expires.", default=30
    )
    links_reviewed: Reviewed | None = declare(
        "Who reviewed the links that people outside use, and when.",
        {"by": "Data Protection Officer", "on": "2026-11-02"},
    )

    @model_validator(mode="after")
    def _refuse_other_audiences(self) -> Self:
        if self.audience not in {None, EVERYONE, "staff"}:
            raise ValueError("the setting applies to the whole tenant. Write `for: staff` or `for: everyone`")
        if self.partner_domains and not self.pupils:
            raise ValueError(
                "`partner_domains` needs `pupils`, the role of pupils, because a list of domains opens sharing for "
                "every unit that uses the list"
            )
        return self


class AppConsent(ControlSettings):
    """The apps that may access school accounts, and the role that approves apps.

    These settings apply to the whole tenant. The register of apps is `known_apps` in the school file. Apps are never
    removed.
    """

    is_tenant_wide = True

    reviewers: str = Field(
        description="The role that decides on requests for apps: at least two people with mailboxes.",
        examples=["leadership"],
    )
    request_days: Annotated[int, Field(ge=1, le=60)] = declare(
        "Days after which a request without a decision expires.", default=30
    )

    @model_validator(mode="after")
    def _refuse_other_audiences(self) -> Self:
        if self.audience not in {None, EVERYONE, "staff"}:
            raise ValueError("the setting applies to the whole tenant. Write `for: staff` or `for: everyone`")
        return self


SETTLING_IN = timedelta(weeks=3)


def reason_too_early(calendar: Calendar | None, now: datetime | None) -> str:
    """Return why it is too early in a term to restrict app consent, or "".

    In the first three weeks, classes discover which apps they need.
    """
    if now is None:
        return ""
    if calendar is None:
        return "the school file has no terms, so toolkit cannot exclude the first three weeks of a term"
    today = calendar.day_of(now)
    begun = [term for term in calendar.terms if term.days.first <= today < term.days.first + SETTLING_IN]
    if not begun:
        return ""
    until = begun[0].days.first + SETTLING_IN
    return f"not in the first three weeks of a term. The first three weeks of {begun[0].name} end on {day(until)}"


KNOWN = "apps of other suppliers"
_IN_REGISTER = same_words("apps_in_register", "{known} of {count} apps of other suppliers are in the register")
_ESSENTIAL = same_words("essential_apps", "; {count} of them are the MIS sync, the web filter or the classroom monitor")
_NOT_YET = ReasonCode(
    "apps_not_yet_in_register",
    admin="; not yet in the register: {names}. Ask about the purpose and users of each app, and add it to "
    "`known_apps` in the school file",
    governor="; not yet in the register: {count}",
)


class AppCounts(Measurement):
    """The number of other suppliers' apps, and the apps that are not in the school's register."""

    apps: int
    essential: int
    not_yet_in_register: Sequence[str]

    @property
    def whole(self) -> int:
        """Return the number of other suppliers' apps."""
        return self.apps


def compare_with_register(register: Sequence[KnownApp], apps: Sequence[tuple[str, str]]) -> Finding:
    """Return the finding that compares apps, by id and name, with the school's register.

    An app that is missing there is reported as "not yet in the register". A name that several apps share never matches,
    because anyone can give an app any name.
    """
    by_name = {_plain_name(app.app): app for app in register}
    alike = Counter(_plain_name(name) for _, name in apps)
    entries = [
        (
            name if alike[_plain_name(name)] == 1 else f"{name} ({identifier}; several apps have this name)",
            by_name.get(_plain_name(identifier))
            or (by_name.get(_plain_name(name)) if alike[_plain_name(name)] == 1 else None),
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


def _plain_name(name: str) -> str:
    """Return a name without the zero-width characters and trailing spaces that services add."""
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
