"""The commands `toolkit audit verify` and `toolkit audit signers`."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from toolkit.cli.shared.options import json_option, playbooks_argument
from toolkit.errors import Exit


@click.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="[FILE]")
@click.option(
    "--playbooks",
    type=click.Path(exists=True, path_type=Path),
    metavar="PLAYBOOKS",
    help="Check signatures with the keys of this school file, and the heads in its git repository (`record_in_git`). "
    "With FILE: compare its playbooks with these.",
)
@click.option(
    "--head",
    "heads",
    multiple=True,
    metavar="HEAD",
    help="A head that someone outside kept: COUNT:HASH, or a report or message that has it. May be repeated.",
)
@json_option
def verify(*, file: Path | None, playbooks: Path | None, heads: tuple[str, ...], as_json: bool) -> None:
    r"""Verify the chain of the ledger's entries, or a report.

    Every entry that was changed is named. With FILE, an exported file is compared with its recorded digest. An extract
    for a school of a trust is verified on its own, and compared with the ledger if there is one.

    A chain cannot show that its owner rewrote the whole ledger or put an older copy in its place. --head shows it, up
    to the entry that the head names. Reports and the messages of `toolkit notify` have the head of their day.

    A file may have a signature next to it, such as report.html.sig. With --playbooks, the signatures of FILE and of
    reports after --head are checked with the keys under `signers:` in the school file.

    \b
    Exit codes:
      0  the ledger and the file are unchanged as far as they can be compared, or there is no ledger yet
      1  something was changed, or a signature is wrong
      4  the ledger's database cannot be reached

    \b
    Example: toolkit audit verify
             toolkit audit verify reports/example-primary-school_governors_2026-11-10_3f2a1b.json
             toolkit audit verify --head "message of 10 November.eml"
             toolkit audit verify --head reports/board.html --playbooks playbooks/
    """
    from toolkit.board_report.verify import verify_file
    from toolkit.cli.shared.json_output import keep_json
    from toolkit.cli.shared.run import opened_ledger
    from toolkit.cli.shared.terminal import show
    from toolkit.ledger.git_heads import heads_in_git
    from toolkit.ledger.outside_heads import compare_heads, read_outside_head
    from toolkit.ledger.verify import verify as check
    from toolkit.playbook.load import load
    from toolkit.render.audit_text import compared_heads_json, ledger_check_json
    from toolkit.render.line import Line
    from toolkit.render.verify_text import signature_lines, signatures_answer, verified_lines
    from toolkit.school.signers import SignedContent
    from toolkit.signatures import check_files

    outside_heads = [read_outside_head(words) for words in heads]
    loaded = load(playbooks) if playbooks else None
    signed = [*([file] if file else []), *(path for words in heads if (path := Path(words)).is_file())]
    signatures = check_files(signed, SignedContent.REPORTS, loaded.school.signers if loaded else None)
    with opened_ledger() as (settings, ledger):
        checked = check(ledger)
        kept_in_git = heads_in_git(loaded.root) if loaded and loaded.school.record_in_git else []
        compared = compare_heads(ledger, checked, [*outside_heads, *kept_in_git])
        file_result = verify_file(file, ledger, checked.head.count, loaded.digest if loaded else None) if file else None
    if as_json:
        file_answer: Mapping[str, Any] = (
            {"file": {"sound": not file_result.faults, "faults": list(file_result.faults)}} if file_result else {}
        )
        evidence = {"heads": compared_heads_json(compared), "signatures": signatures_answer(signatures)}
        keep_json({**ledger_check_json(checked, settings.target), **evidence, **file_answer})
    else:
        show(signature_lines(signatures))
        show(verified_lines(checked, ledger.place, compared))
        for sign, words in (
            (("=", file_result.fine), ("*", file_result.remarks), ("!", file_result.faults)) if file_result else ()
        ):
            show(Line(f"{sign} {words_of}") for words_of in words)
    is_file_changed = bool(file_result and file_result.faults) or any(signature.is_wrong for signature in signatures)
    differs = not checked.is_sound or is_file_changed or not all(head.agrees for head in compared)
    sys.exit(Exit.FAILED if differs else Exit.AS_WANTED)


@click.command()
@playbooks_argument
@json_option
def signers(*, playbooks: Path, as_json: bool) -> None:
    r"""Print the public keys that may sign, as ssh-keygen reads them.

    Save the lines in a file, and hand it to the governors in person. With it they can check a report without toolkit:
    docs/verify.md explains the command. The lines that begin with # show the fingerprint of each key.

    \b
    Example: toolkit audit signers playbooks/ > allowed_signers
    """
    from toolkit.cli.shared.terminal import show_report
    from toolkit.playbook.load import load_school
    from toolkit.render.verify_text import signer_lines, signers_answer

    keys = load_school(playbooks).school.signers
    show_report(signers_answer(keys), signer_lines(keys), as_json=as_json)
