"""The command `toolkit audit`."""

import sys
from datetime import date
from pathlib import Path

import click

from toolkit.cli.shared.audit_at import at
from toolkit.cli.shared.audit_extract import extract
from toolkit.cli.shared.audit_verify import signers, verify
from toolkit.cli.shared.options import (
    formats_option,
    json_option,
    judged_school,
    output_folder,
    playbooks_argument,
    read_address,
    read_date,
    read_words,
)
from toolkit.engine.selection import Selection


@click.group()
def command() -> None:
    r"""List runs, show a past date, verify, or export a report.

    \b
    Example: toolkit audit log
             toolkit audit person amara.ashdown@example-primary.example
             toolkit audit at 2026-11-14
             toolkit audit verify
             toolkit audit export playbooks/ -o reports/
    """


command.add_command(extract)
command.add_command(verify)
command.add_command(at)
command.add_command(signers)


@command.command()
@click.option("--run", metavar="RUN", help="Only this run, with every change. The start of its id is enough.")
@click.option("--address", metavar="ADDRESS", help="Only changes to this object.")
@click.option(
    "--last",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    metavar="N",
    help="How many runs to show, newest first.",
)
@json_option
def log(*, run: str | None, address: str | None, last: int, as_json: bool) -> None:
    r"""List the runs in the ledger, newest first.

    \b
    Example: toolkit audit log
             toolkit audit log --run 3f2a
             toolkit audit log --address "microsoft365.transport_rule[School disclaimer]"
    """
    from toolkit.cli.shared.run import opened_ledger
    from toolkit.cli.shared.terminal import show_report
    from toolkit.ledger.history import find_run, runs_that_changed, unchanged_message
    from toolkit.ledger.operator import operator_names
    from toolkit.render.audit_text import run_lines, runs_json
    from toolkit.render.line import Line

    with opened_ledger() as (settings, ledger):
        runs = ledger.recorded_runs(exports=True)
        names = operator_names(ledger, runs)
    none = "nothing is recorded yet"
    if run is not None:
        runs = [find_run(runs, run)]
    if address is not None and runs:
        object_address = read_address(address)
        none = unchanged_message(runs, object_address)
        runs = runs_that_changed(runs, object_address)
    runs = runs[:last]
    lines = run_lines(runs, names, shows_steps=bool(run or address)) if runs else [Line(none)]
    show_report(runs_json(runs, settings.target, names), lines, as_json=as_json)


@command.command()
@click.argument("who", metavar="ADDRESS|ID")
@json_option
def person(who: str, *, as_json: bool) -> None:
    r"""List the ledger's entries about one person.

    ADDRESS is found in every entry, even under a pseudonym. Automatic replies and signatures are stored under the id of
    the account, so search for the id too. Addresses of other people are removed. The list does not contain holds.
    `toolkit hold list` shows holds to people who have the key.

    \b
    Exit codes:
      0  the list is complete, even if it is empty
      1  the ledger cannot be read

    \b
    Example: toolkit audit person amara.ashdown@example-primary.example
             toolkit audit person 381e074a-f592-5e6d-8410-88c538fc5cc6 --json
    """
    from toolkit.cli.shared.run import opened_ledger
    from toolkit.cli.shared.terminal import show_report
    from toolkit.ledger.person_search import find_person
    from toolkit.render.audit_text import person_entries_json, person_entry_lines

    with opened_ledger() as (settings, ledger):
        entries = find_person(ledger, who)
    show_report(person_entries_json(entries, settings.target), person_entry_lines(entries), as_json=as_json)


