"""Page one asked for each fact that a governor needs, in four schools, from the text of the printed page alone."""

import re
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

from tests.board_report.accessibility import violations
from tests.board_report.four_schools import SCHOOLS, document_of_school, export_of_faulty, export_of_school
from tests.board_report.reading import OF_THE_TRADE, visible_text
from tests.verdicts.single_faults import School
from toolkit.board_report.attention import _Matter, choose_matters
from toolkit.board_report.board_acts import CONCERNS
from toolkit.board_report.expiring import POLICY_REVIEW
from toolkit.board_report.page import as_html, group_clauses
from toolkit.board_report.partly_causes import CAUSE_TEXTS, PartlyCause, unknown_rules
from toolkit.board_report.pdf import as_pdf
from toolkit.board_report.pictures import judged_counts, section_tiles
from toolkit.board_report.plain_language import day_of
from toolkit.board_report.release import ReleaseState
from toolkit.planning.policy.page import NOBODY, UNCONFIRMED
from toolkit.render.line import to_json
from toolkit.sdk.verdict import FactVerdict

SAMPLE = "sample"
NOT_ENSURED = "no computer ensures it here, and no one has confirmed it"
CERTAINTY = ("known to be wrong", "known to be wrong for some", "not known", "not confirmed")
IN_ORDER = (
    "Status of the policy",
    "Are filtering and monitoring working, and who tested them?",
    "What needs attention",
    "What has lapsed",
    "What the board is asked to do",
    "Since the last released report",
    "What this report does not cover",
    "How this is known",
)
SENTENCES = {
    "healthy": "Of 46 rules that can be checked, 28 are in place and 18 are not known or not confirmed.",
    "one failed test": (
        "Of 46 rules that can be checked, 25 are in place, 3 have something wrong and 18 are not known or not"
        " confirmed."
    ),
}


@pytest.fixture(scope="module", params=[SAMPLE, *SCHOOLS])
def school(request: pytest.FixtureRequest, report: Any) -> tuple[str, Any]:
    """Return the name of a school and its document for governors."""
    return request.param, report if request.param == SAMPLE else document_of_school(request.param)


@pytest.fixture(scope="module")
def printed(school: tuple[str, Any]) -> PdfReader:
    return PdfReader(BytesIO(as_pdf(school[1])))


@pytest.fixture(scope="module")
def page_one(printed: PdfReader) -> str:
    return _spaced(printed.pages[0].extract_text())


def _spaced(text: str) -> str:
    """Return text with single spaces. A line that breaks behind a hyphen continues without one."""
    return re.sub(r"\s+", " ", text.replace("-\n", "-"))


def _section(page_one: str, heading: str) -> str:
    """Return the text between a heading of page one and the next heading."""
    following = [page_one.index(other) for other in IN_ORDER if page_one.index(other) > page_one.index(heading)]
    return page_one[page_one.index(heading) : min(following, default=len(page_one))]


def test_it_is_one_page_with_its_parts_in_order(printed: PdfReader, page_one: str) -> None:
    places = [page_one.index(heading) for heading in IN_ORDER]

    assert places == sorted(places)
    assert page_one.rstrip().endswith(f"1 of {len(printed.pages)}")
    assert "The policy by section" in printed.pages[1].extract_text()


def test_how_is_it_overall_and_what_is_wrong_and_what_only_unconfirmed(school: tuple[str, Any], page_one: str) -> None:
    name, document = school
    summary = document["summary"]
    first = _section(page_one, IN_ORDER[0])

    assert summary["told"] in first
    assert SENTENCES.get(name, summary["told"]) == summary["told"]
    assert all(f"{label} {number}" in first for label, number in judged_counts(summary).items() if number)
    assert sum(judged_counts(summary).values()) == summary["judged"] == 46
    assert sum(map(int, re.findall(r"\d+", summary["told"]))) == 2 * 46
    assert sum(summary["partly_of_judged"].values()) == summary["of_judged"]["partly"]


def test_which_test_failed_and_who_made_it_and_when(school: tuple[str, Any], page_one: str) -> None:
    name, document = school
    answer = _section(page_one, IN_ORDER[1])

    assert all(_spaced(sentence) in answer for sentence in document["filtering"]["told"])
    match name:
        case "one failed test":
            assert "Filtering did not pass its test: failed on " in answer
            assert "Designated Safeguarding Lead" in answer
            assert "10 November 2026" in answer
            assert document["gaps"][0]["who_says"].startswith("tested by Designated Safeguarding Lead")
        case "nothing confirmed":
            assert "no one has tested it yet" in answer
            assert "Not recorded: the senior lead" in answer
        case "sample":
            assert (
                "Filtering passed on 13 October 2026, after it failed on guest Wi-Fi on 6 October 2026, tested by"
                in answer
            )
        case _:
            assert "tested by Designated Safeguarding Lead" in answer
            assert "failed" not in answer.casefold()


