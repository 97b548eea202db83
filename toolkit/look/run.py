"""Run a first look: the notice before the sign-in, the two files, and the last lines of output."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from shlex import quote

from toolkit.engine.read_tenants import Progress
from toolkit.errors import Exit, UsageError
from toolkit.look.model import Look
from toolkit.look.nameless import look_json_without_names
from toolkit.look.page import render_look
from toolkit.look.read import read_clouds
from toolkit.records import dataclass
from toolkit.render.line import Line, Tone
from toolkit.render.reference.reference_text import broken_module_lines
from toolkit.sdk.providers import EMULATED, providers
from toolkit.settings.env_file import refuse_unallowed
from toolkit.settings.settings import Settings
from toolkit.settings.verified_file import replace_file

PAGE, ANSWER = "look.html", "look.json"
"""The names of the two files."""


@dataclass(frozen=True, slots=True)
class WrittenLook:
    """The results of a first look, and the files that were written."""

    view: Look
    page: Path
    answer: Path
    next_step: str

    @property
    def exit(self) -> Exit:
        return Exit.AS_WANTED if self.view.is_complete else Exit.UNREAD


def reasons_to_leave_out_clouds(settings: Settings, selected_clouds: Sequence[str], *, live: bool) -> Mapping[str, str]:
    """Return the reason why each cloud is left out of a first look, or "" if the cloud is read.

    Raise UsageError if no cloud can be read.
    """
    ways = {name: provider.person for name, provider in sorted(providers().items(), reverse=True)}
    lacking = {name: way.lacks(settings.variables, live=live) for name, way in ways.items()}
    clouds = {
        name: why if name in (selected_clouds or ways) else "--cloud selects another cloud"
        for name, why in lacking.items()
    }
    if all(clouds.values()):
        raise UsageError(next(lacking[name] for name in selected_clouds))
    return clouds


def notice_before_sign_in(reason_by_cloud: Mapping[str, str], *, live: bool) -> Iterator[str]:
    """Yield the lines that a person sees before signing in: the apps, their tokens, and the consent that stays
    in the tenant.
    """
    if not live:
        yield "toolkit: practice: the tenants are emulated, and an emulated person signs in without a browser"
        yield "toolkit: to look at the school's own tenants, use --live or set TOOLKIT_TARGET=live"
        return
    for name, why in reason_by_cloud.items():
        title = providers()[name].title
        if why:
            yield f"toolkit: {title} is not read: {why}"
        else:
            yield from (f"toolkit: {line}" for line in providers()[name].person.notice)


def look_at_tenants(
    settings: Settings,
    folder: Path,
    reason_by_cloud: Mapping[str, str],
    tenant: str | None,
    *,
    live: bool,
    show: Callable[[str], None],
    progress: Progress,
) -> WrittenLook:
    """Read the clouds, and write the page and the file without names.

    `reason_by_cloud` contains the reason why each cloud is left out, or "". Raise UsageError if the files cannot be
    written, and SignInRefused if no one can sign in to any cloud.
    """
    if live:
        settings = replace(settings, target="live")
        refuse_unallowed(settings.env_file)
    _refuse_unwritable_folder(folder)
    view = read_clouds(settings, reason_by_cloud, tenant, show, progress)
    step = command_to_create_playbooks(view)
    page = replace_file(folder / PAGE, render_look(view, step))
    answer = replace_file(folder / ANSWER, json.dumps(look_json_without_names(view), indent=2) + "\n")
    return WrittenLook(view, page, answer, step)


def _refuse_unwritable_folder(folder: Path) -> None:
    """Raise UsageError, before anyone signs in, if the folder for the files cannot be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be made: {error.strerror}; name another folder with -o") from error


def command_to_create_playbooks(look: Look) -> str:
    """Return the command that creates playbooks for the school that was read."""
    tenants = EMULATED if look.practice else ",".join(cloud.tenant.id for cloud in look.clouds)
    words = ["toolkit", "init", "my-school", "--tenants", tenants, "--name", look.school]
    words += ["--domains", ",".join(domain for domain in look.domains if ".onmicrosoft." not in domain)]
    return " ".join(map(quote, [*words, *(["--from-tenant"] if look.practice else [])]))


def last_lines(written_look: WrittenLook) -> Iterator[Line]:
    """Yield the last lines of the command: the counts, the files and the next step."""
    view = written_look.view
    asks = sum(row.asks for row in view.rows)
    clouds = " and ".join(cloud.title for cloud in view.clouds)
    yield Line(f"{view.school} ({', '.join(view.domains)}): {clouds}", Tone.HEADING)
    yield Line(f"{len(view.rows)} facts: {asks} to ask about, {len(view.gaps)} could not be read")
    yield from broken_module_lines([broken for cloud in view.clouds for broken in cloud.broken_kinds])
    yield Line("")
    yield Line(f"{written_look.page}: the page, for the head teacher and governors")
    yield Line(f"{written_look.answer}: contains no names, so a school may send it to the maintainers")
    yield Line("")
    yield Line("Next, playbooks that check this again and write nothing:")
    yield Line(f"  {written_look.next_step}", command=True)
