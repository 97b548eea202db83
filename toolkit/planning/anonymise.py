"""Takes back what playbooks let `toolkit check` name: what governors read names nobody."""

from dataclasses import replace

from toolkit.playbook.entries import ControlEntry, Playbook, Playbooks

_NAMES, _NONE = "names", "none"


def nameless(playbooks: Playbooks) -> Playbooks:
    """Give the playbooks with every `names: listed` as if nothing were said."""
    changed: dict[int, ControlEntry] = {}

    def entry(one: ControlEntry) -> ControlEntry:
        if getattr(one.settings, _NAMES, _NONE) != _NONE:
            changed[id(one)] = replace(one, settings=one.settings.model_copy(update={_NAMES: _NONE}))
        return changed.get(id(one), one)

    def playbook(one: Playbook) -> Playbook:
        return replace(one, controls=tuple(map(entry, one.controls)))

    kept = tuple(map(playbook, playbooks.playbooks))
    departures = tuple(replace(one, entry=changed.get(id(one.entry), one.entry)) for one in playbooks.departures)
    return replace(playbooks, playbooks=kept, departures=departures)
