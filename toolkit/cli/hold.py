"""toolkit hold"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.cli.shared.options import default_playbooks, json_option
from toolkit.errors import Exit, UsageError

if TYPE_CHECKING:
    from toolkit.holds.model import Case
    from toolkit.holds.session import Desk

_MOST = 100  # characters of a case's name

_playbooks = click.option(
    "--playbooks",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=default_playbooks,
    show_default="playbooks",
    help="The directory with the school file; the register is its private/holds.yaml.age.",
)


@click.group()
def command() -> None:
    r"""Keep what somebody has as evidence, without end, in both clouds; and let it go only by two people.

    Who is held, and for what, stands in one encrypted file alone, private/holds.yaml.age among the playbooks, which
    is read with TOOLKIT_HOLDS_KEY. Nothing else of toolkit tells it: not the ledger, not drift, not a report.

    \b
    Example: toolkit hold place 2026-B --person -
             toolkit hold confirm
             toolkit hold list
             toolkit hold release 2026-B
    """


@command.command()
def key() -> None:
    r"""Make the key of the register, once, and print it; it is kept nowhere else.

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
    help="Whose things to hold: `-` asks for it, or reads addresses from standard input. May be "
    "repeated; on a live target only `-`.",
)
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="When somebody is to look at the case again. It ends and narrows nothing.",
)
@click.option("--tell-the-person", is_flag=True, help="They are to know: a comment in Outlook is then no finding.")
@_playbooks
@json_option
def place(
    case: str,
    *,
    people: tuple[str, ...],
    until: datetime | None,
    tell_the_person: bool,
    playbooks: Path,
    as_json: bool,
) -> None:
    r"""Hold everything that somebody has, the mailbox first.

    Each hold is `requested` at once and `confirmed` only when it was read back, which may take Microsoft a day:
    `toolkit hold confirm` follows up. Run again, it finishes what was left and places nothing twice.

    Ends with 0 when everything was asked for, 1 when something failed, 4 when a cloud could not be asked.

    \b
    Example: toolkit hold place 2026-B --person -
    """
    from toolkit.holds.place import place as place_holds

    if not case.strip() or len(case) > _MOST or not case.isprintable():
        raise UsageError(f"a case is named by a few words, at most {_MOST} characters")
    addresses = _read_addresses(people)
    with _opened(playbooks) as at:
        found = place_holds(at, case, addresses, review=until and until.date(), told=tell_the_person)
        code = _end(at, [found], {}, as_json=as_json, waits=False)
    sys.exit(code)


@command.command()
@click.argument("case", metavar="[CASE]", required=False)
@_playbooks
@json_option
def confirm(case: str | None, *, playbooks: Path, as_json: bool) -> None:
    r"""Finish what was left half done, read every hold back, and note what has to stay.

    Ends with 0 when all that can be held is confirmed, 1 when something failed, 3 while something is only requested,
    4 when a cloud could not be asked.

    \b
    Example: toolkit hold confirm
    """
    from toolkit.holds.follow_up import follow_up

    with _opened(playbooks) as at:
        cases = [at.case(case)] if case else list(at.holds.still().values())
        _, failed = follow_up(at, cases)
        code = _end(at, cases, failed, as_json=as_json)
    sys.exit(code)


