"""Asking for help costs little, and every command answers with what it does and an example."""

import os
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from tests.door import SAMPLES, ask
from toolkit.cli import SECTIONS, program

HEAVY = {
    *("azure", "connectors", "googleapiclient", "jinja2", "msgraph", "openpyxl", "pydantic", "pydantic_settings"),
    *("requests", "rich", "ruamel", "sqlalchemy", "starlette", "tenacity", "uvicorn"),
}
LIGHT = {
    *("toolkit", "toolkit.cli", "toolkit.cli.shared", "toolkit.cli.shared.printable_stream", "toolkit.errors"),
    *("toolkit.cli.shared.hold_register", "toolkit.cli.shared.hold_search", "toolkit.cli.shared.people"),
    *("toolkit.cli.shared.custody_files", "toolkit.cli.shared.command_state", "toolkit.cli.shared.no_pager"),
    "toolkit.cli.shared.trust_session",
    *("toolkit.cli.shared.interruption", "toolkit.cli.shared.recording", "toolkit.installed", "toolkit.printable"),
}


def _imported(*arguments: str) -> set[str]:
    """Run `toolkit ARGUMENTS` and list what it imported on its way."""
    command = [sys.executable, "-X", "importtime", "-m", "toolkit", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    return {line.rpartition("|")[2].strip() for line in ended.stderr.splitlines() if line.startswith("import time:")}


def _commands(group: click.Group, *before: str) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        yield (*before, name)
        if isinstance(found, click.Group):
            yield from _commands(found, *before, name)


EVERY = list(_commands(program))


def test_help_imports_click_and_nothing_that_a_run_needs() -> None:
    imported = _imported("--help")

    assert {name for name in imported if name.partition(".")[0] in HEAVY} == set()
    assert {name for name in imported if name.partition(".")[0] == "toolkit"} <= LIGHT | {
        *("toolkit.__main__", "toolkit.cli.shared.options", "toolkit.engine", "toolkit.engine.selection"),
        *("toolkit.starter", "toolkit.starter.answers"),  # whose questions are the options of init
        *(f"toolkit.cli.{command[0].replace('-', '_')}" for command in EVERY),
    }


ASKING = """
import sys
from toolkit.cli import main
for name in sys.argv[1:]:
    try:
        main([name, "--help"])
    except SystemExit:
        pass
    print(name, *{module.partition(".")[0] for module in sys.modules}, file=sys.stderr)
"""
"""A program that asks one command after the other for help, and tells what was imported so far."""


def test_help_of_a_command_imports_nothing_that_a_run_needs() -> None:
    commands = sorted({command[0] for command in EVERY})

    ended = subprocess.run([sys.executable, "-c", ASKING, *commands], capture_output=True, text=True, check=True)

    imported = {name: set(modules) for name, *modules in map(str.split, ended.stderr.splitlines())}
    assert sorted(imported) == commands
    assert [name for name in commands if imported[name] & HEAVY] == [], "the first of these imports what is heavy"


def test_validate_loads_no_ledger_and_no_client_of_a_cloud() -> None:
    imported = _imported("validate", str(SAMPLES))

    assert {name.partition(".")[0] for name in imported} & {
        "azure",
        "googleapiclient",
        "msgraph",
        "sqlalchemy",
    } == set()
    assert "toolkit.playbook.load" in imported


@pytest.mark.parametrize("command", EVERY, ids=" ".join)
def test_a_command_says_what_it_does_and_gives_an_example(command: tuple[str, ...]) -> None:
    answered = ask(*command, "--help")

    assert answered.exit == 0
    words, _, _ = answered.out.partition("\nOptions:")
    usage, _, said = words.partition("\n\n")
    assert usage.startswith(f"Usage: toolkit {' '.join(command)}")
    assert f"toolkit {' '.join(command)}" in said.rpartition("Example: ")[2] or "Commands:" in answered.out
    assert "\\b" not in answered.out
    first = said.partition("\n\n")[0].strip()
    assert "\n" not in first, "a command is described in one short line"
    assert first.endswith((".", ")"))
    assert len(first) <= 62


def test_an_unknown_command_names_the_one_that_may_be_meant() -> None:
    answered = ask("aply")

    assert answered.exit == 2
    assert "Did you mean apply?" in answered.err


def test_the_overview_lists_every_command_once_under_a_heading_and_cuts_nothing() -> None:
    shown = ask("--help").out
    texts = {name: text for section in SECTIONS.values() for name, text in section.items()}
    names = list(texts)
    listed = [line.split()[0] for line in shown.splitlines() if line[:2] == "  " and line.split()[0] in names]

    assert sorted(names) == sorted({command[0] for command in EVERY})
    assert listed == names
    assert "..." not in shown.partition("\n")[2]
    commands = {name: program.get_command(click.Context(program), name) for name in names}
    assert texts == {name: command and command.get_short_help_str(limit=200) for name, command in commands.items()}


@pytest.mark.parametrize(
    ("typed", "completed"),
    [("toolkit pl", "plain,plan\n"), ("toolkit plan --tr", "plain,--trace\n"), ("toolkit audit ver", "plain,verify\n")],
)
def test_a_shell_completes_commands_and_options(typed: str, completed: str) -> None:
    words = {"COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" ")), "_TOOLKIT_COMPLETE": "bash_complete"}
    command = [sys.executable, "-m", "toolkit"]

    ended = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, **words})

    assert ended.stdout == completed


def test_a_shell_gets_the_script_that_completes() -> None:
    command, variables = [sys.executable, "-m", "toolkit"], {**os.environ, "_TOOLKIT_COMPLETE": "bash_source"}

    script = subprocess.run(command, capture_output=True, text=True, check=True, env=variables)

    assert script.stdout.startswith("_toolkit_completion() {\n")
