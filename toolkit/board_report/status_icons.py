"""The signs of the statuses: a shape and a colour each, since neither alone reaches every reader.

They are drawn, not typed: fonts draw the same character in different sizes, and some do not hold it.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sign:
    """How a status is drawn, in a square of sixteen, and its piece of a bar with the number in it."""

    colour: str
    drawn: str
    fill: str
    ink: str = "#fff"


def _disc(colour: str, mark: str) -> Sign:
    return Sign(colour, f'<circle cx="8" cy="8" r="7.5" fill="{colour}"/>{_line(mark)}', colour)


def _line(path: str, colour: str = "#fff") -> str:
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.8" stroke-linecap="round"/>'


def _ring(colour: str, dashes: str = "0") -> str:
    return (
        f'<circle cx="8" cy="8" r="6.9" fill="#fff" stroke="{colour}" stroke-width="1.4" stroke-dasharray="{dashes}"/>'
    )


def _shape(path: str, colour: str) -> str:
    return f'<path d="{path}" fill="{colour}"/>'


_GREEN, _AMBER, _RED, _PURPLE, _TEAL, _GREY, _BLUE = (
    "#1d6b3a", "#8a5a00", "#8f1d1d", "#5a3e8e", "#22636a", "#5c5c5c", "#0b4a8f",
)  # fmt: skip

SIGNS: Mapping[str, Sign] = {
    "met": _disc(_GREEN, "M4.6 8.3l2.4 2.4 4.4-5"),
    "partly": Sign(_AMBER, _ring(_AMBER) + _shape("M8 1.1a6.9 6.9 0 0 0 0 13.8z", _AMBER), "#f2c14e", "#1a1a1a"),
    "not met": Sign(_RED, _shape("M2.6 .6h10.8l2 2v10.8l-2 2H2.6l-2-2V2.6z", _RED) + _line("M5 5l6 6M11 5l-6 6"), _RED),
    "exception accepted": Sign(_PURPLE, _shape("M8 .4L15.6 8 8 15.6.4 8z", _PURPLE), _PURPLE),
    "evidence on file": Sign(_TEAL, _shape("M2 .6h12v14.8H2z", _TEAL) + _line("M5 5h6M5 8h6M5 11h6"), _TEAL),
    "not technical": Sign(_GREY, _ring(_GREY), _GREY),
    "not checked": Sign(
        _GREY, _ring(_GREY, "2.6 1.7") + _line("M6.2 6.3a1.9 1.9 0 1 1 2.7 1.7c-.7.4-.9.7-.9 1.3M8 11.6v.1", _GREY),
        "#fff", "#1a1a1a",
    ),
    "decision needed": Sign(_BLUE, _shape("M8 .8l7.6 14H.4z", _BLUE) + _line("M8 6v4.2M8 12.6v.1"), _BLUE),
}  # fmt: skip
