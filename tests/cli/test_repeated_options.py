"""An option that is written twice counts twice, or is refused: nothing that was typed is dropped."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tests.door import Door, ask
from toolkit.cli import program


def _options(group: click.Group, *before: str) -> Iterator[tuple[tuple[str, ...], click.Option]]:
    """Find every option of every command that takes a value."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command
        for option in command.params:
            if isinstance(option, click.Option) and not option.is_flag:
                yield (*before, name), option
        if isinstance(command, click.Group):
            yield from _options(command, *before, name)


_EVERY = [(" ".join(words), words, option) for words, option in _options(program)]
_SINGLE = [pytest.param(words, option, id=f"{name} {option.opts[-1]}") for name, words, option in _EVERY
           if not option.multiple]  # fmt: skip
_REPEATED = [pytest.param(option, id=f"{name} {option.opts[-1]}") for name, _, option in _EVERY if option.multiple]


@pytest.mark.parametrize(("words", "option"), _SINGLE)
def test_an_option_of_one_value_is_refused_when_it_is_written_twice(
    words: tuple[str, ...], option: click.Option
) -> None:
    answer = ask(*words, option.opts[0], "1", option.opts[-1], "2")

    assert answer.exit == 2
    assert f"{option.opts[-1]} takes one value and is written 2 times." in answer.err
    assert f"Usage: toolkit {' '.join(words)}" in answer.err


def test_what_is_written_to_is_called_output_everywhere_and_its_earlier_name_is_taken() -> None:
    written = {words: option.opts for words, option in ((w, o) for _, w, o in _EVERY) if "-o" in option.opts}

    assert {*map(tuple, written.values())} == {("-o", "--output")}
    for words in (("withdraw",), ("dpo-pack",)):
        assert "--output takes one value and is written 2 times." in ask(*words, "--out", "1", "--output", "2").err
        assert "--out " not in ask(*words, "--help").out


@pytest.mark.parametrize("option", _REPEATED)
def test_the_help_of_an_option_of_several_values_says_so(option: click.Option) -> None:
    assert "may be repeated" in str(option.help).lower()


def test_an_export_writes_every_form_and_pack_that_is_named(small_door: Door, tmp_path: Path) -> None:
    for path in small_door.playbooks.glob("[1-8]*.yaml"):
        path.unlink()
    words = ("--format", "csv", "--format", "xlsx,html", "--pack", "governors", "--pack", "evidence")

    answer = small_door("audit", "export", small_door.playbooks, "-o", tmp_path / "reports", *words)

    assert answer.exit in {0, 3}, answer.out + answer.err
    written = sorted(path.name.split("_")[2] + path.suffix for path in (tmp_path / "reports").glob("practice*"))
    assert written == [
        f"{pack}.{form}" for pack in ("evidence", "governors") for form in ("csv", "html", "ics", "json", "xlsx")
    ]
