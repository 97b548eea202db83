"""Whatever the bytes of a file are, loading gives playbooks or problems, and nothing else."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.playbook.conftest import SCHOOL
from toolkit.errors import PlaybookError
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.load import load
from toolkit.playbook.vocabulary import Vocabulary, installed_vocabulary
from toolkit.yaml.node import MappingNode
from toolkit.yaml.source import read_source

GOOD = """\
playbook: mail-footer
title: "Every e-mail: a footer"
clauses: [EML-18, 'GEN-08']
mode: enforce
controls:
  - mail.footer:
      for: staff
      text_file: footer.html
      copies: [a@example.org]
  - web.audit
resources:
  - microsoft365.transport_rule: A new address
    sent_to: {contains: [office@example-primary.example]}
    over: 10 MB
    prepend: |
      [x]
    extensions: [exe]
  - microsoft365.external_tag:
    enabled: true
"""
PIECES = [
    *":-?[]{},&*!|>'\"%@`#~\t\n\r\\\0\x85\u2028\ufeff",
    *["\n  ", "\n- ", "---\n", "...\n", "<<: ", "&a ", "*a", "!!int ", '"\\ud800"', "\\U", ".nan", "1e999", "9" * 40],
    *["null", "true", "yes", "{}", "[]", "mode: ", "for: ", "adopt: ", "exactly: ", "contains: ", "{{ school.name }}"],
    *["mail.footer", "microsoft365.transport_rule: ", "sent_to: ", "over: ", "'*'", "text_file: ", "../", "0x", "0o8"],
]
FAST = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
LONG = settings(FAST, max_examples=5000)
EACH = settings(FAST, max_examples=4)
"""How many values each control and each kind gets here; those of all kinds together are more than 400."""

ANY_BYTES = st.binary(max_size=400)
ANY_TEXT = st.text(max_size=400).map(lambda text: text.encode("utf-8", "surrogatepass"))
YAML_LIKE = st.lists(st.sampled_from([*PIECES, "a", " ", "a: "]), max_size=40).map(lambda p: "".join(p).encode())
EDITS = st.lists(
    st.tuples(st.integers(0, len(GOOD)), st.integers(0, 12), st.sampled_from(["", *PIECES])), min_size=1, max_size=4
)


def _edited(good: str, edits: list[tuple[int, int, str]]) -> bytes:
    text = good
    for place, length, piece in edits:
        text = text[:place] + piece + text[place + length :]
    return text.encode()


MUTATED = EDITS.map(lambda edits: _edited(GOOD, edits))
MUTATED_SCHOOL = EDITS.map(lambda edits: _edited(SCHOOL, edits))


def _load(vocabulary: Vocabulary, files: Mapping[str, bytes]) -> Playbooks | PlaybookError:
    with TemporaryDirectory() as folder:
        for name, content in {"00-school.yaml": SCHOOL.encode(), "footer.html": b"x", **files}.items():
            (Path(folder) / name).write_bytes(content)
        try:
            return load(Path(folder), vocabulary)
        except PlaybookError as error:
            return error


def _sound(outcome: Playbooks | PlaybookError) -> bool:
    """Say whether each problem is one printable line with a place; playbooks have none."""
    problems = outcome.problems if isinstance(outcome, PlaybookError) else ()
    return all(problem.line > 0 and str(problem).isprintable() for problem in problems)


def test_the_playbook_that_is_mutated_is_good(vocabulary: Vocabulary) -> None:
    assert isinstance(_load(vocabulary, {"10-x.yaml": GOOD.encode()}), Playbooks)


@FAST
@given(content=ANY_BYTES | ANY_TEXT | YAML_LIKE)
def test_any_bytes_give_playbooks_or_problems(vocabulary: Vocabulary, content: bytes) -> None:
    assert _sound(_load(vocabulary, {"10-x.yaml": content}))


@FAST
@given(content=MUTATED)
def test_a_mutated_playbook_gives_playbooks_or_problems(vocabulary: Vocabulary, content: bytes) -> None:
    assert _sound(_load(vocabulary, {"10-x.yaml": content}))


def _table(content: bytes) -> MappingNode | None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "x.yaml"
        file.write_bytes(content)
        try:
            return read_source(file, relative="x.yaml").root
        except PlaybookError:
            return None


@FAST
@given(content=MUTATED | YAML_LIKE)
def test_a_tab_in_a_comment_which_only_one_parser_takes_changes_no_value(content: bytes) -> None:
    assert _table(content + b"\n") == _table(content + b"\n#\t\n")


@FAST
@given(content=MUTATED_SCHOOL)
def test_a_mutated_school_file_gives_playbooks_or_problems(vocabulary: Vocabulary, content: bytes) -> None:
    assert _sound(_load(vocabulary, {"00-school.yaml": content}))


@FAST
@given(content=ANY_BYTES | ANY_TEXT)
def test_any_text_file_gives_playbooks_or_problems(vocabulary: Vocabulary, content: bytes) -> None:
    files = {"10-x.yaml": GOOD.encode(), "footer.html": content}

    assert _sound(_load(vocabulary, files))


@pytest.mark.soak
@LONG
@given(content=ANY_BYTES | ANY_TEXT | YAML_LIKE | MUTATED, school=st.just(SCHOOL.encode()) | MUTATED_SCHOOL)
def test_any_files_give_playbooks_or_problems(vocabulary: Vocabulary, content: bytes, school: bytes) -> None:
    files = {"00-school.yaml": school, "10-x.yaml": content}

    assert _sound(_load(vocabulary, files))


INSTALLED = installed_vocabulary()
SETTINGS = {name: sorted(kind.spec.model_fields) for name, (_, kind) in INSTALLED.kind_names().items()}
WORDS = st.sampled_from(
    [*PIECES, "10 MB", "2026-11-25", "Enforce", "a@example.org", "example.org", "NotInOrganization"]
)
VALUES: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8) | WORDS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(["exactly", "contains"]), below),
    max_leaves=5,
)


WRITTEN = st.lists(st.tuples(st.integers(0, 2**8), VALUES), max_size=4)
"""Any values, each for the setting with that number; made once for all entries, since making it takes long."""


def _sound_with_any_values(data: st.DataObject, sort: str, name: str, names: Sequence[str]) -> bool:
    values = {names[number % len(names)]: value for number, value in data.draw(WRITTEN)}
    entry = {name: "A", **values} if sort == "resources" else {name: values}
    return _sound(_load(INSTALLED, {"10-x.yaml": json.dumps({"playbook": "x", sort: [entry]}).encode()}))


ENTRIES = [
    *(("resources", kind, names) for kind, names in SETTINGS.items()),
    *(
        ("controls", name, ["for", *sorted(control.settings.model_fields)])
        for name, control in sorted(INSTALLED.controls.items())
    ),
]


@EACH
@pytest.mark.parametrize(("sort", "name", "names"), ENTRIES, ids=[name for _, name, _ in ENTRIES])
@given(data=st.data())
def test_any_values_of_what_is_installed_give_playbooks_or_problems(
    sort: str, name: str, names: Sequence[str], data: st.DataObject
) -> None:
    assert _sound_with_any_values(data, sort, name, names)


@pytest.mark.soak
@FAST
@pytest.mark.parametrize(("sort", "name", "names"), ENTRIES, ids=[name for _, name, _ in ENTRIES])
@given(data=st.data())
def test_more_values_of_what_is_installed_give_playbooks_or_problems(
    sort: str, name: str, names: Sequence[str], data: st.DataObject
) -> None:
    assert _sound_with_any_values(data, sort, name, names)
