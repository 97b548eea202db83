"""Names before a date go from every table and file, the chain holds, and an edit is found as before."""

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from typing import get_args

import pytest
from sqlalchemy import inspect

from tests.ledger.conftest import IN_A_FILE, History
from tests.ledger.test_ledger_verify import changed, damaged_subjects
from toolkit.errors import LedgerError
from toolkit.ledger.archive import check_sound
from toolkit.ledger.database import open_read_transaction
from toolkit.ledger.display_names import names_by_address
from toolkit.ledger.entries import (
    Action,
    Entry,
    MatterAnswered,
    RunBegan,
    RunEnded,
    StepBegan,
    StepEnded,
    StepFailed,
    StepUnknown,
    StepVerdict,
    StepVerified,
    UnmanagedObject,
)
from toolkit.ledger.findings import DriftSeen, Sighting
from toolkit.ledger.fingerprints import Pseudonyms
from toolkit.ledger.forget import ERASED, ForgetRequest, Forgotten, forget
from toolkit.ledger.lease import Lease
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.school_parts import SchoolFreeze
from toolkit.ledger.verify import Damage, verify
from toolkit.planning.finding_state import FindingState
from toolkit.school.signers import PlanApproval
from toolkit.sdk.resource import Address
from toolkit.values import Settings

OLD, NEW = datetime(2025, 3, 3, 9, tzinfo=UTC), datetime(2026, 3, 3, 9, tzinfo=UTC)
DAY = date(2026, 1, 1)
NAMELESS = {
    *("kind", "run", "by", "command", "target", "tenants", "version", "playbooks", "action", "verdict", "at", "exit"),
    *("step", "remote_id", "address", "reach", "behind", "after", "summary", "turned", "groups", "statuses", "host"),
    *("exported", "pilots", "fixed", "unseen", "texts", "names", "people", "before"),
    *("matter", "report", "lead", "due", "accepted", "checklist", "person", "read"),
    *("operator", "accounts", "undoes", "school", "schools", "entries", "numbers", "until"),
}
"""Keys of entries without words of people: ids, numbers, dates, digests, roles, pseudonyms, names of our objects."""


def _write(ledger: Ledger, run: str, at: datetime, who: str) -> None:
    """Write a run with a name in every place of an entry that has room for one."""
    rule, reply = (
        Address("microsoft365", kind, name) for kind, name in (("transport_rule", run), ("automatic_reply", "7"))
    )
    mail = f"{who}@school.example"
    actor = Pseudonyms(ledger).create_pseudonym(mail)

    def begin(step: int, address: Address, before: Settings, sent: Settings) -> StepBegan:
        return StepBegan(
            run=run, step=step, at=at, address=address, action=Action.UPDATE, before=before, sent=sent, was_named=mail
        )

    words = {"status": "off", "internal": f"{who.title()} Khan is away"}
    entries: Sequence[Entry] = [
        RunBegan(
            run=run, at=at, command="apply", target="emulator", tenants={}, version="1", playbooks="d",
            flags=(f"--only {mail}",), override=f"{who} asked",
            approved=PlanApproval(mail, "SHA256:oXJw8I23", "d"),
        ),
        begin(1, rule, {"sent_to": (mail,)}, {"sent_to": (mail, "office@school.example")}),
        StepEnded(run=run, step=1, at=at, remote_id="r", name=mail, returned={"sent_to": (mail,)}),
        begin(2, reply, {**words}, {**words}),
        StepEnded(run=run, step=2, at=at, remote_id="7", name="7", returned={**words}),
        begin(3, rule, {}, {"note": f'"{who.title()} Khan" <{mail}>'}),
        StepFailed(run=run, step=3, at=at, error=f"no mailbox {who.title()} Khan"),
        begin(4, rule, {}, {"note": mail}),
        StepUnknown(run=run, step=4, at=at, error=f"no answer for {mail}"),
        StepVerified(
            run=run, step=4, at=at, by=run, verdict=StepVerdict.APPLIED, remote_id="r", name=mail,
            returned={"note": mail},
        ),
        DriftSeen(
            run=run,
            at=at,
            found=(
                Sighting(run, str(rule), mail, mail, FindingState.OPEN, at, mail, actor, person=True),
                Sighting(f"{run} 2", str(rule), "", "", FindingState.OPEN, at, "", mail),
            ),
        ),
        MatterAnswered(
            run=run, at=at, matter="identity.mfa", report=run, response=f"{who.title()} Khan registers.", lead="Head",
        ),
        RunEnded(
            run=run, at=at, exit=0, summary={}, failed=mail, lacking={"EML-01": {"what": mail}},
            unmanaged={"microsoft365.transport_rule": (UnmanagedObject("1", f"for {mail}"),)},
        ),
    ]  # fmt: skip
    with Lease(ledger, run=run):
        for entry in entries:
            ledger.append(entry)