def test_what_are_the_worst_matters_how_certain_is_each_who_leads_and_by_when(
    school: tuple[str, Any], page_one: str
) -> None:
    matters = _section(page_one, "What needs attention")

    assert school[1]["gaps"]
    for gap in school[1]["gaps"]:
        assert gap["certainty"] in {*CERTAINTY, NOT_ENSURED}
        assert all(
            part in matters for part in (gap["subject"], gap["risk"], f"Lead: {gap['owner']}. No date and no response")
        )
        assert gap["certainty"].capitalize() in matters


def test_matters_that_are_known_to_be_wrong_come_first_and_the_policy_document_is_at_the_top_instead(
    school: tuple[str, Any], page_one: str
) -> None:
    name, document = school
    order = {**{word: place for place, word in enumerate(CERTAINTY)}, NOT_ENSURED: 3, "known to be wrong for some": 0}
    places = [order[gap["certainty"]] for gap in document["gaps"]]

    assert places == sorted(places)
    assert "policy.document" not in [gap["matter"] for gap in document["gaps"]]
    faults = document["policy"]["first"]
    assert bool(faults) == (name in {SAMPLE, "nothing confirmed"})
    assert all(f"{fault[0].upper()}{fault[1:]}." in page_one[: page_one.index(IN_ORDER[0])] for fault in faults)
    assert any(act.startswith("Put the policy document in order (GOV-02") for act in document["needs"]) == bool(faults)
    if name == "nothing confirmed":  # nothing of it is in place, while other checks of MFA are in order
        assert [gap["matter"] for gap in document["gaps"]][:2] == ["web.harmful_filter", "identity.mfa"]
        assert [gap["in_order_told"] for gap in document["gaps"]][:2] == ["", "7 other checks of it are in order."]


def test_a_grave_matter_that_is_known_for_some_outranks_a_small_one_that_is_known_for_all() -> None:
    grave = _Matter("identity.mfa", FactVerdict.IN_PART, UNCONFIRMED, NOBODY)
    small = _Matter("site.web_editors", FactVerdict.FAILS, UNCONFIRMED, NOBODY)
    unread = _Matter("identity.mfa", FactVerdict.UNREAD, UNCONFIRMED, NOBODY)

    assert sorted([unread, small, grave], key=lambda matter: matter.rank) == [grave, small, unread]


def test_a_small_matter_that_is_known_outranks_a_grave_one_that_is_not() -> None:
    small = ("site.web_editors", "school", "accounts of the website")
    grave = ("data.external_sharing", "google_workspace", "other trusted domains")
    matters = choose_matters(export_of_faulty(School(failing={small}, unknown={grave})))

    assert [(matter.matter, matter.certainty) for matter in matters][:2] == [
        ("site.web_editors", "known to be wrong"),
        ("data.external_sharing", "not known"),
    ]


def test_what_has_lapsed(school: tuple[str, Any], page_one: str) -> None:
    name, document = school
    answer = _section(page_one, "What has lapsed")

    assert all(_spaced(sentence) in answer for sentence in document["lapses"]["told"])
    if name == SAMPLE:
        assert "Key with which an outside app signs in (key 1 of 4), ended on 31 August 2025." in answer
        assert "Label on personal e-mail: mail without the label (Microsoft 365), ended on 7 September 2026." in answer
        assert "3 end dates could not be read: " in answer
        assert "Ends within 14 days: " in answer
    else:
        other = "else " if document["lapses"]["lines"] else ""
        assert f"Nothing {other}that was read or recorded has lapsed." in answer


def test_each_lapse_of_the_document_is_named_on_page_one_or_counted_there(
    school: tuple[str, Any], page_one: str
) -> None:
    document = school[1]
    answer = _section(page_one, "What has lapsed")
    names = [line["what"] for line in document["lapses"]["lines"] if line["what"] != POLICY_REVIEW]
    is_late = POLICY_REVIEW in [line["what"] for line in document["expires"]["lines"] if line["state"] == "ended"]
    counted = re.search(r"(\d+) more, listed under", answer)

    assert is_late == bool(document["policy"]["overdue_days"])
    assert ("The policy is overdue for its review: see the top of this page." in answer) == is_late
    assert len([name for name in names if _spaced(name) in answer]) == len(names) - int(counted[1] if counted else 0)


