"""What an import says of one object: all that its kind can ask for, so that a comparison finds nothing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Self, cast

from pydantic import Field, model_validator

from tests.planning.building import Thing, desired, observed
from toolkit.planning.compare import PlanRules, compare
from toolkit.planning.imports.reverse import SECRET, LeftOut, import_objects
from toolkit.planning.imports.trial_entries import NOT_ASKED
from toolkit.planning.matching import LedgerObjects
from toolkit.planning.ownership import Ownership
from toolkit.planning.plan_details import ObservedState
from toolkit.planning.plan_states import MATCHING
from toolkit.sdk.form import SIZE, TEXT
from toolkit.sdk.kind import Kind, NameRules
from toolkit.sdk.permission import Permissions
from toolkit.sdk.resource import Mode
from toolkit.sdk.spec import Setting
from toolkit.sdk.targets import Scale
from toolkit.values import Body, Json


class Strict(Thing):
    """A thing with two required settings, and two that go only together."""

    size: Annotated[str, Setting(SIZE)]
    pin: Annotated[str, Setting(TEXT)]

    @model_validator(mode="after")
    def _both(self) -> Self:
        if bool(self.text) != bool(self.html):
            raise ValueError("text goes with html")
        return self


class Marked(Thing):
    """A thing with a size, a secret, and the mark of what is ours."""

    size: Annotated[str | None, Setting(SIZE)] = Field(default=None)
    pin: Annotated[str | None, Setting(TEXT)] = Field(default=None)
    pattern: Annotated[str | None, Field(pattern="^a"), Setting(TEXT)] = Field(default=None)
    managed_by: Annotated[str, Setting(TEXT, silence="toolkit", mark=True)] = Field(default="toolkit")


KIND = Kind(
    reach=Scale.TENANT,
    name="thing",
    title="thing",
    spec=Marked,
    endpoint=cast(Any, None),
    reference="",
    permissions=Permissions((), ()),
    names=NameRules(check=lambda name: "no such name" if name == "?" else None),
)


def _is_secret(setting: str, _value: Json) -> bool:
    return setting == "pin"


def test_a_portrait_says_what_people_would_and_leaves_silence_and_the_mark_out() -> None:
    seen = observed("one", {"words": ("a", "b"), "size": 20 * 1024**2, "exception": None, "managed_by": None})

    (portrait,) = import_objects(KIND, [seen], _is_secret)

    assert portrait.settings == {"words": ["a", "b"], "size": "20 MB"}
    assert portrait.left_out == ()


def test_a_secret_and_what_a_playbook_cannot_say_are_left_out_by_name() -> None:
    seen = observed("one", {"most": 3, "pin": "1234", "pattern": "zebra"})

    (portrait,) = import_objects(KIND, [seen], _is_secret)

    assert portrait.settings == {"most": 3}
    assert portrait.left_out == (LeftOut("one", "pin", SECRET), LeftOut("one", "pattern", NOT_ASKED))
    assert "1234" not in str(portrait.settings) + str(portrait.left_out)


def test_two_of_one_name_and_what_has_no_name_that_can_be_written_are_left_out_whole() -> None:
    seen = [observed("One", {}, "1"), observed("one", {}, "2"), observed("?"), observed(" a")]

    found = import_objects(KIND, seen, _is_secret)

    assert [portrait.settings for portrait in found] == [None] * 4
    assert [portrait.left_out[0].reason for portrait in found] == [
        "another object has the same name",
        "another object has the same name",
        "no such name",
        "a playbook cannot name it",
    ]


def test_of_what_is_always_there_nothing_is_said_where_nothing_is_set() -> None:
    (portrait,) = import_objects(replace(KIND, fixed=True), [observed("one", {"most": None})], _is_secret)

    assert portrait.settings is None
    assert portrait.left_out == (LeftOut("one", "", "no setting of the object has a value"),)


def test_the_mark_of_what_is_ours_is_asked_of_what_is_written_and_not_of_what_is_only_compared() -> None:
    seen = ObservedState({"cloud.thing": [observed("one", {"managed_by": None})]}, {"cloud.thing": ["<one>"]})
    wanted = desired("one", {"managed_by": "toolkit"})
    kinds = {"cloud.thing": replace(KIND, is_ours=lambda _: True)}

    ours = PlanRules(ownership=Ownership(ledger_objects=LedgerObjects([wanted.address])))
    written = compare([wanted], seen, kinds, {}, rules=ours)
    checked = compare([replace(wanted, mode=Mode.CHECK)], seen, kinds, {}, rules=PlanRules())

    assert len(written.changes) == 1
    assert checked.checked_changes == ()
    assert checked.select(MATCHING) == (wanted.address,)


def test_an_entry_that_would_not_load_leaves_out_what_the_kind_refuses_and_no_more() -> None:
    seen = observed("one", {"size": 20 * 1024**2, "pin": "red", "text": "alone", "most": 3})

    (portrait,) = import_objects(replace(KIND, spec=Strict), [seen], lambda *_: False)

    assert portrait.settings == {"size": "20 MB", "pin": "red", "most": 3}
    assert portrait.left_out == (LeftOut("one", "text", NOT_ASKED),)
    assert Strict.desired(portrait.settings)


def test_an_object_of_which_no_entry_would_load_is_left_out_with_the_reason_of_its_kind() -> None:
    seen = observed("one", {"most": 3})

    (portrait,) = import_objects(replace(KIND, spec=Strict), [seen], _is_secret)

    assert portrait.settings is None
    assert portrait.left_out == (LeftOut("one", "", f"{NOT_ASKED} (size: Field required; pin: Field required)"),)


def test_what_the_kind_says_a_playbook_cannot_write_is_left_out_for_that_reason() -> None:
    class Gone(Thing):
        @classmethod
        def unwritable(cls, body: Body) -> Mapping[str, str]:  # noqa: ARG003 - Spec's
            return {"words": "it names a deleted group"}

    identifier = "11111111-2222-3333-4444-555555555555"
    seen = observed("one", {"words": (identifier,), "text": identifier})

    (portrait,) = import_objects(replace(KIND, spec=Gone), [seen], _is_secret)

    assert portrait.settings == {"text": identifier}
    assert portrait.left_out == (LeftOut("one", "words", "it names a deleted group"),)