def _request(run: str = "f1", **more: frozenset[str]) -> ForgetRequest:
    began = RunBegan(
        run=run, at=NEW, command="forget", target="emulator", tenants={}, version="1", playbooks="d"
    )  # fmt: skip
    return ForgetRequest(
        began=began, day=DAY, before=datetime(2026, 1, 1, tzinfo=UTC), by="Data Protection Officer", **more
    )


def _everything(ledger: Ledger) -> str:
    """Read every cell of every table, and every byte beside the database."""
    with open_read_transaction(ledger.engine) as connection:
        tables = inspect(connection).get_table_names()
        rows = [repr(row) for name in tables for row in connection.exec_driver_sql(f"SELECT * FROM {name}")]
    files = [path.read_bytes().decode(errors="replace") for path in ledger.directory.iterdir() if path.is_file()]
    return "\n".join([*rows, *files]).casefold()


def test_no_name_before_the_date_is_left_anywhere_and_every_later_one_is(ledger: Ledger) -> None:
    _write(ledger, "run-1", OLD, "olga")
    _write(ledger, "run-2", NEW, "bela")
    later = _everything(ledger).count("bela")
    assert _everything(ledger).count("olga") > 15

    office = frozenset({"office@school.example"})
    found = forget(ledger, _request(named_now=office))

    everything = _everything(ledger)
    assert "olga" not in everything
    assert everything.count("bela") == later
    assert "office@school.example" in everything
    assert (found.people, found.in_use) == (1, 0)
    assert verify(ledger).is_sound
    assert f"removed names from {found.entries} entries made before 2026-01-01" in verify(ledger).remarks[0]
    assert forget(ledger, _request("f2", named_now=office)) == Forgotten()
    assert sum(1 for _ in ledger.entries()) == 2 * 13 + 3


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("copy to Olga Khan <olga.khan@school.example>, too", {"olga khan"}),
        ('"Khan, Olga (Year 4)" <ok7@school.example>', {"khan, olga (year 4)"}),
        ("the mailbox Olga Khan (o.khan@school.example) is full", {"olga khan"}),
        ("No mailbox: Olga van der Berg [olga@school.example]", {"olga van der berg"}),
        ("okhan@school.example (Olga Khan) was not found", {"olga khan"}),
        ("Zoë Ångström <za@school.example>", {"zoë ångström"}),
        ("the shared mailbox (office@school.example)", set()),
        ("write to office@school.example", set()),
        ("asked by the School Business Manager (sbm@school.example)", set()),
    ],
)
def test_a_name_is_found_beside_its_address_and_nothing_else_is(text: str, names: set[str]) -> None:
    (found,) = [*names_by_address([{"a": [text]}]).values()] or [frozenset()]

    assert found == names


def test_the_name_of_an_address_that_stays_is_kept(ledger: Ledger) -> None:
    _write(ledger, "run-1", OLD, "olga")

    forget(ledger, _request(named_now=frozenset({"olga@school.example"})))

    assert "no mailbox Olga Khan".casefold() in _everything(ledger)