def test_each_failed_or_missing_test_of_filtering_leads_to_the_first_act(school: tuple[str, Any]) -> None:
    match school[0]:
        case "one failed test":
            action = "which action followed the failed test of filtering"
            expected = [f"Ask the Deputy Head Teacher {action}, and when it will be tested again."]
        case "nothing confirmed":
            rules = "for 3 of the 40 rules not known or not confirmed (NET-01, MIS-03 and MIS-12) and 1 other clause"
            expected = [f"Have filtering and monitoring tested, {rules}."]
        case _:
            expected = []

    assert school[1]["needs"][: len(expected)] == expected
    assert any("tested" in act for act in school[1]["needs"]) == bool(expected)


def test_a_browser_shows_page_one_within_the_window_and_prints_it_on_one_page(
    school: tuple[str, Any], page: Page, tmp_path: Path
) -> None:
    path = tmp_path / "page.html"
    path.write_text(as_html(school[1]), encoding="utf-8")
    page.goto(path.as_uri())
    for width in (794, 390):
        page.set_viewport_size({"width": width, "height": 1123})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    printed = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True, print_background=True, page_ranges="1-2")))
    first, second = (_spaced(leaf.extract_text()) for leaf in printed.pages)

    assert all(heading in first for heading in IN_ORDER)
    assert _spaced(school[1]["known_by"]["told"][-1]) in first
    assert "The policy by section" in second
    assert school[1]["known_by"]["told"][-1] not in second


def test_a_browser_prints_a_long_page_one_on_one_page_too(report: Any, page: Page, tmp_path: Path) -> None:
    lapse = "Confirmation: mail without the label (Microsoft 365), ended on 7 September 2026. To act: Head Teacher."
    lapses = {**report["lapses"], "told": [*report["lapses"]["told"], *[lapse] * 5]}
    what = "Decide: which of two choices the school makes about a rule that its policy leaves open (EML-18)."
    acts = [*report["acts"], *[{**report["acts"][-1], "what": what}] * 3]
    path = tmp_path / "page.html"
    path.write_text(as_html({**report, "lapses": lapses, "acts": acts}), encoding="utf-8")
    page.goto(path.as_uri())
    printed = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True, print_background=True, page_ranges="1-2")))

    assert "How this is known" in printed.pages[0].extract_text()
    assert report["known_by"]["told"][-1] not in _spaced(printed.pages[1].extract_text())


def test_what_must_the_board_do_by_when_with_a_blank_for_a_name_and_another_date(
    school: tuple[str, Any], page_one: str
) -> None:
    answer = _section(page_one, "What the board is asked to do")
    acts = [*school[1]["needs"], school[1]["unanswered"]]

    assert all(_spaced(f"{act} Other date: ") in answer for act in acts)
    assert len(re.findall(r"Other date: _+ Name: _+", answer)) == len(acts)
    assert [act["what"] for act in school[1]["acts"]] == school[1]["needs"]
    for act in [*school[1]["acts"], school[1]["usual_date"]]:
        heading = f"Proposed: by {day_of(act['on'])}, because {act['because']}:"
        assert heading in answer
        assert act["on"] >= school[1]["run"]["at"][:10]
    assert all(_spaced(act["date_told"]) in " ".join(school[1]["minutes"]) for act in school[1]["acts"])


def test_each_proposed_date_is_one_that_the_school_records(school: tuple[str, Any]) -> None:
    ends = {line["ended"] for line in school[1]["lapses"]["soon"]}
    usual = school[1]["usual_date"]

    assert usual == {"on": "2026-12-18", "because": "Autumn term 2026 ends then"}
    assert {act["on"] for act in school[1]["acts"]} <= {*ends, usual["on"]}
    assert any(act["on"] in ends for act in school[1]["acts"]) == bool(ends) == (school[0] == SAMPLE)


def test_a_draft_says_what_it_means_for_the_acts(school: tuple[str, Any], page_one: str) -> None:
    sentence = "These are proposals, because this report is a draft. The board is asked when the report is released."
    released = ReleaseState(state="released", by="Head Teacher", told="Final: released by the Head Teacher.")

    assert sentence in _section(page_one, "What the board is asked to do")
    assert sentence not in visible_text(as_html({**school[1], "release": to_json(released)}))


