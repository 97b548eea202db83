"""Where a run keeps its state and where its settings come from, as text and as JSON."""

from collections.abc import Iterator, Sequence

from toolkit.engine.context import SettingSources
from toolkit.render.line import Line, Tone
from toolkit.values import Body

_NAMED = 3  # variables of each source; more are counted


def settings_lines(sources: SettingSources | None) -> Iterator[Line]:
    """Yield the line that goes below the heading of a run."""
    if sources is None:
        return
    places = [
        f"{place} ({_names(names)})"
        for place, names in ((str(sources.env_file), sources.from_env_file), ("environment", sources.from_environment))
        if names
    ]
    settings = f"settings from {' and '.join(places)}" if places else "default settings"
    yield Line(f"  state {sources.state}; {settings}", Tone.QUIET)


def settings_answer(sources: SettingSources | None) -> Body:
    """Return the same for programs."""
    if sources is None:
        return {}
    return {
        "settings": {
            "state": str(sources.state),
            "env_file": str(sources.env_file) if sources.env_file else None,
            "from_env_file": list(sources.from_env_file),
            "from_environment": list(sources.from_environment),
        }
    }


def _names(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
