"""A role in a school's files is a role, a person or an address, and no telephone number."""

import pytest

from toolkit.playbook.playbook_schema import check_role_or_person

PHONES = ["01632 960001", "+44 1632 960001", "(01632) 960001", "960001", "Head Teacher 01632 960001", "?", "1."]
PEOPLE = ["Head Teacher", "DSL", "Year 6 lead", "head@oakfield.example", "Governing board, minutes of 2026-03-12"]


@pytest.mark.parametrize("text", PHONES)
def test_a_telephone_number_is_no_role(text: str) -> None:
    with pytest.raises(ValueError, match="is not a role, such as Head Teacher"):
        check_role_or_person(text)


@pytest.mark.parametrize("text", PEOPLE)
def test_a_role_a_person_and_an_address_are_taken(text: str) -> None:
    assert check_role_or_person(text) == text
