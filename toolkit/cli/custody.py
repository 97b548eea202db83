"""The command `toolkit custody`."""

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit.cli.shared.custody_files import (
    add,
    bag,
    case_argument,
    check_single_line,
    end_custody_run,
    find_cases,
    from_option,
    open_register_for_custody,
    read_private_text,
    read_signing_person,
)
from toolkit.cli.shared.hold_search import playbooks_option
from toolkit.cli.shared.options import json_option, read_date
from toolkit.errors import Exit

if TYPE_CHECKING:
    from toolkit.holds.model import CopyState


_copies = click.argument("numbers", metavar="COPY...", type=int, nargs=-1, required=True)
_with = click.option(
    "--with", "provider", metavar="PROVIDER", help="The cloud to sign in to (default: the school's first)."
)
_by = click.option("--by", metavar="NAME", help="Only record the person's name (not verified). `-` asks.")
_on = click.option("--on", type=read_date, metavar="DATE", help="The date of the event (default: today).")


@click.group()
def command() -> None:
    r"""Record copies of evidence, and the people who have had them.

    Each file that was exported for a case is recorded with its SHA-256, its source, the people who asked for it and
    handed it over, and the dates on which it was returned or destroyed. Names are only in the register of holds, which
    TOOLKIT_HOLDS_KEY opens. The ledger has only hashes, dates and job titles. No file leaves this computer.

    \b
    Example: toolkit custody add 2026-B /media/stick/export.zip --media "stick 3, in the safe"
             toolkit custody hand-over 2026-B 1 --to -
             toolkit custody bag 2026-B /media/stick/for-the-police
             toolkit custody verify
    """


command.add_command(add)
command.add_command(bag)


@command.command("hand-over")
@case_argument
@_copies
@click.option("--to", metavar="NAME", help="The recipient. `-` asks. The second person may leave it out.")
@_with
@_by
@playbooks_option
@json_option
def hand_over(
    case: str,
    *,
    numbers: tuple[int, ...],
    to: str | None,
    provider: str | None,
    by: str | None,
    playbooks: Path,
    as_json: bool,
) -> None:
    r"""Hand copies of evidence over to another person.

    Two people must sign in.

    The control gov.custody names the roles that may hand copies over. The person in the case, the Head and the IT
    technician may not. Each of the two people runs this command and signs in. A person named with --by is recorded as
    not verified, and cannot hand anything over.

    \b
    Exit codes:
      0  the copies are handed over
      5  a second person must sign in, or this person may not

    \b
    Example: toolkit custody hand-over 2026-B 1 2 --to -
    """
    from toolkit.holds.custody import (
        begin_hand_over,
        check_change,
        copy_subjects,
        find_case,
        pick_copies,
        refuse_unproven_hand_over,
    )
    from toolkit.holds.custody import hand_over as hand_copies_over
    from toolkit.holds.custody_ledger import school_date
    from toolkit.holds.model import CopyState

    recipient = read_private_text("to", to or "", "Who gets the copy")
    name = read_private_text("by", by or "", "Who hands it over")
    with open_register_for_custody(playbooks, clouds=not name) as at:
        found_case = find_case(at, case)
        copies = pick_copies(found_case, numbers)
        check_change(at, copies, CopyState.HANDED_OVER, school_date(at))
        begin_hand_over(copies, recipient)
        if not name:
            refuse_unproven_hand_over(at, found_case, copies, recipient)  # before anyone signs in
        subjects = copy_subjects(found_case, copies, CopyState.HANDED_OVER, recipient)
        hand_copies_over(at, found_case, copies, read_signing_person(at, name, provider, subjects))
        is_done = all(copy.state is CopyState.HANDED_OVER for copy in copies)
        code = end_custody_run(at, found_case, copies, Exit.AS_WANTED if is_done else Exit.REFUSED, as_json=as_json)
    sys.exit(code)


@command.command("return")
@case_argument
@_copies
@_on
@_with
@_by
@playbooks_option
@json_option
def return_(case: str, *, numbers: tuple[int, ...], playbooks: Path, as_json: bool, **said: Any) -> None:
    r"""Record that copies came back.

    A person in a role that gov.custody names must sign in. Or --by names the person, who is then not verified.

    \b
    Example: toolkit custody return 2026-B 1 --on 2026-12-01
    """
    from toolkit.holds.model import CopyState

    _record_change(case, numbers, CopyState.RETURNED, playbooks, as_json=as_json, **said)


@command.command()
@case_argument
@_copies
@click.option("--how", default="", metavar="TEXT", help="How the copies were destroyed.")
@_on
@_with
@_by
@playbooks_option
@json_option
def destroy(case: str, *, numbers: tuple[int, ...], playbooks: Path, as_json: bool, **said: Any) -> None:
    r"""Record that copies were destroyed. toolkit deletes no file.

    A person in a role that gov.custody names must sign in. Or --by names the person, who is then not verified.

    \b
    Example: toolkit custody destroy 2026-B 1 --how "stick shredded" --on 2027-03-01
    """
    from toolkit.holds.model import CopyState

    _record_change(case, numbers, CopyState.DESTROYED, playbooks, as_json=as_json, **said)


