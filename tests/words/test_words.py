"""Plain English: forbidden turns of phrase may only become fewer, file by file."""

import pytest

from tests.words.turns import allowed, counted, files, hits


def test_no_file_has_more_forbidden_turns_than_it_had() -> None:
    more = [file for file, count in counted().items() if count > allowed().get(file, 0)]

    places = [f"{hit.file}:{hit.line}: {hit.words!r}: {hit.rule.why}" for file in more for hit in hits(file)]
    assert places == [], "write them in plain words"


def test_a_count_that_fell_is_written_down() -> None:
    now = counted()
    fell = {file: (count, now.get(file, 0)) for file, count in allowed().items() if now.get(file, 0) < count}

    assert fell == {}, "run: python -m tests.words --lower"


@pytest.mark.parametrize("file", ["README.md", ".env.example", "toolkit/cli/drift.py"])
def test_the_texts_that_people_meet_are_read(file: str) -> None:
    assert file in files()
