"""The types of ledger entries, and the functions that write and parse their text."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Annotated, Literal, TypeAlias

from pydantic import AwareDatetime, Discriminator, PlainSerializer, PlainValidator, TypeAdapter, ValidationError

from toolkit.errors import LedgerError
from toolkit.ledger.checklist_entries import ChecklistEntry
from toolkit.ledger.findings import DriftSeen
from toolkit.ledger.redact import Redactor
from toolkit.ledger.school_parts import SchoolExtract, SchoolFreeze, SchoolPart
from toolkit.records import dataclass
from toolkit.school.signers import PlanApproval
from toolkit.sdk.resource import Address, Reach, parse_address
from toolkit.values import Json, Settings, canonical_text, from_plain, plain

FORMAT = 1


class Action(StrEnum):
    """The effect of a step on its object."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    MOVE = "move"
    ADOPT = "adopt"  # nothing is sent. An object of another ledger becomes this ledger's.
    SEND = "send"  # a message. The tenant does not show later whether it was sent.


class StepVerdict(StrEnum):
    """Whether a step without a recorded end took effect, according to a check in the tenant."""

    APPLIED = "applied"
    NOT_APPLIED = "not_applied"
    CANNOT_TELL = "cannot_tell"


def _plain_settings(settings: Settings) -> Mapping[str, object]:
    return {name: plain(value) for name, value in settings.items()}


def _settings(written: Mapping[str, Json]) -> Settings:
    try:
        return {name: from_plain(value) for name, value in written.items()}
    except TypeError as error:
        raise ValueError(str(error)) from error


AddressText = Annotated[Address, PlainSerializer(str), PlainValidator(parse_address)]
SettingsText = Annotated[Settings, PlainSerializer(_plain_settings), PlainValidator(_settings)]


@dataclass(frozen=True, slots=True)
class UnmanagedObject:
    """An object in the tenant that no playbook manages."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """The start or end of an exception on a tenant, which a run may apply some minutes after the planned time."""

    exception: str
    provider: str
    ended: bool
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotRecord:
    """A control that applied only to its pilot on one tenant when a run ended."""

    control: str
    provider: str
    audience: str  # the role that it is for afterwards
    role: str
    until: date
    people: int | None = None
    devices: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunBegan:
    """The start of a run. As in every entry, `at` is the time at which the entry was made."""

    run: str
    at: AwareDatetime
    command: str
    target: str  # emulator or live
    tenants: Mapping[str, str]  # provider -> the tenant's immutable id
    version: str
    playbooks: str  # digest of all that was read
    flags: tuple[str, ...] = ()
    override: str = ""  # why it did not keep to windows and freezes
    operator: str = ""  # a pseudonym of the operating system's user; "" in entries of earlier versions
    host: str = ""  # a pseudonym of the computer
    accounts: Mapping[str, str] = field(default_factory=dict)  # provider -> the application or service account in use
    undoes: str = ""  # the run that it takes back
    approved: PlanApproval | None = None  # of the plan that it applied
    schools: tuple[str, ...] = ()  # the schools of a trust that it concerns
    kind: Literal["run_began"] = "run_began"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepBegan:
    """A write, recorded before its request is sent, so that a killed run leaves a step without an end."""

    run: str
    step: int
    at: AwareDatetime
    address: AddressText
    action: Action
    before: SettingsText | None  # as observed, None if there was no object
    sent: SettingsText | None  # all settings after the step, None for a delete or a move
    remote_id: str | None = None
    reach: Reach | None = None
    was_named: str | None = None  # its name in the service before
    behind: str | None = None  # for a move or delete in an order: its predecessor, "" if it was first
    after: str | None = None  # of a move or create in an order: behind which of ours it is put, "" before all of them
    schools: tuple[str, ...] = ()
    kind: Literal["step_began"] = "step_began"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEnded:
    """A write that the service accepted. `returned` has the settings that the service sent back, if any."""

    run: str
    step: int
    at: AwareDatetime
    remote_id: str | None
    name: str | None  # the name of the object in the service
    returned: SettingsText | None
    schools: tuple[str, ...] = ()
    kind: Literal["step_ended"] = "step_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFailed:
    """A write that the service refused, so nothing was changed."""

    run: str
    step: int
    at: AwareDatetime
    error: str
    schools: tuple[str, ...] = ()
    kind: Literal["step_failed"] = "step_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepUnknown:
    """A write to which the service sent no response, so it may have taken effect.

    The next run checks before it sends anything again.
    """

    run: str
    step: int
    at: AwareDatetime
    error: str
    schools: tuple[str, ...] = ()
    kind: Literal["step_unknown"] = "step_unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepVerified:
    """The result of a later run's check of a step that has no recorded end."""

    run: str  # the run that began the step
    step: int
    at: AwareDatetime
    by: str  # the run that looked
    verdict: StepVerdict
    remote_id: str | None = None
    name: str | None = None
    returned: SettingsText | None = None
    schools: tuple[str, ...] = ()
    kind: Literal["looked"] = "looked"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded:
    """The end of a run. `unmanaged` lists the unmanaged objects of each kind that could be read."""

    run: str
    at: AwareDatetime
    exit: int
    summary: Mapping[str, int]
    unmanaged: Mapping[str, tuple[UnmanagedObject, ...]] = field(default_factory=dict)  # by kind, with its cloud
    turned: tuple[Transition, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)  # microsoft365:all-staff@... -> the service's id of it
    statuses: Mapping[str, str] = field(default_factory=dict)  # the status of each clause, if the run reported them
    lacking: Mapping[str, Mapping[str, str]] | None = None  # by clause, the parts that are not met
    exported: Mapping[str, str] = field(default_factory=dict)  # the files of an export, each with its SHA-256
    failed: str = ""  # why it came to no answer
    pilots: tuple[PilotRecord, ...] = ()  # the controls that had one
    schools: tuple[str, ...] = ()
    kind: Literal["run_ended"] = "run_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadLost:
    """A record that the head file was missing, so entries before this entry may have been cut off."""

    at: AwareDatetime
    host: str
    kind: Literal["head_lost"] = "head_lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamesForgotten:
    """A record that people's names were removed from entries before a date. `texts` has hashes of the rest."""

    run: str
    at: AwareDatetime
    before: date
    by: str  # the role that asked for it
    names: int  # places at which one was removed
    people: int  # pseudonyms of which it is no longer known whose they are
    texts: Mapping[str, str]  # the number of each changed entry -> SHA-256 of its text as it is now
    kind: Literal["names_forgotten"] = "names_forgotten"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterAnswered:
    """The school's response to a finding in a report. A later response is added and never replaces this response."""

    run: str
    at: AwareDatetime
    matter: str  # the control or other subject
    report: str  # the run that made the draft
    response: str
    lead: str  # a role
    due: date | None = None
    accepted: bool = False  # the risk is accepted, for the reason that the response gives
    schools: tuple[str, ...] = ()
    kind: Literal["matter_answered"] = "matter_answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportReleased:
    """A record that the draft of a report became final."""

    run: str
    at: AwareDatetime
    report: str  # the run that made the draft
    by: str  # a role
    schools: tuple[str, ...] = ()
    kind: Literal["report_released"] = "report_released"


