"""The settings of the kind, made from the table: one group of fields for the policies that have them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field as Told
from pydantic import create_model

from connectors.google_workspace.kind_tables import spec_bases
from connectors.google_workspace.kinds.chrome_policy.fields import declared
from connectors.google_workspace.kinds.chrome_policy.names import INHERITED, split_name
from connectors.google_workspace.kinds.chrome_policy.state import SET_HERE, SPELT, VALUE, is_set_here, spelt_value
from connectors.google_workspace.kinds.chrome_policy.table import SCHEMAS, Schema
from toolkit.sdk.form import SWITCH
from toolkit.sdk.properties import Properties
from toolkit.sdk.spec import Setting, Spec
from toolkit.values import Body, Json, Settings

_TOP = "/"

_ABOUT = """What Chrome and ChromeOS devices do for the people of a unit or group."""


class _Policy(Spec):
    """What all policies have in common."""

    together: ClassVar[tuple[frozenset[str], ...]] = tuple(
        frozenset(schema.together) for schema in SCHEMAS.values() if schema.together
    )

    properties: ClassVar[Properties] = Properties(
        compared=frozenset({SET_HERE}),
        whole=frozenset(f"{VALUE}.{field.wire_name}" for schema in SCHEMAS.values() for field in schema.fields),
        ignored={SPELT: "gives the words for Google's constants, from the policy's schema"},
    )

    inherited: Annotated[Literal[True] | None, Setting(SWITCH, wire=INHERITED)] = Told(
        default=None,
        description="true: nothing is set at this target itself, what is above it holds.",
        examples=[True],
    )

    @classmethod
    def observed(cls, body: Body, names: object = None) -> Settings:  # noqa: ARG003 - Spec's
        """Read what is in force at the target, wherever it is set."""
        value = spelt_value(body)
        seen = {name: setting.form.read(value.get(setting.wire)) for name, setting in cls.table().items()}
        return {**seen, INHERITED: None if is_set_here(body) else True}


def made_from(schemas: Iterable[Schema]) -> type[Spec]:
    """Make the spec; a field that several policies have is one field of all of them."""
    bases = spec_bases(schemas, _Policy, "Admin console > Devices > Chrome", declared)
    return create_model("ChromePolicy", __base__=bases, __doc__=_ABOUT, __module__=__name__)


def taken_back(written: Mapping[str, Json]) -> Mapping[str, Json] | None:
    """Give what takes ours out of the lists that several hands fill; nobody knows what the rest was before."""
    shared = {field.name for schema in SCHEMAS.values() for field in schema.fields if field.shared}
    back: dict[str, Json] = {
        name: {"lacks": list(entries)}
        for name, value in written.items()
        if name in shared and (entries := _entries(value))
    }
    return back or None


def put_back(name: str, before: Settings, back: Settings) -> Settings:
    """Give what was set at the target itself, and the whole policy back to what is above it where nothing was."""
    target = split_name(name)
    if before.get(INHERITED) and (target.group or target.app or target.unit != _TOP):  # the top has nothing above it
        return {INHERITED: True}
    if INHERITED in back:
        return {field: value for field, value in before.items() if value is not None and field != INHERITED}
    return back


def _entries(written: Json) -> Sequence[Json]:
    match written:
        case {"exactly": list() | tuple() as entries} | {"contains": list() | tuple() as entries}:
            return entries
        case list() | tuple():
            return written
        case _:
            return ()


ChromePolicy = made_from(SCHEMAS.values())
