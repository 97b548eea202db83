"""toolkit hold"""

import sys
from datetime import datetime
from pathlib import Path

import click

from toolkit.cli._options import default_playbooks, json_option

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
    from toolkit.cli._terminal import show_document
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
    from toolkit.cli._hold import placed

    sys.exit(placed(playbooks, case, people, until and until.date(), told=tell_the_person, as_json=as_json))


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
    from toolkit.cli._hold import confirmed

    sys.exit(confirmed(playbooks, case, as_json=as_json))


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
    from toolkit.cli._hold import released

    sys.exit(released(playbooks, case, provider=provider, by=by, as_json=as_json))


@command.command("list")
@_playbooks
@json_option
def list_(*, playbooks: Path, as_json: bool) -> None:
    r"""Show every case of the register, whom it holds, and how each hold stands now; nothing is written.

    Ends with 0 when all is held that can be, 3 when not, 4 when a cloud could not be asked.

    \b
    Example: toolkit hold list
    """
    from toolkit.cli._hold import listed

    sys.exit(listed(playbooks, as_json=as_json))
