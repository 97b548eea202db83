"""What a playbook says of one app that is taken off devices."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator

from connectors.microsoft365.intune.assignments import ALL_DEVICES, ALL_USERS
from connectors.microsoft365.intune.policy import named_targets
from connectors.microsoft365.intune.properties import ASSIGNED
from toolkit.sdk.form import WORDS
from toolkit.sdk.properties import Properties
from toolkit.sdk.spec import Join, Listed, Setting, Spec, declare, written_entries
from toolkit.values import Body, Settings

EVERYBODY = frozenset({ALL_DEVICES, ALL_USERS})


def _named(written: Listed | None) -> Listed | None:
    if not all(word.strip() for word in written_entries(written)):
        raise ValueError("an entry is empty; write a group by its address, or by its name where it has none")
    return written


def _groups_alone(written: Listed | None) -> Listed | None:
    if everybody := EVERYBODY & {word.strip().lower() for word in written_entries(written)}:
        raise ValueError(f"{min(everybody)} cannot be excluded; only groups can")
    return _named(written)


class ManagedAppRemoval(Spec):
    """From whose devices an app is taken; whoever has it for other reasons, and filters of others, stay as they are."""

    properties: ClassVar[Properties] = ASSIGNED.extended(
        ignored={
            "assignments[].@odata.type": "is the same for every assignment",
            "assignments[].settings.@odata.type": "follows from which type of app it is",
        },
        defaults={
            "assignments[].intent": "uninstall",
            "assignments[].settings.notifications": "showAll",
        },
    )

    uninstall_for: Annotated[
        Listed | None, AfterValidator(_named), Setting(WORDS, wire="assignments", at_least=True, join=Join.UNION)
    ] = declare(
        f"Lists from whose devices it is taken, and kept away: groups by their addresses, or by their "
        f"names where they have none, {ALL_DEVICES}, {ALL_USERS}; entries of others stay.",
        [ALL_DEVICES],
    )
    excluded: Annotated[
        Listed | None, AfterValidator(_groups_alone), Setting(WORDS, wire="assignments", at_least=True, join=Join.UNION)
    ] = declare("Lists the groups that are spared; entries of others stay.", ["Trip leaders"])

    @classmethod
    def observed(cls, body: Body, names: object = None) -> Settings:  # noqa: ARG003 - Spec's
        """Read the removals among an app's assignments."""
        shown = named_targets(body)
        held = {"uninstall_for": shown["assigned_to"], "excluded": shown["excluded"]}
        return {name: setting.form.read(held[name]) for name, setting in cls.table().items()}

    @classmethod
    def body(cls, settings: Settings, names: object = None) -> Body:  # noqa: ARG003 - Spec's
        """Give settings by their names: the endpoint puts them among all assignments of the app."""
        return {name: cls.table()[name].form.write(value) for name, value in settings.items()}
