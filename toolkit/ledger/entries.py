"""What the ledger can say: one type an entry, and the one text that each is stored as."""

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
from toolkit.records import dataclass
from toolkit.sdk.resource import Address, Reach, parse_address
from toolkit.values import Json, Settings, canonical_text, from_plain, plain

FORMAT = 1


class Action(StrEnum):
    """What a step does to its object."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    MOVE = "move"
    ADOPT = "adopt"  # nothing is sent: what another ledger managed is this one's
    SEND = "send"  # a message: nothing in the tenant shows later whether it was sent


class StepVerdict(StrEnum):
    """What looking in the tenant says about a step whose end no one saw."""

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
    """An object that the tenant has and no playbook names."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """An exception that a run made begin or end on a tenant, and how many minutes after its time."""

    exception: str
    provider: str
    ended: bool
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotRecord:
    """A control that only a pilot had when a run ended, on one tenant."""

    control: str
    provider: str
    audience: str  # the role that it is for afterwards
    role: str
    until: date
    people: int | None = None
    devices: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunBegan:
    """A run starts; `at` is its now, as in every entry."""

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
    kind: Literal["run_began"] = "run_began"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepBegan:
    """A write is about to be sent: committed before the call, so that a killed run leaves it without an end."""

    run: str
    step: int
    at: AwareDatetime
    address: AddressText
    action: Action
    before: SettingsText | None  # as observed; None where there was no object
    sent: SettingsText | None  # all settings the step leaves in force; None where it touches none (delete, move)
    remote_id: str | None = None
    reach: Reach | None = None
    was_named: str | None = None  # what the service called it before
    behind: str | None = None  # of a move or delete in an order: what it stood directly behind, "" where it was first
    after: str | None = None  # of a move or create in an order: behind which of ours it is put, "" before all of them
    kind: Literal["step_began"] = "step_began"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEnded:
    """The service said yes; `returned` is what it keeps, None where the step touched no settings."""

    run: str
    step: int
    at: AwareDatetime
    remote_id: str | None
    name: str | None  # what the service calls the object
    returned: SettingsText | None
    kind: Literal["step_ended"] = "step_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFailed:
    """The service said no: nothing was changed."""

    run: str
    step: int
    at: AwareDatetime
    error: str
    kind: Literal["step_failed"] = "step_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepUnknown:
    """No answer came: the write may have taken effect, and is looked up before anything is sent again."""

    run: str
    step: int
    at: AwareDatetime
    error: str
    kind: Literal["step_unknown"] = "step_unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepVerified:
    """A later run looked for what a step without an end has done."""

    run: str  # the run that began the step
    step: int
    at: AwareDatetime
    by: str  # the run that looked
    verdict: StepVerdict
    remote_id: str | None = None
    name: str | None = None
    returned: SettingsText | None = None
    kind: Literal["looked"] = "looked"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded:
    """A run ends; a kind that could not be read is left out of `unmanaged`, an empty one is named with nothing."""

    run: str
    at: AwareDatetime
    exit: int
    summary: Mapping[str, int]
    unmanaged: Mapping[str, tuple[UnmanagedObject, ...]] = field(
        default_factory=dict
    )  # microsoft365.transport_rule -> ...
    turned: tuple[Transition, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)  # microsoft365:all-staff@... -> the service's id of it
    statuses: Mapping[str, str] = field(default_factory=dict)  # of the clauses of the policy, where a run said them
    lacking: Mapping[str, Mapping[str, str]] | None = None  # by clause, what of it does not hold
    exported: Mapping[str, str] = field(default_factory=dict)  # the files of an export, each with its SHA-256
    failed: str = ""  # why it came to no answer
    pilots: tuple[PilotRecord, ...] = ()  # the controls that had one
    kind: Literal["run_ended"] = "run_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadLost:
    """The file beside the ledger was gone: up to here a cut tail would not have been found."""

    at: AwareDatetime
    host: str
    kind: Literal["head_lost"] = "head_lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamesForgotten:
    """Names were removed from entries before a date: from here on this entry vouches for what is left of them."""

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
    """The school's response to one matter of a report: a later one is added, and none is removed."""

    run: str
    at: AwareDatetime
    matter: str  # the control, or what else it is about
    report: str  # the run that made the draft
    response: str
    lead: str  # a role
    due: date | None = None
    accepted: bool = False  # the risk is accepted, for the reason that the response gives
    kind: Literal["matter_answered"] = "matter_answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportReleased:
    """The draft of a report became final."""

    run: str
    at: AwareDatetime
    report: str  # the run that made the draft
    by: str  # a role
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
)


@cache
def _adapter() -> TypeAdapter[Entry]:
    return TypeAdapter(Annotated[Entry, Discriminator("kind")])


def entry_text(entry: Entry, redactor: Redactor) -> str:
    """Write an entry as the ledger stores it: canonical JSON without known secrets."""
    written: Mapping[str, Json] = _adapter().dump_python(entry, mode="json")
    return canonical_text(redactor.json(_storable({"format": FORMAT, **written})))


def _storable(value: Json) -> Json:
    """Replace what a service may answer and no database stores: half a surrogate pair has no UTF-8."""
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
    """Read back a stored entry; LedgerError where it is none or a newer toolkit wrote it."""
    try:
        written = json.loads(text)
        if isinstance(written, dict) and written.get("format") != FORMAT:
            raise LedgerError(f"an entry has format {written.get('format')}; this toolkit reads format {FORMAT}")
        return _adapter().validate_python(written)
    except (ValidationError, ValueError, RecursionError) as error:
        raise LedgerError(f"not an entry: {error}") from error
