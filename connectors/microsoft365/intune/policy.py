"""The settings of a policy: those that Graph has as properties, and those that stand beside them for every kind."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import ClassVar

from connectors.microsoft365.intune.assignments import Assigned, shown_targets, targets_of
from connectors.microsoft365.intune.fields import camel
from connectors.microsoft365.intune.ownership_marker import Marked, shown_mark
from connectors.microsoft365.intune.properties import BESIDE, GROUPS, POLICY
from toolkit.sdk.properties import Properties
from toolkit.sdk.shapes import mapping
from toolkit.sdk.spec import Setting
from toolkit.values import Body, Settings


class Policy(Assigned, Marked):
    """A policy with a mark and assignments; a setting without a wire name of its own is called like Graph's property.

    Its endpoint puts the names of groups under BESIDE when it reads, and finds there the settings that are none of
    Graph's properties when it writes.
    """

    properties: ClassVar[Properties] = POLICY

    beside: ClassVar[frozenset[str]] = frozenset({*Marked.table(), *Assigned.table()})
    """Names of the settings that are no properties."""

    @classmethod
    def table(cls) -> Mapping[str, Setting]:
        return _table(cls)

    @classmethod
    def observed(cls, body: Body, names: object = None) -> Settings:  # noqa: ARG003 - Spec's
        shown = cls.shown(body)
        return {
            name: setting.form.read(shown.get(name) if name in cls.beside else body.get(setting.wire))
            for name, setting in cls.table().items()
        }

    @classmethod
    def shown(cls, row: Body) -> Body:
        """Give the settings that are no properties, as an object shows them."""
        return {**shown_mark(row), **named_targets(row)}

    @classmethod
    def body(cls, settings: Settings, names: object = None) -> Body:  # noqa: ARG003 - Spec's
        written = {name: cls.table()[name].form.write(value) for name, value in settings.items()}
        properties = {cls.table()[name].wire: value for name, value in written.items() if name not in cls.beside}
        return {**properties, BESIDE: {name: value for name, value in written.items() if name in cls.beside}}


def named_targets(body: Body) -> Body:
    """Give the settings of Assigned, with the names of groups that the endpoint put beside."""
    names = mapping(beside(body).get(GROUPS))
    return shown_targets(targets_of(body) or [], lambda group: str(names.get(group, group)))


def beside(body: Body) -> Body:
    """Give the settings that are no properties."""
    held = body.get(BESIDE)
    return held if isinstance(held, Mapping) else {}


def properties(body: Body) -> Body:
    """Give what Graph has as properties."""
    return {name: value for name, value in body.items() if name != BESIDE}


@cache
def _table(spec: type[Policy]) -> Mapping[str, Setting]:
    plain = super(Policy, spec).table()
    return {name: setting if setting.wire else replace(setting, wire=camel(name)) for name, setting in plain.items()}
