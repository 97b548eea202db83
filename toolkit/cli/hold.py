"""The command `toolkit hold`."""

import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.cli.shared.hold_search import ask_to_sign_in, export, open_register, playbooks_option, search
from toolkit.cli.shared.options import json_option, read_date
from toolkit.cli.shared.people import check_addresses, read_people_addresses
from toolkit.errors import Exit, UsageError

if TYPE_CHECKING:
    from toolkit.holds.model import Case, ChangedHold, LostCover
    from toolkit.holds.session import HoldSession, HoldsRead

_MOST = 100  # characters of a case's name


@click.group()
def command() -> None:
    r"""Place a person's data on legal hold.

    A hold covers both clouds and has no end date. Releasing it needs two people. The people on hold, and the reasons,
    are in one encrypted file, private/holds.yaml.age in the playbooks, which TOOLKIT_HOLDS_KEY opens. They are not in
    the ledger, in drift findings or in a report.

    \b
    Example: toolkit hold place 2026-B --person -
             toolkit hold confirm
             toolkit hold list
             toolkit hold release 2026-B
    """


command.add_command(search)
command.add_command(export)


@command.command()
def key() -> None:
    r"""Create the key of the register and print it once.

    It is kept nowhere else.

    \b
    Example: toolkit hold key
    """
    from toolkit.cli.shared.terminal import show_document
    from toolkit.holds.register import KEY, new_key

    show_document(f"{KEY}={new_key()}")


@command.command()
@click.argument("case", metavar="CASE")
@click.option(
    "--person",
    "people",
    metavar="ADDRESS",
    multiple=True,
    required=True,
    help="The person to place on hold. `-` asks for it, or reads addresses from standard input. May be "
    "repeated. On a live target only `-` is allowed.",
)
@click.option(
    "--until",
    type=read_date,
    metavar="DATE",
    help="The date of the next review. The hold does not end then.",
)
@click.option("--tell-the-person", is_flag=True, help="The person may know, so a comment in Outlook is not a finding.")
@playbooks_option
@json_option
def place(
    case: str,
    *,
    people: tuple[str, ...],
    until: date | None,
    tell_the_person: bool,
    playbooks: Path,
    as_json: bool,
) -> None:
    r"""Place all data of a person on hold, mailbox first.

    A hold is `requested` at once. It is `confirmed` when toolkit has read it in the cloud, which can take a day on
    Microsoft 365. `toolkit hold confirm` reads it. A second run completes the remaining steps and repeats nothing.
    Adding a person cancels earlier agreements to release the case.

    \b
    Exit codes:
      0  every hold is requested
      1  a hold failed
      3  a person has no account in any cloud
      4  a cloud could not be read, or a service cannot place data on hold,
         such as a mailbox without the licence

    \b
    Example: toolkit hold place 2026-B --person -
    """
    from toolkit.holds.place import place as place_holds

    if not case.strip() or len(case) > _MOST or not case.isprintable():
        raise UsageError(f"name the case in a few words, at most {_MOST} characters")
    addresses = _read_addresses(people)
    with open_register(playbooks) as at:
        placed_case = place_holds(at, case, addresses, review=until, tell_person=tell_the_person)
        code = _show_holds(at, [placed_case], {}, {}, as_json=as_json, shows_waiting=False)
    sys.exit(code)


@command.command()
@click.argument("case", metavar="[CASE]", required=False)
@playbooks_option
@json_option
def confirm(case: str | None, *, playbooks: Path, as_json: bool) -> None:
    r"""Complete incomplete holds, and check every hold in the clouds.

    The command also reads holds that other people placed, even if the register has no case, and records which accounts
    these holds cover. An account that leaves an organisational unit on hold, or loses its licence, is no longer on
    hold. `toolkit drift` reports this until this command has shown it once.

    \b
    Exit codes:
      0  everything that can be held is confirmed
      1  a hold failed
      3  a hold is only requested so far, or no longer exists (also a hold of other people)
      4  a cloud could not be read

    \b
    Example: toolkit hold confirm
    """
    from toolkit.holds.follow_up import follow_up, forget_losses

    with open_register(playbooks) as at:
        cases = [at.case(case)] if case else list(at.holds.open_cases().values())
        read = follow_up(at, cases, settles=True)
        code = _show_compared_holds(at, cases, read, as_json=as_json)
        forget_losses(at, cases, repaired=False)
    sys.exit(code)


