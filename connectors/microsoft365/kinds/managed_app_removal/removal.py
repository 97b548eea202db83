"""What a playbook says of one app that is taken off devices."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from connectors.microsoft365.intune.assignments import ALL_DEVICES, ALL_USERS
from toolkit.sdk.form import WORDS
from toolkit.sdk.spec import Join, Listed, Setting, Spec, written_entries
from toolkit.values import Body, Settings

SHOWN = "toolkit"
"""In a body, beside Graph's answer: the settings that it shows, and for whom the app is required."""

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

    uninstall_for: Annotated[
        Listed | None, AfterValidator(_named), Setting(WORDS, wire="assignments", at_least=True, join=Join.UNION)
    ] = Field(
        default=None,
        description=f"Lists from whose devices it is taken, and kept away: groups by their addresses, or by their "
        f"names where they have none, {ALL_DEVICES}, {ALL_USERS}; entries of others stay.",
        examples=[[ALL_DEVICES]],
    )
    excluded: Annotated[
        Listed | None, AfterValidator(_groups_alone), Setting(WORDS, wire="assignments", at_least=True, join=Join.UNION)
    ] = Field(
        default=None,
        description="Lists the groups that are spared; entries of others stay.",
        examples=[["Trip leaders"]],
    )

    @classmethod
    def observed(cls, body: Body, names: object = None) -> Settings:  # noqa: ARG003 - Spec's
        """Read what the endpoint found among an app's assignments."""
        shown = body.get(SHOWN)
        held = shown if isinstance(shown, Mapping) else {}
        return {name: setting.form.read(held.get(name)) for name, setting in cls.table().items()}

    @classmethod
    def body(cls, settings: Settings, names: object = None) -> Body:  # noqa: ARG003 - Spec's
        """Give settings by their names: the endpoint puts them among all assignments of the app."""
        return {name: cls.table()[name].form.write(value) for name, value in settings.items()}
