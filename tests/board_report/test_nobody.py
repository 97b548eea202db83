"""No name of anybody is left in what boards read, however it is written; offices and the school keep theirs."""

from toolkit.board_report.export import roles_by_address
from toolkit.board_report.name_redaction import SOMEBODY, NameFilter, names_on_record
from toolkit.school.school import Role
from toolkit.sdk.directory import Directory, Group, Person

PEOPLE = (
    "Ada Lovelace-Byron",
    "José Ángel Núñez",
    "Sinéad O'Brien",
    "Uwe Weiß",
    "Head Teacher",
    "Example Primary",
    "Office",
    "Year 4 Teacher",
)


def test_names_are_taken_out_however_their_words_are_parted_and_offices_stay() -> None:
    names = NameFilter(PEOPLE, school="Example Primary School")
    said = {
        "Confirmed by Ada Lovelace-Byron on 9 May.": f"Confirmed by {SOMEBODY} on 9 May.",
        "<b>ada</b>&nbsp;<i>LOVELACE</i> Byron, Byron, Ada": f"<b>{SOMEBODY}, Byron, Ada",
        "ada.lovelace.byron and Byron, Ada Lovelace": f"{SOMEBODY} and {SOMEBODY}",
        "Núñez, José Ángel; JOSÉ ÁNGEL NÚÑEZ's form": f"{SOMEBODY}; {SOMEBODY}'s form",
        "Sinéad O’Brien, SINÉAD O&#39;BRIEN, UWE WEIß": f"{SOMEBODY}, {SOMEBODY}, {SOMEBODY}",
        "it was José Án… (120 characters)": f"it was {SOMEBODY}… (120 characters)",
        "Ada Lovelace-Byronic, Head Teacher, Year 4 Teacher, Office of Example Primary": None,
    }

    assert names.remove_from({"told": [*said]}) == {"told": [wanted or text for text, wanted in said.items()]}


def test_names_of_people_are_known_from_what_the_ledger_recorded_and_groups_are_none() -> None:
    recorded = [
        {"object": "mailbox edwin.elmsworth@example-primary.example"},
        {"text": 'Reply to "Ada Lovelace" <a@example-primary.example> and trip.leaders@example-primary.example'},
        {"to": "office@example-primary.example, all-staff@example-primary.example"},
    ]
    known = names_on_record(recorded, groups=["Trip.Leaders@example-primary.example"])
    names = NameFilter(known, school="Example Primary School")

    assert names.first_in("Ask Edwin Elmsworth by Friday.") == "Edwin Elmsworth"
    assert names.first_in("LOVELACE, Ada, decides.") == "LOVELACE, Ada"
    assert names.first_in("All staff, the office and the trip leaders register with the Head Teacher.") == ""


def test_a_role_that_one_person_holds_is_never_named_as_who_did_it() -> None:
    people = {key: Person(key, f"{key}@example-primary.example", key) for key in ("head", "ada", "ben")}
    groups = {
        name: Group(name, name, None, frozenset(members))
        for name, members in {"heads@e": ["head"], "staff@e": ["head", "ada", "ben"]}.items()
    }
    roles = [Role("head_teacher", {"microsoft365": "heads@e"}), Role("all_staff", {"microsoft365": "staff@e"})]

    held = roles_by_address(roles, {"microsoft365": Directory(people, groups)})

    assert set(held.values()) == {"a member of all staff"}
    assert len(held) == 3
