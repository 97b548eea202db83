"""The command `toolkit approve`."""

from pathlib import Path

import click

from toolkit.errors import UsageError


@click.command()
@click.argument("plan", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="PLANFILE")
@click.option(
    "--playbooks",
    type=click.Path(exists=True, path_type=Path),
    metavar="PLAYBOOKS",
    help="The present folder of the plan's playbooks.",
)
@click.option("--yes", is_flag=True, help="Do not ask before signing.")
def command(*, plan: Path, playbooks: Path | None, yes: bool) -> None:
    r"""Approve a saved plan of another person.

    The command shows the plan on one screen, asks, and writes PLANFILE.approval, a signature with the key in
    TOOLKIT_SIGNING_KEY_FILE. The school file lists the key (`signers:`, may: approvals) and the changes that need an
    approval (`approval:`). A key cannot approve a plan that it made. No tenant is read.

    \b
    Exit codes:
      0  approved
      2  the plan, the key or a playbook is wrong
      5  not approved: answered no, or the key may not approve this plan

    \b
    Example: toolkit approve monday.plan
             toolkit approve monday.plan --playbooks playbooks/
    """
    from toolkit.cli.shared.command_settings import command_settings
    from toolkit.cli.shared.terminal import ask_yes, remark, show
    from toolkit.errors import NotAllowed
    from toolkit.playbook.load import load
    from toolkit.render.line import Line
    from toolkit.render.plan_file import read_plan_file
    from toolkit.render.plan_signatures import approval_lines, approve, find_maker
    from toolkit.settings.signing_key import SIGNING_KEY, signing_key

    settings = command_settings()
    key = signing_key(settings)
    if key is None:
        raise UsageError(f"{SIGNING_KEY} is not set. Set it to your own SSH key, which the school file lists")
    saved = read_plan_file(plan, None)
    loaded = load(saved.find_playbooks(settings.folder.path, playbooks))
    saved.check(saved.content.target, loaded.digest)
    show(approval_lines(saved, find_maker(saved, loaded.school)))
    if not yes and not ask_yes("Approve this plan?"):
        raise NotAllowed("not approved. Nothing was written")
    approval = approve(saved, loaded.school, key)
    show([Line(f"Approved by {approval.by}. Apply it: `toolkit {saved.content.command} {plan}`")])
    remark(f"toolkit: {plan}.approval must stay next to the plan")
