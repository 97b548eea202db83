"""Options that several commands share."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import wraps
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import click

from toolkit.cli.shared.completion import complete_names_for_only, complete_providers
from toolkit.engine.selection import Selection
from toolkit.errors import UsageError

if TYPE_CHECKING:
    from datetime import date

    from toolkit.sdk.resource import Address

_Word = TypeVar("_Word", bound=StrEnum)
Option: TypeAlias = Callable[[Callable[..., None]], Callable[..., None]]


def _refuse_quiet_and_verbose(context: click.Context, option: click.Parameter, is_given: bool) -> bool:  # noqa: FBT001
    """Return whether --quiet or --verbose is given. Raise UsageError if both are given."""
    other = "verbose" if option.name == "quiet" else "quiet"
    if is_given and context.params.get(other):
        raise click.UsageError("--quiet and --verbose cannot be used together. Choose one", context)
    return is_given


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def verbose_option_for(about: str) -> Option:
    """Return the option --verbose of a command that shows more with it."""
    return click.option("-v", "--verbose", is_flag=True, callback=_refuse_quiet_and_verbose, help=about)


verbose_option = verbose_option_for("Show each object and setting, including unchanged ones.")


quiet_option = click.option(
    "-q",
    "--quiet",
    is_flag=True,
    callback=_refuse_quiet_and_verbose,
    help="Show only the summary and errors. The exit code is the same.",
)


def read_date(text: str) -> "date":
    """Parse a date from the command line. The error for a wrong date suggests the date that was probably meant."""
    from datetime import date

    from toolkit.sdk.dates import did_you_mean_date

    try:
        day = date.fromisoformat(text)
    except ValueError as wrong:
        raise click.BadParameter(f"{text!r} is not a date{did_you_mean_date(text)}") from wrong
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise click.BadParameter(f"{text!r} has a year that is not between {_FIRST_YEAR} and {_LAST_YEAR}")
    return day


_FIRST_YEAR, _LAST_YEAR = 1900, 2999


def default_playbooks() -> Path:
    """Return the path of the school's playbooks, for a command that is run without an argument."""
    from toolkit.settings.school_folder import playbooks_of_school

    return playbooks_of_school()


def playbooks_or(metavar: str) -> Option:
    """Return the argument PLAYBOOKS of a command, or an argument with another name.

    Its default is the school's folder.
    """
    return click.argument(
        "playbooks",
        type=click.Path(exists=True, path_type=Path),
        metavar=metavar,
        required=False,
        default=default_playbooks,
    )


playbooks_argument = playbooks_or("[PLAYBOOKS]")


def output_folder(about: str) -> Option:
    """Return the option -o of a command that writes several files into a folder."""
    return click.option(
        "-o",
        "--output",
        "directory",
        required=True,
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help=about,
    )


formats_option = click.option(
    "--format",
    "formats",
    multiple=True,
    default=["html"],
    show_default=True,
    metavar="FORMAT,...",
    help="html, pdf, csv, xlsx, json. May be repeated. The JSON, from which the others follow, is always written.",
)


def read_address(text: str) -> "Address":
    """Parse the address of an object that a user typed. Raise UsageError if the text is not an address."""
    from toolkit.sdk.resource import parse_address

    try:
        return parse_address(text)
    except ValueError as wrong:
        raise UsageError(str(wrong)) from wrong


def read_words(
    given_words: Sequence[str], vocabulary: type[_Word], option: str, also: Mapping[str, _Word] = MappingProxyType({})
) -> list[_Word]:
    """Return the values of an option, which may be repeated or separated by commas.

    Raise UsageError for an unknown value. `also` has other names of some values.
    """
    from toolkit.messages import did_you_mean, quoted

    names = [str(word) for word in vocabulary]
    words: list[_Word] = []
    for word in filter(None, (word.strip() for word in ",".join(given_words).split(","))):
        if word in also:
            words.append(also[word])
            continue
        if word not in names:
            raise UsageError(f"{option}: unknown word {quoted(word)}{did_you_mean(word, names)}")
        words.append(vocabulary(word))
    if not words:
        raise UsageError(f"{option}: name at least one of {', '.join(names)}")
    return list(dict.fromkeys(words))


