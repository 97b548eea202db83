"""The command `toolkit compare`."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.cli.shared.options import json_option, quiet_option, tenant_option, verbose_option
from toolkit.errors import Exit, UsageError

if TYPE_CHECKING:
    from toolkit.engine.selection import Selection
    from toolkit.playbook.entries import Playbooks
    from toolkit.settings.settings import Settings


@click.command()
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option(
    "--trust",
    type=click.Path(exists=True, path_type=Path),
    metavar="FOLDER",
    help="For two schools of a trust: the folder with trust.yaml (default: here or above).",
)
@tenant_option
@json_option
@quiet_option
@verbose_option
def command(
    first: str, second: str, *, trust: Path | None, tenant: str | None, as_json: bool, quiet: bool, verbose: bool
) -> None:
    r"""Plan a school's playbooks against another school.

    The plan shows the changes that the playbooks of A would make in the tenants of B. It is never applied or saved. B's
    tenants are read with the identity that reads, as B's own settings name it. A and B are two folders of playbooks, or
    the short names of two schools of a trust. In a trust, only the slice of B is compared.

    Groups, names and addresses are B's. Confirmations, exceptions and accepted differences of A are left out.

    \b
    Exit codes:
      0  B is as the playbooks of A ask
      2  a playbook of A does not fit the school file of B
      3  B differs
      4  something could not be read or compared
      5  a change would be refused

    \b
    Example: toolkit compare oak/playbooks elm/playbooks
             toolkit compare OAK ELM --trust harbour
    """
    from toolkit import api
    from toolkit.cli.shared.terminal import show_report, talking
    from toolkit.render.line import Line, Tone
    from toolkit.render.plan_text import plan_lines

    playbooks, selection, settings, left_out = _load(first, second, trust, tenant)
    with talking() as talk:
        report = api.plan(playbooks, selection=selection, settings=settings, progress=talk, remark=talk.remark)
    text = f"The playbooks of {first}, planned against {second}. Nothing is applied."
    not_compared = [Line(f"! {sentence}", Tone.WARNING) for sentence in left_out]
    lines = [Line(text, Tone.HEADING), *not_compared, Line(), *plan_lines(report, verbose=verbose)]
    code = Exit.UNREAD if left_out and report.exit is Exit.AS_WANTED else report.exit
    compared = {"playbooks_of": first, "compared_with": second, "not_compared": list(left_out)}
    show_report({**report.to_dict(), **compared, "exit": int(code)}, lines, as_json=as_json, quiet=quiet)
    sys.exit(code)


def _load(
    first: str, second: str, trust: Path | None, tenant: str | None
) -> "tuple[Playbooks, Selection, Settings, Sequence[str]]":
    """Return A's playbooks for B, the part to plan, B's settings, and a sentence for each control left out."""
    from toolkit.api.comparisons import load_comparison, load_comparison_in_trust
    from toolkit.engine.selection import EVERYTHING
    from toolkit.settings.school_folder import find_school_folder
    from toolkit.settings.settings import checked_settings

    folders = [Path(name) for name in (first, second) if Path(name).is_dir()]
    if len(folders) == 1 and trust is None:
        other = second if Path(first).is_dir() else first
        raise UsageError(f"{other} is not a folder. Name two folders of playbooks, or two schools of a trust")
    if folders and trust is None:
        if tenant:
            raise UsageError("--tenant is only for two schools of a trust")
        loaded, left_out = load_comparison(*folders)
        return loaded, EVERYTHING, checked_settings(find_school_folder(folders[1])), left_out
    from toolkit.cli.shared.find_trust import find_trust
    from toolkit.trust.tenant_settings import settings_of_tenant

    root = trust or find_trust()
    playbooks, selection = load_comparison_in_trust(root, first, second, tenant)
    settings = checked_settings(find_school_folder(root))
    settings = settings_of_tenant(settings, root, selection.tenant, selection.schools, os.environ)
    return playbooks, selection, settings, ()
