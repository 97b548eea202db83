"""The commands `toolkit hold search` and `toolkit hold export`."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.cli.shared.options import default_playbooks, json_option
from toolkit.errors import Exit, UsageError

if TYPE_CHECKING:
    from toolkit.holds.model import Case, CaseSearch
    from toolkit.holds.session import HoldSession
    from toolkit.holds.sign_in import ConsentSubject, SignedPerson


playbooks_option = click.option(
    "--playbooks",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=default_playbooks,
    show_default="playbooks",
    help="The folder with the school file and private/holds.yaml.age.",
)


@contextmanager
def open_register(
    path: Path, *, writes: bool = True, command: str = "hold", clouds: bool = True
) -> Iterator["HoldSession"]:
    """Open the register of holds and the tenants.

    No progress line is shown, so that the terminal is free for questions.
    """
    from toolkit.cli.shared.command_settings import command_settings
    from toolkit.cli.shared.run import prepared_run
    from toolkit.holds.follow_up import register_session
    from toolkit.holds.register import KEY

    key = command_settings().variables.get(KEY)
    with (
        prepared_run(path, command=command, writes=writes) as (run, talk),
        register_session(run, key, clouds=clouds) as at,
        talk.pause(),
    ):
        yield at


def ask_to_sign_in(
    session: "HoldSession", provider: str | None, subjects: Sequence["ConsentSubject"]
) -> "SignedPerson":
    """Ask a person to sign in to a cloud and to agree to the `subjects`.

    The default is the school's first cloud.
    """
    from toolkit.cli.shared.terminal import remark
    from toolkit.holds.sign_in import sign_in

    name = provider or next(iter(session.connections))
    if name not in session.connections:
        raise UsageError(f"--with {name}: the school has {' and '.join(session.connections)}")
    return sign_in(session, name, subjects, remark)


_with = click.option(
    "--with", "provider", metavar="PROVIDER", help="The cloud to sign in to (default: the school's first)."
)


@click.command()
@click.argument("case", metavar="CASE")
@click.option(
    "--terms",
    metavar="QUERY",
    default="-",
    help="The query in the language of Vault or Purview (KQL). `-`, the default, asks for it or reads standard "
    "input. On a live target only `-` is allowed.",
)
@click.option("--in", "cloud", metavar="PROVIDER", help="The cloud to search, if the school has two.")
@_with
@playbooks_option
@json_option
def search(case: str, *, terms: str, cloud: str | None, provider: str | None, playbooks: Path, as_json: bool) -> None:
    r"""Search the mail of people on hold and count the messages.

    The person who asks signs in. The control data.ediscovery names who may ask. The same query finds the same search
    again. The command searches Gmail in Vault, or mailboxes in Purview. To search files, use the console.

    \b
    Exit codes:
      0  the messages are counted
      3  the count is not finished, or not complete
      5  this person may not ask

    \b
    Example: toolkit hold search 2026-B --in microsoft365
    """
    from toolkit.holds.search import SEARCH, ask_for_search, find_search, is_asked_for, run_search, search_subject

    query = _read_search_terms(terms)
    with open_register(playbooks) as at:
        found_case = at.case(case)
        case_search = find_search(at, found_case, query, cloud)
        if not is_asked_for(at, found_case, case_search):
            ask_for_search(
                at,
                found_case,
                case_search,
                ask_to_sign_in(at, provider, [search_subject(found_case, case_search, SEARCH)]),
            )
        run_search(at, found_case, case_search)
        is_whole = case_search.counted is not None and case_search.uncounted == 0
        code = _show_search(at, found_case, case_search, Exit.AS_WANTED if is_whole else Exit.PENDING, as_json=as_json)
    sys.exit(code)


@click.command()
@click.argument("case", metavar="CASE")
@click.option("--search", "named", metavar="HASH", default="", help="The search of the case, if it has several.")
@_with
@playbooks_option
@json_option
def export(case: str, *, named: str, provider: str | None, playbooks: Path, as_json: bool) -> None:
    r"""Export the results of a search, with two people who sign in.

    The control data.ediscovery names the roles that may export. The person in the case, the Head and the IT technician
    may not. The ledger records who asked, who approved, and a hash of the query. toolkit does not download the
    export. Two people download it in the console.

    \b
    Exit codes:
      0  the export is completed
      3  the export is in progress
      5  a second person must ask, or this person may not

    \b
    Example: toolkit hold export 2026-B
    """
    from toolkit.holds.consents import have_two_agreed
    from toolkit.holds.search import (
        COMPLETED,
        EXPORT,
        ask_for_export,
        check_estimated,
        pick_search,
        refuse_unproven_export,
        run_export,
        search_subject,
    )

    with open_register(playbooks) as at:
        found_case = at.case(case)
        case_search = pick_search(found_case, named)
        check_estimated(case_search)
        if not have_two_agreed(case_search.consents):
            refuse_unproven_export(at, found_case, case_search)  # before anyone signs in
            ask_for_export(
                at,
                found_case,
                case_search,
                ask_to_sign_in(at, provider, [search_subject(found_case, case_search, EXPORT)]),
            )
        code = Exit.REFUSED
        if have_two_agreed(case_search.consents):
            run_export(at, found_case, case_search)
            code = Exit.AS_WANTED if case_search.status == COMPLETED else Exit.PENDING
        code = _show_search(at, found_case, case_search, code, as_json=as_json)
    sys.exit(code)


def _show_search(session: "HoldSession", case: "Case", search: "CaseSearch", code: Exit, *, as_json: bool) -> Exit:
    from toolkit.cli.shared.terminal import show_answer
    from toolkit.holds.search_text import manual_step_lines, search_answer, search_lines

    clouds = list(session.playbooks.school.tenants)
    lines = [*search_lines(search), *manual_step_lines(search, clouds)]
    show_answer(search_answer(case, search, clouds), lines, as_json=as_json)
    session.journal.record_end(code=code, summary={}, unmanaged={})
    return code


def _read_search_terms(terms: str) -> str:
    """Return the search query, or ask for it.

    On a live target the query is never an argument, because shell history and process lists show the arguments of a
    command.
    """
    from toolkit.cli.shared.command_settings import command_settings
    from toolkit.cli.shared.terminal import ask_text

    if command_settings().target == "live" and terms != "-":
        raise UsageError("on a live target no query is named on the command line: leave `--terms` out")
    text = terms
    if terms == "-":
        text = ask_text("Query") if sys.stdin.isatty() else sys.stdin.read()
    query = " ".join(text.split())
    if not query or not query.isprintable():
        raise UsageError("no query was given: write a query in the language of the cloud's own search")
    return query