Entry: TypeAlias = (
    RunBegan
    | StepBegan
    | StepEnded
    | StepFailed
    | StepUnknown
    | StepVerified
    | DriftSeen
    | RunEnded
    | HeadLost
    | NamesForgotten
    | MatterAnswered
    | ReportReleased
    | ChecklistEntry
    | SchoolPart
    | SchoolFreeze
    | SchoolExtract
)


@cache
def _adapter() -> TypeAdapter[Entry]:
    return TypeAdapter(Annotated[Entry, Discriminator("kind")])


def entry_text(entry: Entry, redactor: Redactor) -> str:
    """Return the stored text of an entry: canonical JSON without known secrets."""
    written: Mapping[str, Json] = _adapter().dump_python(entry, mode="json")
    return canonical_text(redactor.json(_storable(_leave_out_no_schools({"format": FORMAT, **written}))))


def _leave_out_no_schools(entry: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return an entry without the empty key `schools`, which the entries of a lone school do not have."""
    kept = {name: value for name, value in entry.items() if name != "schools" or value}
    rows = kept.get("found")
    if isinstance(rows, list):
        kept["found"] = [_leave_out_no_schools(row) if isinstance(row, Mapping) else row for row in rows]
    return kept


def _storable(value: Json) -> Json:
    """Replace characters that databases cannot store, such as half a surrogate pair."""
    match value:
        case str():
            return value.replace("\0", "\ufffd").encode(errors="replace").decode()
        case Mapping():
            return {name: _storable(inner) for name, inner in value.items()}
        case Sequence():
            return [_storable(inner) for inner in value]
        case _:
            return value


def read_entry(text: str) -> Entry:
    """Parse a stored entry. Raise LedgerError if the text is malformed or a newer toolkit wrote it."""
    try:
        written = json.loads(text)
        if isinstance(written, dict) and written.get("format") != FORMAT:
            raise LedgerError(f"an entry has format {written.get('format')}, and this toolkit reads format {FORMAT}")
        return _adapter().validate_python(written)
    except (ValidationError, ValueError, RecursionError) as error:
        raise LedgerError(f"not an entry: {error}") from error
