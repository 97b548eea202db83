"""Write the playbook entry that accepts a finding until a date, or report why the finding cannot be accepted."""

import os
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from toolkit.controls.control import controls
from toolkit.drift.model import DifferenceType
from toolkit.engine.desired_state import cloud_catalogues, validate
from toolkit.engine.why import explain_object
from toolkit.errors import PlaybookError, UsageError
from toolkit.ledger.tables import FindingRow
from toolkit.messages import closest, did_you_mean, one_of, quoted
from toolkit.planning.acceptances import fingerprint
from toolkit.planning.change import Update
from toolkit.planning.plan import Plan
from toolkit.playbook.entries import ControlEntry, Playbooks
from toolkit.playbook.exceptions import PERSONAL_OBJECT, entitlement_error
from toolkit.playbook.exceptions_file import Addition
from toolkit.records import dataclass
from toolkit.school.absence_cells import DateForm, read_end
from toolkit.sdk.dates import guess_date
from toolkit.sdk.directory import EVERYONE
from toolkit.sdk.providers import broken_kind, kinds
from toolkit.sdk.resource import Address, parse_address
from toolkit.values import Json

_OF_OBJECTS = frozenset({DifferenceType.DIFFERENT, DifferenceType.MISSING, DifferenceType.UNWANTED})
_OTHERWISE = {
    DifferenceType.MOVED: "the position of a rule cannot be accepted. Change the order in the playbooks instead",
    DifferenceType.LOOK_ALIKE: "write `beside: true` or `leave: true` at the entry that asks for the object",
    DifferenceType.DEFEATED: "no setting that toolkit compares differs. Change the object that `toolkit drift` "
    "names, or its position",
    DifferenceType.REFUSED: "a refusal cannot be accepted. Follow the advice in its message",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptanceTerms:
    """The terms on which a finding is accepted: the end date, the reason, the person who accepts it, and the role that
    gets an exception.
    """

    until: str
    reason: str
    by: str
    role: str | None = None
    change: Json = "off"
    dpia: str | None = None  # the impact assessment, for an exception that needs one


@dataclass(frozen=True, slots=True)
class ExceptionEntry:
    """An entry for a file of exceptions, and the name of the list in the file to which the entry is added."""

    section: str  # approved or accepted
    fields: Mapping[str, Json]


def find_finding(prefix: str, findings: Mapping[str, FindingRow]) -> FindingRow:
    """Return the open finding whose id begins with these characters.

    Raise UsageError if no finding or several findings match.
    """
    matches = [row for key, row in findings.items() if key.startswith(prefix.casefold())]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise UsageError(f"{len(matches)} findings begin with {prefix}: write more characters of the id")
    meant = closest(prefix, findings)
    suggestion = f"did you mean `{meant}`? " if meant else ""
    raise UsageError(f"no open finding has the id {prefix}: {suggestion}`toolkit drift` shows the ids in brackets")


def build_exception_entry(
    row: FindingRow, terms: AcceptanceTerms, playbooks: Playbooks, now: datetime
) -> ExceptionEntry:
    """Return the playbook entry that accepts a finding.

    If no exception can accept the finding, raise UsageError with an alternative.
    """
    what, address = DifferenceType(row.what), parse_address(row.address)
    if what not in _OF_OBJECTS:
        raise UsageError(f"an exception cannot cover finding {row.id}: {_OTHERWISE[what]}")
    if broken := broken_kind(address.provider, address.kind):
        raise UsageError(f"finding {row.id} cannot be accepted now. {broken}")
    if (kind := kinds(address.provider).get(address.kind)) and kind.per_person:
        raise UsageError(f"finding {row.id} is about a person's own setting ({kind.title}), and {PERSONAL_OBJECT}")
    if wrong := entitlement_error(terms.by, playbooks.school, may="accept findings"):
        raise UsageError(f"--by: {wrong}")
    today = now.astimezone(ZoneInfo(playbooks.school.time_zone)).date()
    _check_end(terms.until, playbooks, now)
    asking = explain_object(row.address, playbooks, ()).asking
    names = list(dict.fromkeys(asker.by for asker in asking if asker.by in controls()))
    if honouring := _controls_with_exceptions(names, address, terms):
        return ExceptionEntry(
            "approved", _approved_exception(row.id, honouring, address, terms, playbooks=playbooks, today=today)
        )
    if terms.role:
        raise UsageError(
            f"{address.display_text} is a single object with the same settings for everyone. Leave --for out"
        )
    if terms.dpia:
        raise UsageError(
            f"{address.display_text} is accepted for everyone, and an impact assessment covers only an exception for "
            "some people. Leave --dpia out"
        )
    about: dict[str, Json] = {"object": row.address}
    if what is DifferenceType.DIFFERENT:
        about["setting" if kind is None or row.path in kind.spec.table() else "property"] = row.path
    return ExceptionEntry(
        "accepted", {**about, "reason": terms.reason, "ends": terms.until, "by": terms.by, "on": str(today)}
    )


def accepts_only_this_value(entry: ExceptionEntry, row: FindingRow) -> bool:
    """Return whether an exception accepts only the present value of a setting or property, and no later value."""
    return entry.section == "accepted" and row.what == DifferenceType.DIFFERENT


def add_present_value(entry: ExceptionEntry, row: FindingRow, plan: Plan) -> ExceptionEntry:
    """Return the entry, and add the value that the tenant has at present.

    Raise UsageError if the value was not read.
    """
    updates = [change for change in (*plan.changes, *plan.checked_changes) if str(change.address) == row.address]
    values = [f.before for update in updates if isinstance(update, Update) for f in update.fields if f.path == row.path]
    if not values:
        raise UsageError(f"finding {row.id} has ended, or could not be read. `toolkit drift` lists open findings")
    named = {name: value for name, value in entry.fields.items() if name in {"object", "setting", "property"}}
    return ExceptionEntry(entry.section, {**named, "value": fingerprint(values[0]), **entry.fields})


def write_entry(addition: Addition, path: Path) -> None:
    """Add an entry to a file of exceptions in an atomic write.

    If the playbooks are invalid with the entry, restore the file and raise PlaybookError.
    """
    _replace_file(addition.file, addition.after)
    try:
        validate(path)
    except PlaybookError:
        if addition.before is None:
            addition.file.unlink()
        else:
            _replace_file(addition.file, addition.before)
        raise


def _replace_file(file: Path, text: str) -> None:
    fresh = file.with_name(f".{file.name}.{os.getpid()}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(file)


def _check_end(until: str, playbooks: Playbooks, now: datetime) -> None:
    try:
        ends = read_end(until, DateForm.ISO, ZoneInfo(playbooks.school.time_zone))
    except ValueError as wrong:
        meant = guess_date(until)
        suggestion = f": did you mean `{meant}`?" if meant else ""
        raise UsageError(f"--until {until} {wrong}{suggestion}") from wrong
    if ends <= now:
        raise UsageError(f"--until {until} is in the past. The time is {now:%Y-%m-%d %H:%M} UTC")


def _controls_with_exceptions(names: Sequence[str], address: Address, terms: AcceptanceTerms) -> Sequence[str]:
    """Return the controls of an object that allow exceptions for some people.

    Raise UsageError if no control allows this and the object cannot be accepted for everyone either.
    """
    trade = cloud_catalogues([address.provider])[address.provider]
    honouring = [name for name in names if name in trade.controls_with_exceptions]
    same = f"on {trade.title}, everyone has the same setting from {' and '.join(names)}"
    if names and not honouring and terms.role:
        supported = one_of(sorted(trade.controls_with_exceptions))
        raise UsageError(
            f"{same}, so no exception can change the setting for only some people. Controls that can differ there: "
            f"{supported}. Leave --for out to accept the finding for everyone"
        )
    if not honouring and (shares := next((effect for name in names if (effect := controls()[name].shares)), "")):
        raise UsageError(
            f"{same}. Accepting the finding needs an impact assessment ({shares}). Only an exception for some people "
            "can record an impact assessment. Change the playbook, or set its mode to check"
        )
    return honouring


def _approved_exception(
    finding: str,
    controls_to_except: Sequence[str],
    address: Address,
    terms: AcceptanceTerms,
    *,
    playbooks: Playbooks,
    today: date,
) -> Mapping[str, Json]:
    """Return a playbook entry for an exception, which allows the people in a role a value that the control forbids."""
    roles = playbooks.school.roles
    if terms.role is None:
        raise UsageError(
            f"an exception to {controls_to_except[0]} needs a role. Add --for with {one_of(sorted(roles))}"
        )
    if terms.role == EVERYONE or terms.role not in roles:
        raise UsageError(f"--for {terms.role}: unknown role {quoted(terms.role)}{did_you_mean(terms.role, roles)}")
    entries = [
        entry for playbook in playbooks.playbooks for entry in playbook.controls if entry.name == controls_to_except[0]
    ]
    return {
        "exception": f"accepted-{finding}",
        "control": controls_to_except[0],
        "for": terms.role,
        **_audience_field(entries, address, playbooks),
        "change": terms.change,
        "reason": terms.reason,
        "starts": str(today),
        "ends": terms.until,
        "by": terms.by,
        "on": str(today),
        **({"dpia": terms.dpia} if terms.dpia else {}),
    }


def _audience_field(entries: Sequence[ControlEntry], address: Address, playbooks: Playbooks) -> Mapping[str, Json]:
    """If a control has several playbook entries, return the audience of the entry that asks for the object."""
    if len(entries) == 1:
        return {}
    origins = {asker.origin for asker in explain_object(str(address), playbooks, ()).asking}
    meant = next(entry for entry in entries if entry.origin in origins)
    return {"within": meant.settings.audience}
