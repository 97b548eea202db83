"""The commands `toolkit custody add` and `toolkit custody bag`, and code that all custody commands use."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from toolkit.cli.shared.hold_search import ask_to_sign_in, open_register, playbooks_option
from toolkit.cli.shared.options import json_option, read_date
from toolkit.errors import Exit, UsageError

if TYPE_CHECKING:
    from toolkit.holds.model import Case, Consent, EvidenceCopy
    from toolkit.holds.session import HoldSession
    from toolkit.holds.sign_in import ConsentSubject, SignedPerson

_MOST = 300  # characters of a text about a copy

case_argument = click.argument("case", metavar="CASE")
from_option = click.option(
    "--from",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder or bag with the files (default: the folder from which they were added).",
)


@click.command()
@case_argument
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--media", required=True, metavar="TEXT", help="The medium of the file, and the place of the medium.")
@click.option("--what", default="", metavar="TEXT", help="A description of the file.")
@click.option("--source", default="", metavar="TEXT", help="The system that it came from, such as Purview.")
@click.option("--query", default="", metavar="QUERY", help="The query of the search. `-` asks for it.")
@click.option("--asked-by", default="", metavar="NAME", help="Who asked for the export (not verified). `-` asks.")
@click.option("--exported", type=read_date, metavar="DATE", help="The date of the export.")
@click.option("--vendor-hash", default="", metavar="METHOD:HASH", help="The vendor's own hash: md5:, sha1: or sha256:.")
@click.option("--search", default="", metavar="HASH", help="The search of `toolkit hold` whose results were exported.")
@click.option(
    "--review", type=read_date, metavar="DATE", help="The date to review or destroy the copy. Nothing ends then."
)
@playbooks_option
@json_option
def add(case: str, *, files: tuple[Path, ...], playbooks: Path, as_json: bool, **said: Any) -> None:
    r"""Record exported files with their SHA-256.

    If `toolkit hold export` exported a file, the vendor's hash identifies it, and the query and the people who asked
    for it and exported it are filled in. A file in a folder of OneDrive, Google Drive or iCloud is refused. A second
    run does not add a file twice.

    \b
    Exit codes:
      0  every file is recorded
      1  a file differs from the vendor's export or changed meanwhile, so none is recorded

    \b
    Example: toolkit custody add 2026-B export.zip --media "stick 3, in the safe"
             toolkit custody add 2026-B mail.pst --media "stick 3" --source Purview --what "mail of May"
    """
    from toolkit.holds.custody import CopyDetails, add_copies

    if said["vendor_hash"] and len(files) > 1:
        raise UsageError("--vendor-hash applies to a single file: add the files separately")
    questions = {"query": "The query of the search", "asked_by": "Who asked for the export"}
    for name, question in questions.items():
        said[name] = read_private_text(name, said[name], question)
    for name in ("media", "what", "source", "search"):
        said[name] = check_single_line(name, said[name])
    with open_register_for_custody(playbooks, clouds=False) as at:
        found_case = at.case(case)
        copies = add_copies(at, found_case, files, CopyDetails(**said))
        end_custody_run(at, found_case, copies, Exit.AS_WANTED, as_json=as_json)


@click.command()
@case_argument
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--copy", "numbers", type=int, multiple=True, metavar="COPY", help="Only this copy. May be repeated.")
@from_option
@playbooks_option
def bag(case: str, directory: Path, *, numbers: tuple[int, ...], folder: Path | None, playbooks: Path) -> None:
    r"""Copy the files of a case into a bag (BagIt).

    DIR must not exist yet. The bag also has the chain of custody as text and JSON, and manifest-sha256.txt. The bag is
    not encrypted and it names people, so write it to an encrypted stick. Each file is compared with its SHA-256.

    \b
    Exit codes:
      0  the bag is written
      1  a file changed since it was added, so no bag is written

    \b
    Example: toolkit custody bag 2026-B /media/stick/for-the-police --copy 1
    """
    import json

    from toolkit.cli.shared.terminal import show
    from toolkit.holds.bags import write_bag
    from toolkit.holds.custody import find_case, pick_copies
    from toolkit.holds.custody_ledger import school_date
    from toolkit.holds.custody_text import copies_answer, copy_lines
    from toolkit.holds.model import CopyState
    from toolkit.render.line import Line

    with open_register_for_custody(playbooks, clouds=False, writes=False) as at:
        found_case, today = find_case(at, case), school_date(at)
        copies = [copy for copy in pick_copies(found_case, numbers) if numbers or copy.state is not CopyState.DESTROYED]
        if not copies:
            raise UsageError("the case has no copy to put into a bag")
        lines = "".join(f"{line.text}\n" for line in copy_lines(found_case, copies, (), today))
        answer = json.dumps(copies_answer(found_case, copies, ()), indent=2, ensure_ascii=False)
        texts = {"custody.txt": lines, "custody.json": f"{answer}\n"}
        info = {"Source-Organization": at.playbooks.school.name, "External-Identifier": found_case.name}
        digest = write_bag(directory, copies, folder, texts=texts, info=info, today=today)
        show([Line(str(directory)), Line(f"  SHA-256 of manifest-sha256.txt: {digest}")])
        at.journal.record_end(code=Exit.AS_WANTED, summary={}, unmanaged={})


@contextmanager
def open_register_for_custody(playbooks: Path, *, clouds: bool, writes: bool = True) -> "Iterator[HoldSession]":
    """Open the register of holds, and complete a run that was interrupted.

    If `clouds` is set, also open the tenants so that people can sign in.
    """
    from toolkit.holds.custody_ledger import finish_interrupted_steps

    with open_register(playbooks, writes=writes, command="custody", clouds=clouds) as at:
        if writes:
            finish_interrupted_steps(at)
        yield at


def find_cases(session: "HoldSession", case_name: str | None) -> list["Case"]:
    from toolkit.holds.custody import find_case

    return [find_case(session, case_name)] if case_name else list(session.holds.cases.values())


def read_signing_person(
    session: "HoldSession", person_name: str, provider: str | None, subjects: Sequence["ConsentSubject"]
) -> "Consent | SignedPerson":
    """Return the person who signs in and agrees to the `subjects`, or the name that the operator gives."""
    from toolkit.holds.model import Consent

    return Consent(by=person_name, at=session.now) if person_name else ask_to_sign_in(session, provider, subjects)


def end_custody_run(
    session: "HoldSession", case: "Case", copies: Iterable["EvidenceCopy"], code: Exit, *, as_json: bool
) -> Exit:
    from toolkit.cli.shared.terminal import show_answer
    from toolkit.holds.custody import administrators_among
    from toolkit.holds.custody_ledger import school_date
    from toolkit.holds.custody_text import copies_answer, copy_lines

    shown, admins = list(copies), administrators_among(session.playbooks, case)
    answer = {"format": 1, **copies_answer(case, shown, admins)}
    show_answer(answer, copy_lines(case, shown, admins, school_date(session)), as_json=as_json)
    session.journal.record_end(code=code, summary={}, unmanaged={})
    return code


def read_private_text(option_name: str, given_text: str, question: str) -> str:
    """Return the name of a person, or a search query, that the user gave.

    On a live target the user is asked for it, because a shell records arguments.
    """
    from toolkit.cli.shared.command_settings import command_settings
    from toolkit.cli.shared.terminal import ask_text

    option = f"--{option_name.replace('_', '-')}"
    if not given_text:
        return ""
    if given_text != "-":
        if command_settings().target == "live":
            raise UsageError(f"on a live target this is not written on the command line: write `{option} -`")
        return check_single_line(option_name, given_text)
    text = check_single_line(option_name, ask_text(question) if sys.stdin.isatty() else sys.stdin.readline())
    if not text:
        raise UsageError(f"{option}: no text was given")
    return text


def check_single_line(option_name: str, given_text: str) -> str:
    """Return a text that the user gave, as a single line. Raise UsageError if the text is too long or not printable."""
    text = " ".join(given_text.split())
    if len(text) > _MOST or not text.isprintable():
        raise UsageError(f"--{option_name.replace('_', '-')} takes at most {_MOST} characters that can be printed")
    return text