def test_every_key_of_every_entry_is_erased_or_known_to_hold_no_words_of_people() -> None:
    keys = {field.name for entry in get_args(Entry) if is_dataclass(entry) for field in fields(entry)}

    assert keys - {*ERASED} - NAMELESS == {"override", "reason"}


def test_the_whole_reason_of_a_freeze_is_removed(history: History) -> None:
    freeze = SchoolFreeze(
        run="run-1", at=OLD, school="OAK", until=date(2025, 3, 7), by="Head Teacher", reason="Olga Khan is away",
        schools=("OAK",),
    )  # fmt: skip
    history.ledger.append(freeze)

    forget(history.ledger, _request())

    assert next(entry for _, entry in history.ledger.entries()) == replace(freeze, reason="[forgotten]")


@IN_A_FILE
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET text = replace(text, '[forgotten]', 'Somebody') WHERE n = 2",
        "UPDATE entry SET text = replace(text, 'bela', 'olga') WHERE n = 14",
        "UPDATE entry SET text = replace(text, 'Data Protection', 'Other') WHERE n = 28",
        'UPDATE entry SET text = replace(text, \'"2":"\', \'"2":"0\') WHERE n = 28',
    ],
)
def test_an_edit_is_found_after_names_were_removed(history: History, statement: str) -> None:
    _write(history.ledger, "run-1", OLD, "olga")
    _write(history.ledger, "run-2", NEW, "bela")
    forget(history.ledger, _request())

    checked = changed(history, statement)

    assert [damage for damage, _ in damaged_subjects(checked)] == [Damage.EDITED]


def test_an_edited_ledger_is_not_vouched_for(history: History) -> None:
    _write(history.ledger, "run-1", OLD, "olga")
    changed(history, "UPDATE entry SET text = replace(text, 'school', 'scool') WHERE n = 2")

    with pytest.raises(LedgerError, match="Nothing was removed"):
        check_sound(history.ledger, "the ledger", "removed")
    with pytest.raises(LedgerError, match="nothing was removed"):
        forget(history.ledger, _request())


def test_what_a_change_without_an_end_and_a_reply_that_is_on_need_stays(ledger: Ledger) -> None:
    _write(ledger, "run-1", OLD, "olga")
    open_rule = Address("microsoft365", "transport_rule", "Open")
    with Lease(ledger, run="run-2"):
        ledger.append(
            RunBegan(run="run-2", at=OLD, command="apply", target="emulator", tenants={}, version="1", playbooks="d")
        )
        ledger.append(
            StepBegan(
                run="run-2", step=1, at=OLD, address=open_rule, action=Action.UPDATE,
                before={"sent_to": ("cleo@school.example",)}, sent={},
            )
        )  # fmt: skip

    found = forget(ledger, _request(on_now=frozenset({"microsoft365.automatic_reply[7]"})))

    everything = _everything(ledger)
    assert "cleo@school.example" in everything
    assert "olga khan is away" in everything
    assert found.in_use == 3
    assert verify(ledger).is_sound


def _stop_within(ledger: Ledger) -> None:
    """Stop in the middle of the one transaction."""
    with ledger.open_rewrite_transaction() as (connection, append):
        append(_request().began)
        connection.exec_driver_sql("DELETE FROM person")
        raise KeyboardInterrupt


def test_it_is_done_whole_or_not_at_all(ledger: Ledger, open_ledger: Callable[..., Ledger]) -> None:
    _write(ledger, "run-1", OLD, "olga")
    before, head = _everything(ledger), ledger.head()

    with pytest.raises(KeyboardInterrupt):
        _stop_within(ledger)

    assert (_everything(ledger), ledger.head()) == (before, head)
    again = open_ledger()
    assert forget(again, _request()).names
    assert "olga" not in _everything(again)
    assert verify(again).is_sound