def test_each_rule_that_is_not_known_or_not_confirmed_is_counted_in_an_act(school: tuple[str, Any]) -> None:
    name, document = school
    unknown = sum(document["summary"]["of_judged"][word] for word in ("not checked",)) + sum(
        document["summary"]["partly_of_judged"][cause] for cause in (PartlyCause.UNCERTAIN, PartlyCause.UNCONFIRMED)
    )
    counted = [
        match for act in document["needs"] for match in re.findall(r"for (\d+) of the (\d+) rules not known", act)
    ]

    assert f"{unknown} are not known or not confirmed" in document["summary"]["told"]
    assert counted
    assert {int(total) for _, total in counted} == {unknown}
    assert sum(int(number) for number, _ in counted) >= unknown
    if name != SAMPLE:
        statuses = export_of_school(name).report.statuses
        names = unknown_rules(statuses)
        lacking = [status for status in statuses if status.clause.name in names]
        assert len(lacking) == unknown
        assert [s.clause.name for s in lacking if not any(concern(s) for concern in CONCERNS.values())] == []


def test_page_one_names_the_rules_and_the_clauses_on_record_that_have_something_wrong(
    school: tuple[str, Any], page_one: str
) -> None:
    wrong = [
        (clause["judged"], clause["clause"])
        for clause in school[1]["clauses"]
        if clause["status"] == "not met" or clause["cause"] == PartlyCause.WRONG
    ]
    told = school[1]["wrong_told"]
    rules, _, on_record = told.partition("On the school’s records, ")

    assert _spaced(told) in _section(page_one, IN_ORDER[0])
    assert bool(wrong) == bool(told) == (school[0] != "healthy")
    for sentence, judged in ((rules, True), (on_record, False)):
        names = [name for of_computer, name in wrong if of_computer == judged]
        named = re.findall(r"\b[A-Z]{3}-\d\d\b", sentence)
        more = re.search(r" and (\d+) more", sentence)
        assert named == names[: len(named)]
        assert len(named) + int(more[1] if more else 0) == len(names)
    if school[0] == "one failed test":
        assert told == (
            "The 3 that have something wrong are NET-01, MIS-03 and MIS-12."
            " On the school’s records, MIS-05 has something wrong too."
        )


def test_what_changed_since_the_last_released_report(school: tuple[str, Any], page_one: str) -> None:
    answer = _section(page_one, "Since the last released report")

    assert _spaced(school[1]["since_released"]["told"]) in answer
    if school[0] == SAMPLE:
        assert "No report was released before this one." in answer
        return
    moved = {
        "healthy": "Since the report of 10 July 2026, the same rules are in place.",
        "one failed test": "is still a rule, but was “met” and is “partly: something is wrong” now: Tests of filtering",
        "nothing confirmed": "is still a rule, but was “met” and is “not checked” now: Tests of filtering and",
    }
    assert moved[school[0]] in answer
    assert ("NET-01 (“Staff must not open web pages" in answer) == (school[0] != "healthy")
    assert (
        "2 changes outside the agreed set-up were found. 1 was put right."
        " Still different at the last check: a mail rule on Microsoft 365 (since 3 November 2026)." in answer
    )


def test_a_change_is_never_before_the_first_reading_and_a_review_never_before_the_ratification(
    school: tuple[str, Any],
) -> None:
    document = school[1]
    begins = document["run"]["evidence_since"]

    assert document["since_released"]["at"] is None or document["since_released"]["at"] >= begins
    assert document["policy"]["ratified"] < document["policy"]["review_due"]
    assert document["policy"]["ratified"] <= document["run"]["at"][:10]


def test_no_sentence_about_mfa_contradicts_another(school: tuple[str, Any], page_one: str) -> None:
    answer = _section(page_one, "Does everybody need more than a password to sign in?")

    assert "only the 24 staff accounts" in answer or "only staff accounts" in answer
    assert answer.index("staff accounts") < answer.index("MFA required at sign-in")
    assert "Not counted above are accounts other than staff’s and pupils’: " in answer
    assert ("All staff accounts could be checked." in answer) == (school[0] == SAMPLE)
    assert ("Governors: not known, because no such group is in the school file." in answer) == (school[0] == SAMPLE)
    assert not re.search(r"No one is exempt|Nothing is unknown|Governors: not known\.", answer)


def test_no_two_lines_about_an_end_have_the_same_words(school: tuple[str, Any]) -> None:
    lapses = school[1]["lapses"]
    names = [line["what"] for line in [*lapses["lines"], *lapses["soon"]]]

    assert len(names) == len(set(names))
    if school[0] == SAMPLE:
        keys = [name for name in names if name.startswith("Key with which an outside app signs in")]
        assert keys == [f"Key with which an outside app signs in (key {number} of 4)" for number in (1, 2)]


