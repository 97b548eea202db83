"""A block list names apps and categories; a misspelt app is answered with the one that was meant."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import Field, ValidationError

from toolkit.catalogue.app import App, IosApp
from toolkit.catalogue.form import MoreForm
from toolkit.catalogue.naming import CONTEXT, Choice, OfCategory, builtin, extend_app, resolve
from toolkit.controls.control import ControlSettings


class Block(ControlSettings):
    """Which apps are blocked."""

    block: list[Choice] = Field(default=[])


OWN = App(name="local-chat", title="Local chat", category="chat", domains=("chat.local.example",))


def _validated(block: object, context: Mapping[str, Any] | None = None) -> Block:
    return Block.model_validate({"block": block}, context=context, by_alias=True, by_name=False)


def _refused(block: object, context: Mapping[str, Any] | None = None) -> str:
    with pytest.raises(ValidationError) as caught:
        _validated(block, context)
    return str(caught.value)


def test_names_and_categories_become_entries_each_once_in_the_order_of_the_catalogue() -> None:
    block = _validated(["spotify", {"category": "streaming"}, "whatsapp"]).block

    names = [app.name for app in resolve(block)]

    assert names == ["whatsapp", *(app.name for app in builtin().apps_in("streaming"))]


def test_nothing_named_is_nothing_blocked() -> None:
    assert resolve([]) == ()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("whatsap", "`whatsapp`"), ("WhatsApp", "`whatsapp`"), ("whats-app", "`whatsapp`"), ("twitter", "`x`"),
        ("hotmail", "`outlook-personal`"), ("prime_video", "`prime-video`"), ("iplayer", "`bbc-iplayer`"),
        ("streaming", "`category: streaming`"), ("Disney+", "`disney-plus`"), ("tik-tok", "`tiktok`"),
        ("hotmial", "`outlook-personal`"),
    ],
)  # fmt: skip
def test_a_misspelt_app_is_answered_with_the_one_that_was_meant(written: str, meant: str) -> None:
    assert f"unknown app `{written}`: did you mean {meant}?" in _refused([written])
    with pytest.raises(ValueError, match="did you mean"):
        resolve([written])


def test_a_word_that_is_like_none_is_answered_with_where_to_look() -> None:
    assert "unknown app `zzzz`: `toolkit apps` lists all apps" in _refused(["zzzz"])


def test_a_category_that_is_none_is_refused_with_those_there_are() -> None:
    refused = _refused([{"category": "news"}])

    assert "'streaming'" in refused
    assert "'gambling'" in refused


def test_the_catalogue_of_the_school_counts_where_one_is_given() -> None:
    catalogue = builtin().with_apps([OWN])

    block = _validated(["local-chat", "whatsapp"], {CONTEXT: catalogue}).block

    assert [app.name for app in resolve(block, catalogue)] == ["whatsapp", "local-chat"]
    assert "local-chat" in [app.name for app in resolve([OfCategory(category="chat")], catalogue)]
    assert "unknown app `local-chat`" in _refused(["local-chat"])


def test_what_a_school_adds_to_an_app_comes_to_what_it_has() -> None:
    more = MoreForm.model_validate(
        {"name": "kik", "domains": ["kik.example"], "ios": [{"bundle": "com.kik.other", "store": 1}]}
    )

    app = extend_app(builtin().apps["kik"], more)

    assert app.domains == ("kik.com", "kik.example")
    assert app.ios == (IosApp("com.kik.chat", 357218860), IosApp("com.kik.other", 1))
    assert (app.android, app.checked) == (("kik.android",), builtin().apps["kik"].checked)


def test_pages_come_after_hosts_in_what_a_browser_blocks() -> None:
    assert builtin().apps["prime-video"].urls[-1] == "www.amazon.co.uk/gp/video"