@command.command()
@playbooks_argument
@output_folder("The folder for the files. No file is overwritten.")
@click.option(
    "--pack",
    "packs",
    multiple=True,
    default=["governors"],
    show_default=True,
    metavar="PACK,...",
    help="The readers: summary (anyone: counts and dates), governors or board, which is the same (roles, no names), "
    "evidence, standards (DfE and others), case (holds). May be repeated.",
)
@formats_option
@click.option(
    "--recipient",
    "recipients",
    multiple=True,
    metavar="KEY",
    help="With --pack case: the public age key of a reader (default: the register's own key). May be repeated.",
)
@click.option("--since", type=read_date, metavar="DATE", help="Show changes since this date, such as 2026-09-01.")
@click.option(
    "--compare",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="OLD.json",
    help="Show changes since an earlier export (its JSON file).",
)
@click.option("--mail", is_flag=True, help="Send the files to the head and the clerk, and to no one else.")
@judged_school
def export(
    *,
    playbooks: Path,
    directory: Path,
    packs: tuple[str, ...],
    formats: tuple[str, ...],
    recipients: tuple[str, ...],
    since: date | None,
    compare: Path | None,
    mail: bool,
    selection: Selection,
) -> None:
    r"""Write a draft of the report for governors.

    The report has the status of each clause of the policy. If the playbooks do not contain a policy, no clause is
    judged, and the command shows how to add a policy. `toolkit report` records the school's responses, and releases the
    final report. The tenants are read once, and cannot be written to. The ledger records a digest of each file.
    `toolkit audit verify FILE` compares it. Every file from emulated tenants says that it is a practice run, and
    `summary` is refused there.

    The pack `case` needs TOOLKIT_HOLDS_KEY. It is always encrypted: named investigators open it with `age --decrypt
    -i KEYFILE FILE.age`.

    `governors` and `evidence` include a calendar (.ics) of expiry dates within 60 days and dates for responses.

    The report shows changes since the last export, or since --since or --compare. `toolkit schedule` prints a job for
    it.

    --mail needs `reports:` in the school file, with the mailboxes of the head and the clerk. It sends with the identity
    that writes. Only `summary` goes to an address outside the school's domains. A practice run and `case` are never
    mailed.

    In the folder of a trust, --school is needed, and the report is about this school.

    \b
    Exit codes:
      0  every file is written
      1  a mail was not sent
      4  something could not be read, and the report lists it

    \b
    Example: toolkit audit export playbooks/ -o reports/
             toolkit audit export playbooks/ -o reports/ --pack governors,evidence --format html,pdf,csv,xlsx
             toolkit audit export playbooks/ -o reports/ --format csv --format pdf
             toolkit audit export playbooks/ -o case/ --pack case --recipient age1...
             toolkit audit export playbooks/ -o reports/ --since 2026-09-01
             toolkit audit export playbooks/ -o reports/ --compare reports/example-primary-school_governors_2026-07.json
    """
    from toolkit import api
    from toolkit.cli.shared.judged_playbooks import export_judged, load_judged
    from toolkit.cli.shared.run import surroundings
    from toolkit.cli.shared.terminal import remark, show
    from toolkit.notices.delivery_text import delivery_lines
    from toolkit.planning.policy.page import NO_POLICY
    from toolkit.render.line import Line
    from toolkit.sdk.reason import admin_text

    chosen_packs = read_words(packs, api.Pack, "--pack", also={"board": api.Pack.GOVERNORS})
    chosen_formats = read_words(formats, api.Format, "--format")
    loaded = load_judged(playbooks, selection)
    with surroundings() as around:
        talk = around["progress"]
        written = export_judged(
            loaded,
            selection,
            directory,
            packs=chosen_packs,
            formats=chosen_formats,
            recipients=recipients,
            since=since,
            compare=compare,
            mail=mail,
            on_file=lambda path: show([Line(str(path))]),
            **around,
        )
        with talk.pause():
            show(delivery_lines(written.deliveries))
            if not loaded.policy.clauses:
                remark(f"toolkit: {admin_text(NO_POLICY())}")
    sys.exit(written.exit)


@command.command()
def rebuild() -> None:
    r"""Rebuild the tables that are derived from the ledger's entries.

    The entries do not change.

    \b
    Example: toolkit audit rebuild
    """
    from toolkit.cli.shared.run import opened_ledger
    from toolkit.cli.shared.terminal import show
    from toolkit.ledger.structure import rebuild as make_anew
    from toolkit.render.line import Line

    with opened_ledger() as (_, ledger):
        if not ledger.exists():
            show([Line("nothing is recorded yet")])
            return
        make_anew(ledger)
    show([Line("the tables match the entries again")])
