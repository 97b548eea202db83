"""Compares all holds in the clouds with the ledger, and records the holds that people placed without toolkit."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from toolkit.engine.journal import Journal
from toolkit.errors import LeaseHeld, NotLicensed, Refused, ServiceError, SignInRefused
from toolkit.holds.model import HoldsSeen, HoldState, recorded_fingerprints, state_for
from toolkit.holds.reasons import (
    INTERRUPTED,
    LICENCE_ENDED,
    LOST,
    LOST_OF_OTHERS,
    NO_KEY,
    NOT_ASKED,
    NOT_CONFIRMED,
    NOT_DECLARED,
    NOT_RECORDED,
    NOT_WATCHED,
    SHOWN,
)
from toolkit.ledger.act_kinds import HOLD, QUERY
from toolkit.ledger.fingerprints import HOLDS_KEY, Fingerprints, addresses_of_others
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.endpoint import read_safely
from toolkit.sdk.providers import cloud_title
from toolkit.sdk.reason import Reason, ReasonCode
from toolkit.sdk.resource import Address
from toolkit.values import Settings

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger
    from toolkit.ledger.memory import RememberedObject


def undeclared_clouds(held: Iterable["RememberedObject"], declared: Collection[str], directory: Path) -> Sequence[str]:
    """Return the clouds that are missing from the school file, but in which toolkit placed holds (from the ledger)."""
    placed = [
        remembered.address
        for remembered in held
        if recorded_fingerprints(remembered.sent) or remembered.sent.get("waiting") is True
    ]
    gone = {address.provider for address in placed} - {*declared}
    of_others = addresses_of_others(directory, gone)
    return sorted({address.provider for address in placed if address.provider in gone and address not in of_others})


Accounts: TypeAlias = Mapping[str, Settings]
"""The holds on accounts, by id."""


@dataclass(frozen=True, slots=True)
class HoldsComparison:
    """The state of all holds.

    `there` has the accounts on hold in each cloud, or nothing if some of our holds are unknown.
    """

    holds: HoldsSeen
    there: Mapping[str, Accounts] = field(default_factory=dict)


def compare_holds(
    ledger: "Ledger | None",
    connections: Mapping[str, Connection],
    clouds: Collection[str],
    declared: Collection[str],
    *,
    registered: bool,
) -> HoldsComparison:
    """Compare all holds in the clouds with the ledger, including holds that people placed without toolkit.

    `clouds` are the clouds of the run, `declared` are all clouds in the school file. `registered` is whether the school
    has a register of holds.
    """
    if ledger is None or not ledger.exists():
        return _compare_clouds(None, {}, connections, clouds, [NOT_RECORDED()] if registered else [])
    from toolkit.ledger.memory import LedgerMemory

    memory = LedgerMemory(ledger)
    held = [remembered for remembered in memory.all().values() if remembered.address.kind == HOLD]
    open_steps = [unfinished.step for unfinished in memory.unfinished_steps() if unfinished.step.address.kind == HOLD]
    steps = [step.address for step in open_steps if QUERY not in (step.sent or {})]
    of_others = addresses_of_others(ledger.directory, clouds)
    in_clouds = [remembered for remembered in held if remembered.address.provider in clouds]
    if (
        any(recorded_fingerprints(remembered.sent) for remembered in in_clouds)
        and not (ledger.directory / HOLDS_KEY).exists()
    ):
        return HoldsComparison(HoldsSeen(HoldState.UNKNOWN, (NO_KEY(file=HOLDS_KEY),)))
    reasons = [NOT_DECLARED(cloud=cloud_title(name)) for name in undeclared_clouds(held, declared, ledger.directory)]
    reasons += [INTERRUPTED()] if any(address.provider in clouds for address in steps) else []
    reasons += [NOT_CONFIRMED()] if any(remembered.sent.get("waiting") is True for remembered in in_clouds) else []
    reasons += (
        [NOT_RECORDED()] if registered and not any(remembered.address not in of_others for remembered in held) else []
    )
    marks = {remembered.address: frozenset(recorded_fingerprints(remembered.sent)) for remembered in in_clouds}
    return _compare_clouds(Fingerprints(ledger.directory) if held else None, marks, connections, clouds, reasons)


def _compare_clouds(
    fingerprints: Fingerprints | None,
    marks: Mapping[Address, frozenset[str]],
    connections: Mapping[str, Connection],
    clouds: Iterable[str],
    reasons: Sequence[Reason],
) -> HoldsComparison:
    """Compare the holds in each cloud with the ledger. `fingerprints` is None if the ledger has no holds."""
    lost, unknown, remarks = list[Reason](), list(reasons), list[Reason]()
    there: dict[str, Accounts] = {}
    is_open = False
    for provider in clouds:
        before, ours = _known_fingerprints(fingerprints, marks, provider)
        accounts = _read_cloud(provider, connections.get(provider), is_known=bool(before or ours))
        is_open |= bool(ours)
        if isinstance(accounts, Reason):
            (unknown if before or ours else remarks).append(accounts)
            continue
        there[provider] = accounts
        if fingerprints:
            seen_marks, kept = (
                fingerprints.cloud_fingerprints(provider, accounts),
                fingerprints.preservation_fingerprints(provider, accounts),
            )
            lost += lost_reasons(fingerprints, provider, accounts, ours - seen_marks, LOST)
            lost += lost_reasons(fingerprints, provider, accounts, before - kept, LOST_OF_OTHERS)
    state = state_for(unknown, is_open=is_open)
    reasons_shown = tuple(dict.fromkeys((*lost, *unknown, *remarks)))
    seen = HoldsSeen(HoldState.NOT_AS_WANTED if lost else state, reasons_shown)
    return HoldsComparison(seen, {} if reasons else there)


_SIGNS: Sequence[tuple[ReasonCode, Settings]] = (
    (LICENCE_ENDED, {"licensed": True, "capable": True}),
    (SHOWN, {"comment": False, "url": False}),
)
"""Facts about an account on hold whose end has a reason of its own."""


def lost_reasons(
    fingerprints: Fingerprints, provider: str, accounts: Accounts, gone: frozenset[str], otherwise: ReasonCode
) -> Iterator[Reason]:
    """Yield the reasons why fingerprints of holds are missing, without people's names.

    `otherwise` is the default reason.
    """
    for code, facts in _SIGNS:
        marks = fingerprints.cloud_fingerprints(provider, dict.fromkeys(accounts, facts))
        if gone & marks:
            yield code(cloud=cloud_title(provider))
        gone -= marks
    if gone:
        yield otherwise(cloud=cloud_title(provider))


def licence_fingerprints(fingerprints: Fingerprints, provider: str, accounts: Accounts) -> frozenset[str]:
    """Return the fingerprints of the licences of accounts on hold. Placing a hold again does not restore a licence."""
    return fingerprints.cloud_fingerprints(provider, {key: {"licensed": True, "capable": True} for key in accounts})


def _known_fingerprints(
    fingerprints: Fingerprints | None, marks: Mapping[Address, frozenset[str]], provider: str
) -> tuple[frozenset[str], frozenset[str]]:
    """Return the ledger's fingerprints of the holds that others placed, and of the holds that toolkit placed."""
    if fingerprints is None:
        return frozenset(), frozenset()
    address = fingerprints.others_address(provider)
    ours = (some for key, some in marks.items() if key.provider == provider and key != address)
    return marks.get(address, frozenset()), frozenset().union(*ours)


