"""Complete names on the command line of a shell: controls and objects of the playbooks, and kinds.

Only names are read, so no library of a cloud is imported.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def complete_names_for_only(context: click.Context, _parameter: click.Parameter, prefix: str) -> "list[CompletionItem]":
    """Return the controls and objects in the playbooks of a command whose names begin with a text.

    If the playbooks cannot be loaded, return every control whose name begins with the text.
    """
    return _completion_items(_names_in_playbooks(context.params.get("playbooks")), prefix)


def complete_kinds_and_controls(
    _context: click.Context, _parameter: click.Parameter, prefix: str
) -> "list[CompletionItem]":
    """Return the kinds of all clouds and the controls whose names begin with a text."""
    from toolkit.controls.control import controls
    from toolkit.sdk.providers import kinds, providers

    names = [f"{provider}.{kind}" for provider in providers() for kind in kinds(provider)]
    return _completion_items([*controls(), *names], prefix)


def complete_kinds(context: click.Context, _parameter: click.Parameter, prefix: str) -> "list[CompletionItem]":
    """Return the kinds whose names begin with a text, of the cloud that is on the command line."""
    from toolkit.sdk.providers import kinds, providers

    provider = context.params.get("provider")
    return _completion_items(kinds(provider) if provider in providers() else (), prefix)


def complete_providers(_context: click.Context, _parameter: click.Parameter, prefix: str) -> "list[CompletionItem]":
    """Return the clouds whose names begin with a text."""
    from toolkit.sdk.providers import providers

    return _completion_items(providers(), prefix)


def _names_in_playbooks(path: Path | None) -> Iterator[str]:
    from toolkit.controls.control import controls
    from toolkit.errors import ToolkitError
    from toolkit.playbook.load import load

    try:
        playbooks = load(path or Path("playbooks"))
    except ToolkitError:
        yield from controls()
        return
    for playbook in playbooks.playbooks:
        yield from (entry.name for entry in playbook.controls)
        yield from (str(entry.address) for entry in playbook.resources)


def _completion_items(names: Iterable[str], prefix: str) -> "list[CompletionItem]":
    from click.shell_completion import CompletionItem

    return [CompletionItem(name) for name in sorted(set(names)) if name.startswith(prefix)]