def test_what_is_not_covered_and_how_is_the_rest_known(school: tuple[str, Any], page_one: str) -> None:
    uncovered, known = _section(page_one, "What this report does not cover"), _section(page_one, "How this is known")

    assert all(_spaced(part) in uncovered for each in school[1]["not_covered"] for part in each.values())
    assert re.search(
        r"A computer read Microsoft 365 and Google Workspace on 10 November 2026 at 09:00 \(\d+ facts\)", known
    )
    assert "People stated, and no computer checked: " in known
    assert ("tests of filtering and monitoring" in known) == (school[0] != "nothing confirmed")
    assert "No one needs to be asked, because no one can check it: it depends on the conduct of staff." in uncovered
    assert "Ask no one" not in page_one
    assert "This is not an inspection document." in page_one


def test_every_page_has_the_numbers_of_page_one(school: tuple[str, Any], printed: PdfReader) -> None:
    document = school[1]
    counts = {label: number for label, number in judged_counts(document["summary"]).items() if number}
    text = _spaced(" ".join(page.extract_text() for page in printed.pages))
    together = {label: number for label, number in section_tiles(document["clauses"])[0].counts.items() if number}

    assert together == counts
    for cause in PartlyCause:
        number = document["summary"]["partly_of_judged"][cause]
        assert (f"Rules that are partly met: {CAUSE_TEXTS[cause]} ({number})" in text) == bool(number)
    assert sum(len(group.clauses) for group in group_clauses(document["clauses"])) == 136
    in_groups = [clause for group in group_clauses(document["clauses"]) for clause in group.clauses if clause["judged"]]
    assert len(in_groups) == sum(counts.values())


def test_a_clause_has_a_cause_if_and_only_if_it_is_partly_met(school: tuple[str, Any]) -> None:
    causes = {clause["clause"]: clause["cause"] for clause in school[1]["clauses"]}

    assert {clause["clause"] for clause in school[1]["clauses"] if clause["status"] == "partly"} == {
        name for name, cause in causes.items() if cause
    }
    assert set(filter(None, causes.values())) <= set(map(str, PartlyCause))
    if school[0] == "healthy":
        assert set(filter(None, causes.values())) == {str(PartlyCause.UNCONFIRMED)}


def test_the_appendix_prints_every_finding_with_its_clauses(school: tuple[str, Any], printed: PdfReader) -> None:
    text = _bare(" ".join(page.extract_text() for page in printed.pages).partition("Appendix: every finding")[2])
    text = re.sub(r"(?:Practicerun,simulateddata)|\d+of\d+(?=Practicerun)", "", text)
    findings: dict[str, set[str]] = {}
    for clause in school[1]["clauses"]:
        for reason in clause["reasons"] if clause["status"] != "not technical" else ():
            findings.setdefault(_bare(reason["found"][1:]), set()).add(clause["clause"])

    assert findings
    assert [finding for finding in findings if finding not in text] == []


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_a_late_date_is_stated_once_and_in_years_and_months(school: tuple[str, Any], page_one: str) -> None:
    overdue = school[1]["policy"]["overdue_days"]

    assert len(re.findall(r"The review was due on [\w ]+ and is [\w ]+ late\.", page_one)) == bool(overdue)
    assert not re.search(r"\b\d{3,} days\b", page_one)


@pytest.mark.parametrize("name", SCHOOLS)
def test_no_page_speaks_the_language_of_the_trade(name: str) -> None:
    lines = visible_text(as_html(document_of_school(name))).splitlines()

    assert len(lines) > 100
    assert [line for line in lines if OF_THE_TRADE.search(line)] == []


@pytest.mark.parametrize("name", SCHOOLS)
def test_axe_finds_nothing_wrong_on_page_one(name: str, page: Page, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(as_html(document_of_school(name)), encoding="utf-8")
    page.goto(path.as_uri())

    assert violations(page, ".leaf") == []


def test_a_document_of_an_earlier_version_keeps_partly_as_one_count(report: Any) -> None:
    earlier: Mapping[str, Any] = {name: value for name, value in report["summary"].items() if "partly" not in name}

    assert judged_counts(earlier) == {word: report["summary"]["of_judged"][word] for word in judged_counts(earlier)}
    assert "partly" in judged_counts(earlier)
