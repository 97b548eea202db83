"""What a check counted is a value that refuses impossible numbers, and it is stored under the names of its fields."""

from collections.abc import Callable, Mapping
from datetime import date

import pytest

from toolkit.sdk.measurement import NOTHING_TO_COUNT, Measurement
from toolkit.sdk.verdict import Count


class Devices(Measurement):
    """Devices that comply, by platform."""

    devices: int
    fine: int
    states: Mapping[str, int]
    last: date | None
    parts: "Mapping[str, Devices | None] | None" = None

    @property
    def count(self) -> Count:
        """Return how many comply."""
        return Count(self.fine, self.devices)


def _devices(*, devices: int = 3, fine: int = 2, state: int = 1) -> Devices:
    return Devices(devices=devices, fine=fine, states={"lost": state}, last=None)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Count(3, 2),
        lambda: Count(-1, 2),
        lambda: Count(0, -1),
        lambda: Count(1, 2, -1),
        lambda: _devices(fine=4),
        lambda: _devices(devices=-1, fine=-1),
        lambda: _devices(state=-1),
    ],
)
def test_a_count_that_is_negative_or_more_than_all_is_refused_when_it_is_made(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"impossible count|negative"):
        make()


def test_fields_are_stored_under_their_names_in_their_order_without_defaults() -> None:
    inner, day = _devices(devices=0, fine=0), date(2026, 11, 10)
    measurement = Devices(devices=3, fine=2, states={"lost": 1}, last=day, parts={"phones": inner, "others": None})

    assert list(inner.to_json().items()) == [("devices", 0), ("fine", 0), ("states", {"lost": 1}), ("last", None)]
    assert measurement.to_json() == {
        "devices": 3,
        "fine": 2,
        "states": {"lost": 1},
        "last": "2026-11-10",
        "parts": {"phones": inner.to_json(), "others": None},
    }
    assert NOTHING_TO_COUNT.to_json() == {"in_scope": 0}
