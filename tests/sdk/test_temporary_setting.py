"""Settings that toolkit sets until a date and puts back after it."""

import pytest

from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.sdk.providers import kinds, providers
from toolkit.sdk.temporary_setting import AUTOMATIC_REPLY, TemporarySetting
from toolkit.values import Settings

TEMPORARY = [(kind, kind.temporary) for cloud in providers() for kind in kinds(cloud).values() if kind.temporary]
each_kind = pytest.mark.parametrize(("kind", "temporary"), TEMPORARY, ids=[kind.name for kind, _ in TEMPORARY])


def test_the_automatic_reply_of_each_cloud_is_temporary() -> None:
    assert {kind.name for kind, _ in TEMPORARY} == {"automatic_reply", "vacation"}


@each_kind
def test_a_kind_has_the_settings_and_is_put_back_by_them(kind: Kind[Connection], temporary: TemporarySetting) -> None:
    assert temporary.schedule <= kind.spec.table().keys() | {"audience"}
    assert kind.spec.desired(temporary.off_settings)[temporary.switch] == temporary.off
    assert kind.lifecycle.withdrawn({}) == temporary.off_settings


@each_kind
def test_a_reply_is_restored_with_its_words_and_without_times_that_are_over(
    kind: Kind[Connection], temporary: TemporarySetting
) -> None:
    times: Settings = {temporary.begins: "2026-01-01T00:00:00Z", temporary.ends: None}
    off: Settings = {temporary.switch: temporary.off, "text": "Away", **times}
    on: Settings = {**off, temporary.switch: temporary.until_date}
    restore = kind.lifecycle.restores

    assert restore("ann", off, off) == {temporary.switch: temporary.off, "text": "Away"}
    assert restore("ann", on, {temporary.switch: temporary.until_date}) == {
        name: value for name, value in on.items() if name != temporary.ends
    }
    assert restore("ann", on, {"text": "Back"}) == {"text": "Back"}


@pytest.mark.parametrize(
    ("status", "answers"),
    [("off", (True, False, False)), ("scheduled", (False, True, False)), ("always", (False, False, True))],
)
def test_a_reply_is_off_or_timed_or_lasting(status: str, answers: tuple[bool, bool, bool]) -> None:
    reply = {"status": status}

    assert answers == (
        AUTOMATIC_REPLY.is_off(reply),
        AUTOMATIC_REPLY.is_timed(reply),
        AUTOMATIC_REPLY.is_lasting(reply),
    )