@command.command("list")
@click.argument("case", metavar="[CASE]", required=False)
@playbooks_option
@json_option
def list_(case: str | None, *, playbooks: Path, as_json: bool) -> None:
    r"""List the copies of each case, with their state.

    \b
    Exit codes:
      0  no review is due
      3  a copy is past the date of its review

    \b
    Example: toolkit custody list
    """
    from toolkit.cli.shared.terminal import show_answer
    from toolkit.holds.custody import administrators_among
    from toolkit.holds.custody_ledger import school_date
    from toolkit.holds.custody_text import copies_answer, copy_lines, is_overdue
    from toolkit.render.line import Line, to_body

    with open_register_for_custody(playbooks, clouds=False, writes=False) as at:
        cases, today = find_cases(at, case), school_date(at)
        shown = [
            (listed_case, administrators_among(at.playbooks, listed_case))
            for listed_case in cases
            if listed_case.copies
        ]
        lines = [
            line for listed_case, admins in shown for line in copy_lines(listed_case, listed_case.copies, admins, today)
        ]
        answer = to_body(
            {
                "format": 1,
                "cases": [copies_answer(listed_case, listed_case.copies, admins) for listed_case, admins in shown],
            }
        )
        show_answer(answer, lines or [Line("No copy of evidence is on record.")], as_json=as_json)
        overdue = any(is_overdue(copy, today) for listed_case in cases for copy in listed_case.copies)
        code = Exit.PENDING if overdue else Exit.AS_WANTED
        at.journal.record_end(code=code, summary={}, unmanaged={})
    sys.exit(code)


@command.command()
@click.argument("case", metavar="[CASE]", required=False)
@from_option
@playbooks_option
@json_option
def verify(case: str | None, *, folder: Path | None, playbooks: Path, as_json: bool) -> None:
    r"""Compare each copy with the ledger and its SHA-256.

    \b
    Exit codes:
      0  everything that is here is unchanged
      1  something was changed
      4  a file was not found

    \b
    Example: toolkit custody verify
             toolkit custody verify 2026-B --from /media/stick/for-the-police
    """
    from toolkit.cli.shared.terminal import show_answer
    from toolkit.engine.run_report import worst
    from toolkit.holds.custody_ledger import CODES, verify_copies
    from toolkit.holds.custody_text import verification_lines
    from toolkit.render.line import rows, to_body

    with open_register_for_custody(playbooks, clouds=False, writes=False) as at:
        results = list(verify_copies(at, find_cases(at, case), folder, whole=not case))
        answer = to_body({"format": 1, "compared": rows(results, "what", "result", "why?")})
        show_answer(answer, verification_lines(results), as_json=as_json)
        code = worst([CODES[result.result] for result in results if result.result in CODES])
        at.journal.record_end(code=code, summary={}, unmanaged={})
    sys.exit(code)


@command.command("opened")
@case_argument
@playbooks_option
@json_option
def show_access(case: str, *, playbooks: Path, as_json: bool) -> None:
    r"""Show who opened a case in the clouds.

    Google Vault's own log is read for at most 180 days, and the ledger does not record it. People who asked for or
    agreed to something in the case are marked =, and everyone else is marked !. Microsoft's log is not read. Look at it
    in Purview.

    \b
    Exit codes:
      0  the log shows no action by anyone else in the case
      3  the log shows an action by someone who has no part in the case
      4  a log could not be read

    \b
    Example: toolkit custody opened 2026-B
    """
    from toolkit.cli.shared.terminal import show_answer
    from toolkit.engine.run_report import worst
    from toolkit.holds.case_access import access_answer, access_lines, access_since, read_access
    from toolkit.holds.custody import find_case

    with open_register_for_custody(playbooks, clouds=True, writes=False) as at:
        found_case = find_case(at, case)
        clouds, since = list(read_access(at, found_case)), access_since(at, found_case)
        show_answer(access_answer(found_case, since, clouds), access_lines(found_case, since, clouds), as_json=as_json)
        code = worst([cloud.exit for cloud in clouds])
        at.journal.record_end(code=code, summary={}, unmanaged={})
    sys.exit(code)


def _record_change(
    case: str,
    numbers: Sequence[int],
    state: "CopyState",
    playbooks: Path,
    *,
    on: date | None,
    provider: str | None,
    by: str | None,
    as_json: bool,
    how: str = "",
) -> None:
    from toolkit.holds.custody import change_copies, check_change, copy_subjects, find_case, pick_copies
    from toolkit.holds.custody_ledger import school_date

    note, name = check_single_line("how", how), read_private_text("by", by or "", "Who it was")
    with open_register_for_custody(playbooks, clouds=not name) as at:
        found_case = find_case(at, case)
        copies, when = pick_copies(found_case, numbers), on or school_date(at)
        check_change(at, copies, state, when)
        who = read_signing_person(at, name, provider, copy_subjects(found_case, copies, state, note))
        change_copies(at, found_case, copies, state=state, on=when, who=who, note=note)
        end_custody_run(at, found_case, copies, Exit.AS_WANTED, as_json=as_json)
