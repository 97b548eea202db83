"""The command `toolkit state`."""

from collections.abc import Mapping
from pathlib import Path

import click

from toolkit.cli.shared.options import default_playbooks, read_address
from toolkit.errors import UsageError


@click.group()
def command() -> None:
    r"""Back up, restore or adopt the ledger.

    \b
    Example: toolkit state backup ledger-november.zip
             toolkit state restore ledger-november.zip
    """


@command.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@click.option("--with-names", is_flag=True, help="Include the names of people and the key of their pseudonyms.")
def backup(file: Path, *, with_names: bool) -> None:
    r"""Copy the whole ledger into one new file.

    A run may continue meanwhile. The chain is verified before and after. Without --with-names, the file does not show
    to whom the pseudonyms belong.

    \b
    Example: toolkit state backup ledger-november.zip
    """
    from toolkit.cli.shared.run import opened_ledger
    from toolkit.cli.shared.terminal import show
    from toolkit.ledger.archive import back_up
    from toolkit.render.line import Line

    with opened_ledger() as (_, ledger):
        if not ledger.exists():
            raise UsageError("nothing is recorded yet, so there is nothing to copy")
        head = back_up(ledger, file, names=with_names)
    names = "with people's names, so store it as safely" if with_names else "without people's names"
    show([Line(f"Copied: {head.count} entries into {file}, {names}; the last is {head.hash[:12]}.")])


@command.command()
@click.argument("file", type=click.Path(exists=True, path_type=Path, dir_okay=False), metavar="FILE")
@click.option(
    "--playbooks",
    type=click.Path(path_type=Path),
    default=default_playbooks,
    show_default="playbooks",
    help="The playbooks of the school, whose tenants the backup must be of.",
)
def restore(file: Path, playbooks: Path) -> None:
    r"""Restore a backup of the ledger.

    There must not be a ledger yet, or only the beginning of the same ledger. Another ledger is never overwritten. The
    chain is verified before and after.

    \b
    Example: toolkit state restore ledger-november.zip
    """
    from toolkit.cli.shared.run import opened_ledger
    from toolkit.cli.shared.terminal import show
    from toolkit.engine.prepare_run import new_run_id
    from toolkit.ledger.archive import restore as put_back
    from toolkit.render.line import Line

    tenants = _tenant_ids_by_provider(playbooks)
    with opened_ledger() as (settings, ledger):
        done = put_back(ledger, file, target=settings.target, run=new_run_id(), tenants=tenants)
    names = f" and the names of {done.names} people" if done.names else ""
    added = done.head.count - done.before
    last = f"the last is {done.head.hash[:12]}"
    show([Line(f"Restored: {added} entries{names} behind {done.before} in {ledger.place}; {last}.")])


def _tenant_ids_by_provider(playbooks: Path) -> Mapping[str, str]:
    """Return the ids of the school's tenants by provider, or no ids if there are no playbooks, such as on a new
    computer.
    """
    from toolkit.playbook.load import load
    from toolkit.sdk.providers import EMULATED

    if not playbooks.exists():
        return {}
    return {name: tenant.id for name, tenant in load(playbooks).school.tenants.items() if tenant.id != EMULATED}


@command.command()
@click.argument("addresses", nargs=-1, metavar="ADDRESS...")
@click.option(
    "--all", "everything", is_flag=True, help="All objects with toolkit's marker that are not in this ledger."
)
@click.option(
    "--playbooks",
    type=click.Path(exists=True, path_type=Path),
    default=default_playbooks,
    show_default="playbooks",
    help="The playbooks of the school.",
)
def adopt(addresses: tuple[str, ...], *, everything: bool, playbooks: Path) -> None:
    r"""Take over objects that another installation manages.

    If an object has toolkit's marker but this ledger does not know it, another computer manages the object, or its
    ledger was lost. Afterwards `apply` may change it and `--prune` may delete it. Only the ledger changes, no tenant.

    \b
    Example: toolkit state adopt "microsoft365.windows_configuration[Presentation devices]"
             toolkit state adopt --all --playbooks school/
    """
    from toolkit.cli.shared.run import prepared_run
    from toolkit.cli.shared.terminal import show
    from toolkit.engine.state_adopt import adopt_objects
    from toolkit.ledger.lease import Lease
    from toolkit.render.line import Line

    if bool(addresses) == everything:
        raise UsageError("name the objects to adopt, or use --all")
    selected = None if everything else [read_address(address) for address in addresses]
    with (
        prepared_run(playbooks, command="adopt", writes=False) as (run, _),
        Lease(run.ledger, run=run.context.run),
    ):
        adopted = adopt_objects(run.context, run.playbooks, run.ledger, selected)
    show(Line(f"= {address}: managed by this ledger from now on") for address in adopted)
    if not adopted:
        show([Line("every object with toolkit's marker is already in this ledger")])
