"""A list of probes is one that somebody can follow, and the sample's is."""

import pytest

from tests.door import SAMPLES
from toolkit.controls.testing import PeriodicTestSettings, Probe, parse_probes


def test_a_list_holds_what_to_open_and_whether_it_must_be_blocked() -> None:
    text = "# first\n\nblocked https://a.example/  # adult\n  open   http://b.example\n"

    assert parse_probes(text) == [Probe("https://a.example/", blocked=True), Probe("http://b.example", blocked=False)]


@pytest.mark.parametrize("line", ["https://a.example", "block https://a.example", "blocked a.example", "open a b"])
def test_a_line_that_is_no_probe_is_named(line: str) -> None:
    with pytest.raises(
        ValueError, match=r"line 2 of the file is not a test address\. Write `blocked` or `open`, then an address"
    ):
        parse_probes(f"open https://c.example\n{line}\n")


def test_the_sample_has_both_sorts_and_each_address_once() -> None:
    probes = parse_probes((SAMPLES / "text/filter-probes.txt").read_text())

    assert {one.blocked for one in probes} == {True, False}
    assert len({one.address for one in probes}) == len(probes)


def test_what_people_test_cannot_be_enforced() -> None:
    with pytest.raises(ValueError, match=r"people test this by hand and no service enforces it\. Delete `require`"):
        PeriodicTestSettings(devices=["a"], networks=["b"], require="enforced")