@command.command()
@click.argument("case", metavar="CASE")
@click.option("--with", "provider", metavar="PROVIDER", help="The cloud to sign in to (default: the school's first).")
@click.option("--by", metavar="NAME", help="Only record who asked (not verified). Nothing is released.")
@click.option(
    "--closed", metavar="PROVIDER", help="A tenant that was closed for good. Its holds are neither read nor released."
)
@playbooks_option
@json_option
def release(
    case: str, *, provider: str | None, by: str | None, closed: str | None, playbooks: Path, as_json: bool
) -> None:
    r"""Release a case, with two people who sign in.

    The control data.hold names the roles that may release. The person in the case, the Head and the IT technician may
    not. A mailbox stays on hold if another case needs it, or if it was on hold before toolkit held it.

    \b
    Exit codes:
      0  the case is released
      1  a release failed
      3  not all of it is released: run `toolkit hold confirm` and then this again
      4  a cloud could not be read
      5  a second person must sign in, this person may not release the case,
         or a tenant with data of the case cannot be read

    \b
    Example: toolkit hold release 2026-B
    """
    from toolkit.engine.run_report import worst
    from toolkit.holds.consents import have_two_agreed
    from toolkit.holds.release import (
        add_release_consent,
        record_named_person,
        refuse_if_unreadable,
        refuse_unproven_release,
        release_subject,
    )
    from toolkit.holds.release import release as release_holds
    from toolkit.holds.session import record_holds

    with open_register(playbooks) as at:
        found_case = at.case(case)
        refuse_if_unreadable(at, found_case, closed)
        if by:
            record_named_person(at, found_case, by)
        elif not have_two_agreed(found_case.consents):
            refuse_unproven_release(at, found_case)  # before anyone signs in
            add_release_consent(at, found_case, ask_to_sign_in(at, provider, [release_subject(found_case)]))
        failed: Mapping[str, str] = {}
        if two_agreed := have_two_agreed(found_case.consents) and not by:
            release_holds(at, found_case, closed)
            failed = record_holds(at, settles=False, learns=False).failed
        code = _show_holds(at, [found_case], failed, {}, as_json=as_json)
    sys.exit(code if found_case.released or (two_agreed and code) else worst([code, Exit.REFUSED]))


@command.command("list")
@playbooks_option
@json_option
def list_(*, playbooks: Path, as_json: bool) -> None:
    r"""List every case, its people, and the state of each hold.

    If the school has no key and no register of holds, the command says so and does not read the tenants.

    \b
    Exit codes:
      0  everything that can be held is on hold
      1  a hold could not be placed
      3  a hold is missing
      4  a cloud could not be read

    \b
    Example: toolkit hold list
    """
    from toolkit.cli.shared.command_settings import command_settings
    from toolkit.cli.shared.missing_register import show_missing_register
    from toolkit.holds.place import read_back
    from toolkit.holds.register import FILE, KEY
    from toolkit.holds.session import read_holds

    if not (playbooks / FILE).exists() and not command_settings().variables.get(KEY):
        show_missing_register(playbooks / FILE, as_json=as_json)
        return
    with open_register(playbooks, writes=False) as at:
        for case in at.holds.open_cases().values():
            read_back(at, case, save=False)
        read = read_holds(at)
        code = _show_compared_holds(at, list(at.holds.cases.values()), read, as_json=as_json)
    sys.exit(code)


def _show_compared_holds(
    session: "HoldSession", cases: Sequence["Case"], holds_read: "HoldsRead", *, as_json: bool
) -> Exit:
    """Show the result of a run that compared all legal holds with the ledger, and return its exit code."""
    from toolkit.holds.follow_up import record_account_changes

    record_account_changes(cases, holds_read.changed)
    others = holds_read.count_others(session)
    return _show_holds(
        session,
        cases,
        holds_read.failed,
        holds_read.lost_covers,
        as_json=as_json,
        holds_of_others=others,
        changed_holds=holds_read.changed,
    )


def _show_holds(
    session: "HoldSession",
    cases: Sequence["Case"],
    error_by_hold: Mapping[str, str],
    lost_cover_by_hold: Mapping[str, "LostCover"],
    *,
    as_json: bool,
    shows_waiting: bool = True,
    holds_of_others: Mapping[str, int] | None = None,
    changed_holds: Sequence["ChangedHold"] = (),
) -> Exit:
    from toolkit.cli.shared.terminal import show_answer
    from toolkit.holds.follow_up import end_run
    from toolkit.holds.text import (
        changed_lines,
        holds_json,
        lines_about_other_holds,
        lost_cover_lines,
        register_lines,
        unread_lines,
    )

    unread = {**{name: str(error) for name, error in session.unreachable.items()}, **error_by_hold}
    show_answer(
        holds_json(cases, session.target, unread, lost_cover_by_hold, holds_of_others or {}),
        [
            *register_lines(cases, session.now),
            *lines_about_other_holds(holds_of_others or {}),
            *lost_cover_lines(lost_cover_by_hold),
            *changed_lines(changed_holds),
            *unread_lines(unread),
        ],
        as_json=as_json,
    )
    return end_run(session, cases, unread, [*lost_cover_by_hold, *changed_holds], waits=shows_waiting)


def _read_addresses(people: Sequence[str]) -> Sequence[str]:
    """Return the addresses of people, or ask for them.

    On a live target an address is never an argument, because shell history and process lists show the arguments of a
    command.
    """
    from toolkit.cli.shared.command_settings import command_settings

    if command_settings().target == "live" and any(word != "-" for word in people):
        raise UsageError("on a live target no person is named on the command line: write `--person -`")
    question = "Address of the person to place on hold"
    return check_addresses(
        line for word in people for line in (read_people_addresses(question) if word == "-" else [word])
    )
