"""The control for website editors, which compares the school's register with the website's list of accounts."""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from toolkit.controls.control import Control, CsvFile, TenantWideSettings, read_day
from toolkit.controls.testing import read_csv
from toolkit.records import dataclass
from toolkit.sdk import (
    Finding,
    Measurement,
    Part,
    Reason,
    ReasonCode,
    Status,
    Things,
    checked,
    day,
    declare,
    manual,
    plain_name,
    same_words,
)

AUTHORISED, ACCOUNTS = "register of website editors", "accounts of the website"
_COLUMNS = ("account", "role", "authorised_by", "authorised_on", "until")
_NEEDED = ("account", "authorised_by", "authorised_on")


@dataclass(frozen=True, slots=True)
class Editor:
    """An account in the register, and the dates between which the account may edit the website."""

    account: str
    since: date
    until: date | None

    def may_edit(self, on: date) -> bool:
        """Return whether the account is authorised to edit the website on a date."""
        return self.since <= on and (self.until is None or on <= self.until)


@lru_cache(maxsize=8)
def read_editors(text: str) -> tuple[Editor, ...]:
    """Parse the register of website editors. Raise ValueError with the line number of an error."""
    editors: dict[str, Editor] = {}
    for row in read_csv(text, _COLUMNS, _NEEDED):
        account, until = plain_name(row.required_cell("account")), row.day("until")
        row.required_cell("authorised_by")
        row.required_cell("authorised_on")
        since = row.day("authorised_on")
        if account in editors:
            raise ValueError(f"line {row.line} of the file: the account {account} is in the file twice")
        if since is None or (until and until < since):
            raise ValueError(f"line {row.line} of the file: `until` is before `authorised_on`")
        editors[account] = Editor(account, since, until)
    return tuple(editors.values())


def _check_register(text: str) -> str:
    if "\n" in text:  # a text without a new line is still the path
        read_editors(text)
    return text


class WebEditors(TenantWideSettings):
    """The people who may edit the website.

    The school's register is compared with the website's own list of users, which you export as a CSV file. toolkit does
    not sign in to the website or change it.
    """

    register_file: Annotated[CsvFile, AfterValidator(_check_register)] = Field(
        description=f"The school's register, a CSV file with the columns {', '.join(_COLUMNS)}. The last two "
        "are dates.",
        examples=["text/website-editors.csv"],
    )
    export_file: CsvFile = Field(
        description="The website's users, exported from the website as a CSV file.",
        examples=["text/website-users.csv"],
    )
    exported_on: Annotated[date, BeforeValidator(read_day)] = Field(
        description="The date of the export.", examples=["2026-11-02"]
    )
    account_column: Annotated[str, Field(min_length=1)] = declare(
        "The column of the export with the account, in the same form as in the register.", default="user_login"
    )
    role_column: Annotated[str, Field(min_length=1)] | None = declare(
        "The column of the export with the role. Default: every user counts as an editor.", "roles"
    )
    readers: list[Annotated[str, Field(min_length=1)]] = declare(
        "Roles of the website that cannot change anything.", ["subscriber"], default=[]
    )
    export_every_days: Annotated[int, Field(ge=1, le=366)] = declare(
        "Days after which the users must be exported again.", default=120
    )
    google_sites: Literal["off"] | None = declare(
        "off: check that Google Sites is off. Use this if the school has no site there.", "off"
    )

    @model_validator(mode="after")
    def _check_export(self) -> Self:
        if self.readers and not self.role_column:
            raise ValueError("`readers` needs `role_column`, the column with the roles")
        self.accounts()
        return self

    def accounts(self) -> frozenset[str]:
        """Return the exported accounts that can change the website. The set is empty until the file is read."""
        if "\n" not in self.export_file:
            return frozenset()
        account, role = self.account_column.casefold(), (self.role_column or "").casefold()
        needed = [column for column in (account, role) if column]
        readers = {plain_name(name) for name in self.readers}
        rows = list(read_csv(self.export_file, needed, needed, others=True))
        return frozenset(
            plain_name(row.required_cell(account)) for row in rows if not role or plain_name(row[role]) not in readers
        )


_MATCH = ReasonCode(
    "website_editors_match",
    admin="{fine} of {all} accounts that can edit the website are authorised in the register (export of {day})",
    governor="{fine} of {all} accounts that can edit the website are authorised by the school",
    lacking="{short} of {all} accounts that can edit the website {short:is|are} not authorised by the school",
)
_WHICH = ReasonCode("website_accounts_listed", admin="; not authorised: {which}", governor="")
_GONE = ReasonCode("editors_without_account", admin="; in the register without an account: {count}", governor="")
_OLD = same_words("website_export_old", "the website's accounts were exported on {day}, {days} days ago")
_EMPTY = same_words("website_export_empty", "the export has no account that can edit the website. Export all users")
_EARLY = same_words("website_export_early", "the website's accounts were exported on {day}, which is in the future")


class EditorCounts(Measurement):
    """Counts of accounts that can edit the website, in total and unauthorised, with the date of the export."""

    accounts: int
    strange: int
    register: int
    exported_on: date


def compare_editors(settings: WebEditors, today: date) -> Iterator[Finding]:
    """Yield the finding that compares the exported accounts with the register. It fails if the export is too old."""
    if "\n" not in settings.register_file:
        return
    accounts = settings.accounts()
    authorised = {editor.account for editor in read_editors(settings.register_file) if editor.may_edit(today)}
    strange, age = sorted(accounts - authorised), (today - settings.exported_on).days
    exported = day(settings.exported_on)
    measurement = EditorCounts(
        accounts=len(accounts), strange=len(strange), register=len(authorised), exported_on=settings.exported_on
    )
    fine, short, total = (
        Things(len(accounts_counted)) for accounts_counted in (accounts & authorised, strange, accounts)
    )
    reason = _MATCH(fine=fine, short=short, all=total, day=exported).then(
        _WHICH(which=", ".join(strange)) if strange else None,
        _GONE(count=str(gone)) if (gone := len(authorised - accounts)) else None,
    )
    if not strange and (wrong := _date_problem(age, exported, settings) if accounts else _EMPTY()):
        reason, strange = wrong, [""]
    status = Status.FAIL if strange else Status.PASS
    yield Finding(ACCOUNTS, status, reason, measurement=measurement, has_failed=bool(strange))


def _date_problem(age: int, exported: str, settings: WebEditors) -> Reason | None:
    if age < 0:
        return _EARLY(day=exported)
    return _OLD(day=exported, days=str(age)) if age > settings.export_every_days else None


def site_part(name: str, where: str) -> Iterable[Part]:
    """Yield the check, made by hand, of who can edit a public website that the school might have in this cloud."""
    yield manual(
        name,
        "the people who can edit a public site of the school in this cloud",
        f"{where}: compare the people who can edit the site with the register",
    )


CONTROLS = (
    Control(
        name="site.web_editors",
        title="Who may edit the website",
        clauses=("NET-06",),
        settings=WebEditors,
        reaches_people=False,
        asks=("website_editors",),
        in_records=compare_editors,
        by_people=(
            manual(
                AUTHORISED,
                "the register lists only people whom the school has expressly authorised",
                "the head teacher reads `register_file`, and records the date under `confirmed:` in a file of "
                "attestations",
            ),
            checked(
                ACCOUNTS,
                "each account that can edit the website is authorised in the register",
                "`toolkit check` only compares `export_file` with `register_file`, and does not change the website",
                "accounts added after the export are not detected",
            ),
        ),
    ),
)
