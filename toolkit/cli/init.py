"""toolkit init"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from toolkit.starter.answers import NUMBERS, QUESTIONS

_DIRECTORY = click.Path(path_type=Path, file_okay=False)
_Command = Callable[..., None]


def _asked(command: _Command) -> _Command:
    """Add an option for each question."""
    for question in reversed((*QUESTIONS, *NUMBERS)):
        command = click.option(question.option, question.name, metavar="TEXT", help=f"{question.text}.")(command)
    return command


@click.command()
@click.argument("directory", type=_DIRECTORY, default=".", metavar="[DIR]")
@click.option("--demo", is_flag=True, help="Write the sample school, which enforces on emulated tenants.")
@click.option("--pack", "packs", multiple=True, metavar="NAME", help="A starter pack; default: look; may be repeated.")
@click.option("--no-questions", is_flag=True, help="Ask nothing; questions without an option stay open.")
@_asked
def command(directory: Path, *, demo: bool, packs: tuple[str, ...], no_questions: bool, **texts: str | None) -> None:
    r"""Write a school's first playbooks.

    It asks at most 12 questions; an option answers one beforehand. Every playbook is in mode check, so nothing is
    written to a tenant. No file is overwritten. Until the school file says what must never be touched, who runs the
    tenants and what else sets things there, apply refuses to write to a real tenant.

    Starter packs: look, phishing, accounts, disclaimer, closure, september, board.

    \b
    Exit codes:
      0  the playbooks are written
      2  an answer is wrong, or a file is there already

    \b
    Example: toolkit init my-school
             toolkit init --demo demo
    """
    from toolkit.starter.write import write_demo, write_starter

    if demo:
        write_demo(directory)
    else:
        write_starter(directory, packs or ("look",), _answers(texts, asking=not no_questions and sys.stdin.isatty()))
    _show_next(directory, demo=demo)


def _answers(texts: Mapping[str, str | None], *, asking: bool) -> Mapping[str, str]:
    """Return the answers of the options, and of the terminal for what no option answers."""
    from toolkit.cli.shared.terminal import answered

    answers = {question.name: text for question in NUMBERS if (text := texts[question.name]) is not None}
    for question in QUESTIONS:
        text = texts[question.name]
        if text is None and asking:
            text = answered(question.text, question.default, question.answer)
        if text is not None:
            answers[question.name] = text
    return answers


def _show_next(directory: Path, *, demo: bool) -> None:
    from toolkit.cli.shared.terminal import show
    from toolkit.engine.desired_state import validate
    from toolkit.render.line import Line
    from toolkit.render.validate_text import validated_lines
    from toolkit.starter.write import next_steps

    playbooks = directory / "playbooks"
    show([*validated_lines(*validate(playbooks)), Line(""), *map(Line, next_steps(directory, demo=demo))])