def _read_reason(_context: click.Context, _option: click.Parameter, reason: str | None) -> str:
    """Return the reason that the user gave with an option, or "" if the option is not used.

    Raise UsageError if the reason is empty.
    """
    if reason is not None and not reason.strip():
        raise UsageError("--override: give the reason to ignore windows and freezes")
    return (reason or "").strip()


override_option = click.option(
    "--override",
    metavar="REASON",
    callback=_read_reason,
    help="Write outside windows and during freezes; REASON is recorded.",
)


def _split_schools(_context: object, _option: object, given: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for word in given for name in map(str.strip, word.split(",")) if name))


def selecting(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that limit a run to some objects, controls or schools, and pass them as `selection`."""
    return _with_selection(function, (*_NARROWING, *_SLICING))


def selecting_and_limiting(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that limit a run to some objects, controls or schools, and the options that raise its limits."""
    return _with_selection(function, (*_NARROWING, *_SLICING, *_LIFTING))


def selecting_limiting_and_pruning(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that limit a run to some objects, raise its limits, prune, or allow the first write of a kind."""
    return _with_selection(function, (*_NARROWING, *_SLICING, *_LIFTING, _PRUNING, _UNVERIFIED))


def _with_selection(function: Callable[..., None], options: Sequence[Option]) -> Callable[..., None]:
    names = set(Selection._fields)

    @wraps(function)
    def collecting(**given: Any) -> None:
        chosen = {name: value for name, value in given.items() if name in names}
        rest = {name: value for name, value in given.items() if name not in names}
        function(**rest, selection=Selection(**chosen))

    command: Callable[..., None] = collecting
    for option in reversed(options):
        command = option(command)
    return command


_NARROWING = (
    click.option(
        "--only",
        multiple=True,
        metavar="ADDRESS",
        help="Only this object or control. May be repeated.",
        shell_complete=complete_names_for_only,
    ),
    click.option(
        "--provider",
        metavar="NAME",
        help="Only this cloud, such as microsoft365.",
        shell_complete=complete_providers,
    ),
)
tenant_option = click.option(
    "--tenant", metavar="NAME", help="In the folder of a trust: the tenant, if there are several."
)
_SLICING = (
    click.option(
        "--school",
        "schools",
        multiple=True,
        metavar="NAME,...",
        callback=_split_schools,
        help="In the folder of a trust: only the slices of these schools. May be repeated.",
    ),
    tenant_option,
)


def judged_school(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that name the school of a trust whose policy is judged, and pass them as `selection`."""

    @wraps(function)
    def collecting(school: str | None, tenant: str | None, **given: Any) -> None:
        names = _split_schools(None, None, [school] if school else [])
        function(**given, selection=Selection(schools=names, tenant=tenant))

    command: Callable[..., None] = collecting
    for option in reversed(_JUDGED):
        command = option(command)
    return command


_JUDGED = (
    click.option("--school", metavar="NAME", help="In the folder of a trust: the school that is judged."),
    click.option("--tenant", metavar="NAME", help="In the folder of a trust: read only this tenant of the school."),
)
_COUNT = click.IntRange(min=0)
_LIFTING = (
    click.option(
        "--allow-changes", multiple=True, metavar="KIND", help="Allow any number of changes of a kind. May be repeated."
    ),
    click.option("--allow-deletes", type=_COUNT, metavar="N", help="Allow N deletions."),
    click.option("--reach", type=_COUNT, metavar="N", help="Let a change reach N more people or devices."),
    click.option("--lose", type=_COUNT, metavar="N", help="Let up to N people or devices lose the cover of a control."),
    click.option("--enforce-at-once", is_flag=True, help="Create rules that stop mail without a test mode first."),
)
_PRUNING = click.option("--prune", is_flag=True, help="Delete or restore objects that no playbook asks for any more.")
_UNVERIFIED = click.option(
    "--unverified",
    multiple=True,
    metavar="KIND",
    help="Write objects of a kind although a fact about it is unverified. May be repeated.",
)
