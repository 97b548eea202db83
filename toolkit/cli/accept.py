"""toolkit accept"""

import sys
from pathlib import Path

import click

from toolkit.cli._options import default_playbooks


@click.command()
@click.argument("finding", metavar="FINDING")
@click.argument(
    "playbooks",
    type=click.Path(exists=True, path_type=Path),
    metavar="[PLAYBOOKS]",
    required=False,
    default=default_playbooks,
)
@click.option("--until", required=True, metavar="DATE", help="The last day on which it is accepted, as 2026-12-18.")
@click.option("--reason", required=True, metavar="TEXT", help="Why, in one line; no names, and nobody's health.")
@click.option("--by", required=True, metavar="ROLE", help="Who approves it: a role, such as Head Teacher.")
@click.option("--for", "role", metavar="ROLE", help="Of a control: the role of the school file that is excepted.")
@click.option("--change", default="off", show_default=True, metavar="YAML", help="Of a control: what differs for them.")
@click.option("--dpia", metavar="REF", help="Of a control: the impact assessment that covers it, where one is needed.")
@click.option("--yes", is_flag=True, help="Do not ask before writing.")
def command(
    finding: str,
    playbooks: Path,
    *,
    until: str,
    reason: str,
    by: str,
    role: str | None,
    change: str,
    dpia: str | None,
    yes: bool,
) -> None:
    r"""Accept a finding of drift until a day: write the exception into the playbooks.

    FINDING is what drift shows in brackets; its beginning is enough. Where a control can be different for some people
    it is excepted for a role; what is the same for all is left as it is. Shows what it writes, asks, and checks the
    playbooks afterwards.

    \b
    Example: toolkit accept 3f2a9c1b --until 2026-12-18 --reason "Moving to the new office" --by "Head Teacher"
    """
    from toolkit.cli._accept import accepted, read_change
    from toolkit.drift.accept import Wish

    wish = Wish(until=until, reason=reason, by=by, role=role, change=read_change(change), dpia=dpia)
    sys.exit(accepted(finding, playbooks, wish, yes=yes))
