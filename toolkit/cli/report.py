"""The command `toolkit report`."""

import sys
from datetime import date
from pathlib import Path

import click

from toolkit.cli.shared.options import formats_option, output_folder, playbooks_argument, read_date, read_words

_DRAFT = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    r"""Respond to a draft report, and release it to governors.

    `toolkit audit export` writes a draft for the head teacher, the data protection officer and the business manager.
    Record the school's response to each matter on page one, then release the final report.

    \b
    Example: toolkit report release draft.json --by "Head Teacher" -o reports/
    """


@command.command()
@click.argument("draft", type=_DRAFT, metavar="DRAFT.json")
@click.argument("matter", metavar="MATTER")
@playbooks_argument
@click.option("--response", required=True, metavar="TEXT", help="The school's response in one line, without names.")
@click.option("--lead", required=True, metavar="ROLE", help="The role that leads on the response.")
@click.option("--due", type=read_date, metavar="DATE", help="The date by which it will be done (or use --accept-risk).")
@click.option("--accept-risk", "accepted", is_flag=True, help="The risk is accepted, and --response gives the reason.")
def respond(
    draft: Path, matter: str, playbooks: Path, *, response: str, lead: str, due: date | None, accepted: bool
) -> None:
    r"""Record the school's response to a matter.

    DRAFT.json is a file that `toolkit audit export` wrote. MATTER is an entry that needs attention: a control, such as
    identity.mfa, or policy.document. An unknown name is refused with a list of the right names. The ledger records the
    response. A later response is added, and earlier responses are kept. The next draft shows the response too.

    \b
    Exit codes:
      0  the response is recorded
      2  an option is wrong, or the file is not an unchanged draft of this school

    \b
    Example: toolkit report respond draft.json identity.mfa --response "All register." --lead "Head" --due 2026-12-01
             toolkit report respond draft.json mail.disclaimer --response "Rare." --lead "Head" --accept-risk
    """
    from toolkit import api
    from toolkit.cli.shared.run import surroundings
    from toolkit.cli.shared.terminal import remark

    with surroundings() as around:
        api.respond_to_matter(api.load(playbooks), draft, matter, response, lead, due=due, accepted=accepted, **around)
    remark(f"recorded: the final of {draft.name} shows this response to {matter}")


@command.command()
@click.argument("draft", type=_DRAFT, metavar="DRAFT.json")
@playbooks_argument
@click.option("--by", required=True, metavar="ROLE", help="The role that releases the report, which is recorded.")
@output_folder("The folder for the files.")
@formats_option
@click.option("--mail", is_flag=True, help="Send the files to the head and the clerk, and to no one else.")
def release(draft: Path, playbooks: Path, *, by: str, directory: Path, formats: tuple[str, ...], mail: bool) -> None:
    r"""Write the final report from a draft, with every response.

    Its numbers come from the draft, and the tenants are not read. A draft that was changed by hand is refused. The
    final report shows which matters have no response. --mail needs `reports:` in the school file, with the mailboxes of
    the head and the clerk.

    \b
    Exit codes:
      0  every file is written, and sent where --mail asks for it
      1  a file could not be sent
      2  an option is wrong, or the file is not an unchanged draft of this school

    \b
    Example: toolkit report release draft.json --by "Head Teacher" -o reports/ --format html,pdf
    """
    from toolkit import api
    from toolkit.cli.shared.run import surroundings
    from toolkit.cli.shared.terminal import show
    from toolkit.notices.delivery_text import delivery_lines
    from toolkit.render.line import Line

    chosen = read_words(formats, api.Format, "--format")
    with surroundings() as around:
        written = api.release_report(api.load(playbooks), draft, directory, by, formats=chosen, mail=mail, **around)
    show([Line(str(path)) for path in written.files])
    show(delivery_lines(written.deliveries))
    sys.exit(written.exit)
