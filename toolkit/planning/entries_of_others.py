"""Keep an object that must be deleted if other administrators have added entries to its lists."""

from collections.abc import Collection, Mapping

from toolkit.messages import list_some
from toolkit.planning.change import Field, Update
from toolkit.planning.plan_details import Refusal
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.sdk.resource import Absent, Desired, Observed
from toolkit.values import Settings, entries, unique


def find_entries_of_others(
    kind: Kind[Connection], observed: Observed, our_entries: Mapping[str, Collection[str]]
) -> Mapping[str, tuple[str, ...]]:
    """Return, for each list of an object, the entries that other administrators added.

    `our_entries` are the entries that this ledger wrote.
    """
    return {
        name: others
        for name, setting in kind.spec.table().items()
        if setting.at_least
        and (others := unique({*entries(observed.settings.get(name))} - {*our_entries.get(name, ())}))
    }


def has_our_entries(kind: Kind[Connection], observed: Observed, our_entries: Mapping[str, Collection[str]]) -> bool:
    """Return whether a list of the object contains an entry that this ledger wrote."""
    shared = (name for name, setting in kind.spec.table().items() if setting.at_least)
    return any({*entries(observed.settings.get(name))} & {*our_entries.get(name, ())} for name in shared)


def remove_our_part(
    kind: Kind[Connection],
    absent: Absent,
    observed: Observed,
    other_entries: Mapping[str, tuple[str, ...]],
    sent_settings: Settings,
) -> Update | None:
    """Return an update that removes toolkit's entries and settings from an object, or None if the object has none.

    Lists keep the entries of other administrators. A setting that toolkit sent gets the kind's default, if there is
    one.
    """
    shared = [name for name, setting in kind.spec.table().items() if setting.at_least]
    defaults = kind.spec.defaults()
    left: Settings = {
        **{name: default for name, default in defaults.items() if name in sent_settings},
        **{name: other_entries.get(name) for name in shared if observed.settings.get(name)},
    }
    changed = tuple(
        Field(name, observed.settings.get(name), value)
        for name, value in left.items()
        if observed.settings.get(name) != value
    )
    settings = {field.path: field.after for field in changed}
    desired = Desired(absent.address, settings, dict.fromkeys(settings, absent.origin), absent.origin)
    return Update(desired, observed, changed) if changed else None


def refuse_deletion(absent: Absent, other_entries: Mapping[str, tuple[str, ...]]) -> Refusal:
    """Return a refusal to delete an object, which lists the entries that other administrators added."""
    reason = f"is not deleted, because it keeps the entries that other people added ({format_entries(other_entries)})"
    return Refusal(absent.address, reason, absent.origin)


def format_entries(other_entries: Mapping[str, tuple[str, ...]]) -> str:
    """Return list entries as a text, for example `url_blocklist: a.example, b.example`."""
    return "; ".join(f"{name}: {list_some(added)}" for name, added in other_entries.items())