def learn_holds_of_others(journal: Journal, there: Mapping[str, Accounts]) -> None:
    """Add holds placed by others to the ledger.

    A hold that has disappeared stays in the ledger until a person closes it. If another run is writing to the ledger,
    nothing is added until the next drift check.
    """
    from toolkit.ledger.lease import Lease
    from toolkit.ledger.memory import LedgerMemory

    ledger = journal.ledger
    held = [remembered for remembered in LedgerMemory(ledger).all().values() if remembered.address.kind == HOLD]
    marks = {remembered.address: frozenset(recorded_fingerprints(remembered.sent)) for remembered in held}
    for provider, accounts in there.items():
        if not accounts:
            continue
        fingerprints = Fingerprints(ledger.directory)
        before, ours = _known_fingerprints(fingerprints, marks, provider)
        of_others = fingerprints.accounts_without(provider, accounts, ours)
        if fresh := fingerprints.preservation_fingerprints(provider, of_others) - before:
            with suppress(LeaseHeld), Lease(ledger, run=journal.run):
                sent: Settings = {"marks": tuple(sorted(before | fresh)), "waiting": False}
                journal.record_step_end(journal.begin_act(fingerprints.others_address(provider), sent), None, None)


def _read_cloud(provider: str, connection: Connection | None, *, is_known: bool) -> Mapping[str, Settings] | Reason:
    """Read the holds in a cloud, or return why they are unknown.

    The reason leaves out the service's own text, which may have names. A missing permission is ignored while no hold in
    the cloud is known, because the school may never have granted it.
    """
    title, code = cloud_title(provider), NOT_ASKED if is_known else NOT_WATCHED
    if connection is None:
        return code(cloud=title, why="it could not be reached")
    try:
        return read_safely("holds", connection.holding.read_held_accounts)
    except SignInRefused:
        if is_known:
            raise
        return code(cloud=title, why="the sign-in was refused")
    except Refused as error:
        return code(cloud=title, why=f"a permission is missing{f' ({error.missing})' if error.missing else ''}")
    except NotLicensed:
        return code(cloud=title, why="the licences do not include it")
    except ServiceError:
        return code(cloud=title, why="its response could not be read")
