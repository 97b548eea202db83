"""Render a run's state folder and the sources of its settings, without secrets, as text and as JSON."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from toolkit.render.line import FORMAT, Line, Tone, row
from toolkit.render.values_text import format_first_names
from toolkit.school.school import School
from toolkit.settings.env_file import EnvFile, describe_risks, redirected_data, risks_to_allow
from toolkit.settings.settings import Settings, SettingSources, forgotten_target, is_secret
from toolkit.values import Body

_HIDDEN = "(hidden)"
_NAMED = 3  # variables that are shown of each source


def run_heading(
    school: School, target: str, sources: SettingSources | None, tenants: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Line]:
    """Yield the heading of a run: the school, target, tenants and state folder, and the sources of its settings."""
    where = "live tenants" if target == "live" else "emulated tenants on this machine (simulated data)"
    yield Line(f"{school.name} ({', '.join(school.domains)}) on {where}", Tone.HEADING)
    parts = [f"tenants {', '.join(f'{provider} {tenant}' for provider, tenant in tenants.items())}"] if tenants else []
    if sources:
        parts.append(f"state {sources.state}")
        set_in = ((str(sources.env_file), sources.from_env_file), ("environment", sources.from_environment))
        if places := [f"{place} ({format_first_names(names, _NAMED)})" for place, names in set_in if names]:
            parts.append(f"settings from {' and '.join(places)}")
    if parts:
        yield Line(f"  {'; '.join(parts)}", Tone.QUIET)


def setting_sources_json(sources: SettingSources | None) -> Body:
    """Return the sources of the settings of a run as JSON."""
    if sources is None:
        return {}
    return {"settings": row(sources, "state", "env_file?", "from_env_file", "from_environment")}


def settings_lines(settings: Settings) -> Iterator[Line]:
    """Yield lines about the settings of this computer, with the source of each variable."""
    yield Line(f"target {settings.target}, school's folder {settings.folder.path}, state {settings.directory}")
    if problem := forgotten_target(settings):
        yield Line(f"! no run starts: {problem}", Tone.WARNING)
    if settings.env_file:
        yield from env_file_lines(settings.env_file)
    if not settings.variables:
        yield Line("no variable is set, so every setting has its default (see .env.example)")
    width = max(map(len, settings.variables), default=0)
    for name, value in sorted(settings.variables.items()):
        yield Line(
            f"{name:{width}}  {_variable_source(settings, name):11}  {_HIDDEN if is_secret(name, value) else value}"
        )


def env_file_lines(env_file: EnvFile) -> Iterator[Line]:
    """Yield lines about the owner, mode and digest of a `.env` file, and about risks that a person must allow
    for a live target.
    """
    yield Line(f"{env_file.path}: owner {_owner_text(env_file)}, mode {env_file.mode:03o}, SHA-256 {env_file.digest}")
    open_risks = risks_to_allow(env_file)
    for risk in env_file.risks:
        (words,) = describe_risks([risk])
        setting = env_file.values.get(risk, "")
        value = f": {_HIDDEN if is_secret(risk, setting) else setting}" if redirected_data(risk) else ""
        yield Line(
            f"! {words}{value}: {'not allowed yet' if risk in open_risks else 'allowed'}",
            Tone.WARNING if risk in open_risks else Tone.QUIET,
        )
    if not env_file.risks:
        yield Line("  it has no risks that must be allowed", Tone.QUIET)


def settings_json(settings: Settings) -> Body:
    """Return the settings of this computer as JSON, with their sources and the risks of the `.env` file."""
    file = settings.env_file
    return {
        "format": FORMAT,
        "target": settings.target,
        "refused": forgotten_target(settings) or None,
        "folder": str(settings.folder.path),
        "state": str(settings.directory),
        "env_file": None
        if file is None
        else {
            "path": str(file.path),
            "owner": file.owner,
            "mode": f"{file.mode:03o}",
            "sha256": file.digest,
            "risks": list(file.risks),
            "not_allowed": list(risks_to_allow(file)),
        },
        "variables": [
            {
                "name": name,
                "source": _variable_source(settings, name),
                "value": None if is_secret(name, value) else value,
            }
            for name, value in sorted(settings.variables.items())
        ],
    }


def _variable_source(settings: Settings, name: str) -> str:
    return "environment" if name in settings.from_environment else ".env"


def _owner_text(env_file: EnvFile) -> str:
    """Return the name and number of a file's owner, or only the number if the system does not know the name."""
    try:
        return f"{env_file.path.owner()} ({env_file.owner})"
    except (KeyError, OSError, NotImplementedError):
        return str(env_file.owner)