@command.command()
@click.argument("case", metavar="CASE")
@click.option(
    "--with", "provider", metavar="PROVIDER", help="The cloud to sign in to; the school's first one unless said."
)
@click.option(
    "--by", metavar="NAME", help="Record who asked, where nobody can sign in: not verified, nothing is released."
)
@_playbooks
@json_option
def release(case: str, *, provider: str | None, by: str | None, playbooks: Path, as_json: bool) -> None:
    r"""Let a case go: two people run this, each signing in as themselves, and the second one's ends the holds.

    Who may is said by the control data.hold. Whoever the case is about has no say in it, nor has the Head or the IT
    technician. A mailbox that another case needs stays on hold.

    Ends with 0 when it is released, 1 when something failed, 5 while another person has to ask, or where somebody has
    no say.

    \b
    Example: toolkit hold release 2026-B
    """
    from toolkit.cli.shared.terminal import remark
    from toolkit.engine.exit_codes import worst
    from toolkit.holds.release import agreed, consents, named
    from toolkit.holds.release import release as release_holds
    from toolkit.holds.session import remember

    with _opened(playbooks) as at:
        found = at.case(case)
        if by:
            named(at, found, by)
        elif not agreed(found):
            name = provider or next(iter(at.connections))
            if name not in at.connections:
                raise UsageError(f"--with {name}: the school has {' and '.join(at.connections)}")
            consents(at, at.playbooks, found, at.connections[name].signs_in(remark))
        failed: Mapping[str, str] = {}
        if agreed(found) and not by:
            release_holds(at, found)
            failed = remember(at)
        code = _end(at, [found], failed, as_json=as_json)
    sys.exit(code if found.released else worst([code, Exit.REFUSED]))


@command.command("list")
@_playbooks
@json_option
def list_(*, playbooks: Path, as_json: bool) -> None:
    r"""Show every case of the register, whom it holds, and how each hold stands now; nothing is written.

    Ends with 0 when all is held that can be, 3 when not, 4 when a cloud could not be asked.

    \b
    Example: toolkit hold list
    """
    from toolkit.holds.place import read_back

    with _opened(playbooks, writes=False) as at:
        for case in at.holds.still().values():
            read_back(at, case, save=False)
        code = _end(at, list(at.holds.cases.values()), {}, as_json=as_json)
    sys.exit(code)


@contextmanager
def _opened(path: Path, *, writes: bool = True) -> Iterator["Desk"]:
    """Open the register and the tenants; the terminal is left to questions and answers."""
    from toolkit.cli.shared.command_settings import command_settings
    from toolkit.cli.shared.run import prepared_run
    from toolkit.holds.follow_up import open_desk
    from toolkit.holds.register import KEY

    key = command_settings().variables.get(KEY)
    with prepared_run(path, command="hold", writes=writes) as (run, talk), open_desk(run, key) as at, talk.paused():
        yield at


def _end(at: "Desk", cases: Sequence["Case"], failed: Mapping[str, str], *, as_json: bool, waits: bool = True) -> Exit:
    from toolkit.cli.shared.terminal import show_answer
    from toolkit.holds.follow_up import end_run
    from toolkit.holds.text import holds_answer, register_lines, unread_lines

    unread = {**{name: str(error) for name, error in at.unreached.items()}, **failed}
    show_answer(
        holds_answer(cases, at.target, unread), [*register_lines(cases, at.now), *unread_lines(unread)], as_json=as_json
    )
    return end_run(at, cases, unread, waits=waits)


def _read_addresses(people: Sequence[str]) -> Sequence[str]:
    """Return whose things are meant; what is typed behind a command stays in the shell's history and process lists."""
    from toolkit.cli.shared.command_settings import command_settings

    if command_settings().target == "live" and any(word != "-" for word in people):
        raise UsageError("on a live target nobody is named on the command line: write `--person -`")
    written = [line for word in people for line in (_ask_for_addresses() if word == "-" else [word])]
    addresses = list(dict.fromkeys(line.strip().casefold() for line in written if line.strip()))
    if people and not addresses:
        raise UsageError("nobody was named: write one address a line")
    for number, address in enumerate(addresses, start=1):
        if not re.fullmatch(r"[^@\s*]+@[^@\s*]+\.[^@\s*]+", address):
            raise UsageError(f"line {number} is no e-mail address, and nothing was sent")
    return addresses


def _ask_for_addresses() -> list[str]:
    from toolkit.cli.shared.terminal import typed

    if not sys.stdin.isatty():
        return sys.stdin.read().splitlines()
    return [typed("Whose things are to be held (address)")]
