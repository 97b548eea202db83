"""The block of a plan that names what stops: few lines, what was counted first, and everything with -v."""

from datetime import UTC, datetime

from tests.planning.building import origin
from toolkit.engine.count_stops import read_ended_uses
from toolkit.planning.change import Field, Update
from toolkit.planning.plan import Plan
from toolkit.planning.plan_states import CHANGED
from toolkit.planning.stops import EndedUse
from toolkit.render.stops_text import ended_use_lines, ended_uses_json
from toolkit.sdk import EffectArea, EndedUseCount, kinds
from toolkit.sdk.resource import Address, Desired, Observed, Remote


def _stop(
    words: str, *names: str, area: EffectArea = EffectArea.DEVICES, count: EndedUseCount | None = None
) -> EndedUse:
    addresses = tuple(Address("microsoft365", "list_moderation", name) for name in names or ("X",))
    return EndedUse(words, area, area is EffectArea.FILES, addresses, ("setting",), count)


def _texts(stops: list[EndedUse], *, verbose: bool = False) -> list[str]:
    return [line.text for line in ended_use_lines(stops, verbose=verbose)]


def test_nothing_is_said_where_nothing_stops() -> None:
    assert _texts([]) == []


def test_effects_with_the_same_words_are_one_line_and_each_count_has_its_own() -> None:
    senders = EndedUseCount(1, "outside sender posted in 90 days", "outside senders posted in 90 days")
    stops = [
        _stop("mail to {name} is refused", "a@x.example", count=senders),
        _stop("mail to {name} is refused", "b@x.example", "c@x.example"),
        _stop("mail to {name} is refused", "d@x.example", "e@x.example", "b@x.example"),
    ]

    assert _texts(stops)[2:] == [
        "! mail to a@x.example is refused: 1 outside sender posted in 90 days",
        "! mail to b@x.example, c@x.example, d@x.example and 1 more is refused: not counted",
    ]
    assert [entry["count"] for entry in ended_uses_json(stops)] == [
        {"number": 1, "words": "1 outside sender posted in 90 days"},
        None,
        None,
    ]


def test_of_many_effects_some_of_each_area_are_shown_and_the_rest_with_v() -> None:
    devices = [_stop(f"use {number} of devices stops") for number in range(20)]
    mail = [_stop(f"use {number} of mail stops", area=EffectArea.MAIL) for number in range(2)]
    links = _stop("public links stop working", area=EffectArea.FILES)
    counted = _stop("phones stop", count=EndedUseCount(3, "phone", "phones"))

    brief, whole = _texts([*devices, *mail, links, counted]), _texts([*devices, *mail, links, counted], verbose=True)

    assert brief[:5] == [
        "",
        "What stops:",
        "! phones stop: 3 phones",
        "! public links stop working: not counted",
        "! use 0 of mail stops: not counted",
    ]
    assert brief[5] == "! use 1 of mail stops: not counted"
    assert brief[-1] == "! and 13 more: -v shows each"
    assert len(brief) == 2 + 12
    assert len(whole) == 2 + 24
    assert {*brief[:-1]} <= {*whole}


def test_twelve_effects_are_all_shown() -> None:
    assert len(_texts([_stop(f"use {number} stops") for number in range(12)])) == 2 + 12


def test_mailboxes_whose_forwarding_ends_are_counted_together_without_a_request() -> None:
    addresses = [Address("google_workspace", "forwarding", name) for name in ("1", "2")]
    changes = [
        Update(
            Desired(address, {"auto_forwards_outside": False}, {}, origin(1)),
            Observed(address, {"auto_forwards_outside": True}, Remote(address.name, address.name, {})),
            (Field("auto_forwards_outside", True, False),),
        )
        for address in addresses
    ]
    all_kinds = {"google_workspace.forwarding": kinds("google_workspace")["forwarding"]}

    no_connection: dict[str, object] = {"google_workspace": None}
    stops = read_ended_uses(
        Plan().add(CHANGED, changes),
        all_kinds,
        no_connection,  # type: ignore[arg-type]
        datetime(2026, 12, 1, tzinfo=UTC),
    )

    assert _texts(list(stops))[2:] == [
        "! mail is no longer forwarded to addresses outside: 2 mailboxes that forward now"
    ]
