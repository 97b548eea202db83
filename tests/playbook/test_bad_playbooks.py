"""A playbook that cannot be used is refused with file, line and what to write instead."""

from collections.abc import Callable, Mapping

import pytest

Refused = Callable[[Mapping[str, str | bytes]], list[str]]

HEAD = {
    "an unknown key": ("playbook: x\ncontols: []", 2, "unknown key `contols`: did you mean `controls`?"),
    "a short name with capitals": ("playbook: Mail", 1, '`playbook`: "Mail" is not a short name, such as mail-'),
    "a clause that is none": ("playbook: x\nclauses: [EML-18, e18]", 2, 'entry 2 of `clauses`: "e18" is not a clause,'),
    "clauses that are no list": (
        "playbook: x\nclauses: EML-18",
        2,
        '`clauses` must be a list, not "EML-18": did you mean `[EML-18]`?',
    ),
    "a number as title": ("playbook: x\ntitle: 7", 2, "`title` must be text, not 7. Put it in quotes"),
    "an empty title": ("playbook: x\ntitle: ''", 2, "`title` must not be empty"),
    "a misspelt mode": (
        "playbook: x\nmode: enforced",
        2,
        '`mode` must be `enforce`, `check` or `off`, not "enforced": did you mean `enforce`?',
    ),
    "controls that are a table": (
        "playbook: x\ncontrols:\n  mail.label: {}",
        2,
        "`controls` must be a list. Begin each entry with `- `",
    ),
    "an unknown first key": ("playbok: x", 1, "`playbok` is not a known first key of a file: did"),
    "another first key": (
        "title: x\nplaybook: y",
        1,
        "`title` is not a known first key of a file: there is `apps`, `attestations`, `canaries`",
    ),
}

CONTROLS = {
    "an unknown control": ("- mail.foter: {for: everyone}", 3, "unknown control `mail.foter`: did you mean `mail.foo"),
    "a kind": (
        "- microsoft365.transport_rule: x",
        3,
        "`microsoft365.transport_rule` must be followed by its settings, one on each line and indented further",
    ),
    "a kind with settings": (
        "- microsoft365.transport_rule: {}",
        3,
        "unknown control `microsoft365.transport_rule`. It is a kind, so put it under `resources:`",
    ),
    "settings that are not indented": (
        "- mail.label:\n    for: everyone",
        4,
        "`for` is on the same level as `mail.label`. Indent it further",
    ),
    "a word for settings": (
        "- mail.label: everyone",
        3,
        "`mail.label` must be followed by its settings, one on each line",
    ),
    "a list": ("- [mail.label]", 3, "a control is written as its name, such as `mail.disclaimer:`"),
    "nobody said": ("- mail.label", 3, "mail.label needs `for`. Add `for: everyone` or a role"),
    "an empty for": ("- mail.label:\n      for:", 4, "mail.label needs `for`. Add `for: everyone` or a role"),
    "a for that is a list": ("- mail.label: {for: [staff]}", 3, "`for` must be text"),
    "a misspelt role": ("- mail.label: {for: stff}", 3, "unknown role `stff`: did you mean `staff`?"),
    "a role that is not there": (
        "- mail.label: {for: governors}",
        3,
        "unknown role `governors`: add it to `roles:` in playbooks/00-school.yaml",
    ),
    "our own name of a setting": (
        "- mail.label: {for: staff, audience: staff}",
        3,
        "unknown setting `audience`",
    ),
    "a setting missing": ("- mail.footer: {for: staff}", 3, "mail.footer needs `text_file`"),
    "a setting misspelt": (
        "- mail.footer:\n      for: staff\n      textfile: x",
        5,
        "unknown setting `textfile`: did you mean `text_file`?",
    ),
    "a word that is not a choice": (
        "- mail.footer: {for: staff, text_file: a.txt, scope: outgoin}",
        3,
        '`scope` must be `all` or `outgoing`, not "outgoin": did you mean `outgoing`?',
    ),
    "neither list nor word": (
        "- mail.footer: {for: staff, text_file: a.txt, copies: 4}",
        3,
        "`copies` must be a list or `none`, not 4",
    ),
    "a list with a number": (
        "- mail.footer: {for: staff, text_file: a.txt, copies: [a, 4]}",
        3,
        "entry 2 of `copies` must be text, not 4. Put it in quotes",
    ),
    "two things at once": (
        "- mail.label: {for: staff, adopt: x, beside: true}",
        3,
        "write only one of `adopt` and `beside`",
    ),
    "a control twice": (
        "- mail.label: {for: staff}\n  - mail.label: {for: staff}",
        4,
        "mail.label for the same people is also at playbooks/10-x.yaml:3. Keep one of them",
    ),
}

RULE = "- microsoft365.transport_rule: A\n    "
RESOURCES = {
    "an unknown kind": (
        "- microsoft365.transport_rul: A",
        3,
        "unknown kind `microsoft365.transport_rul`: did you mean `microsoft365.transport_rule`?",
    ),
    "a control": ("- mail.label: A", 3, "`mail.label` is a control. Put it under `controls:`"),
    "a word": ("- microsoft365.transport_rule", 3, "a resource begins with its kind and name, such as `microsoft365."),
    "a word that is not a kind": (
        "- rule: A",
        3,
        "`rule` is not a kind. The first key must be a kind, such as `microsoft365.",
    ),
    "the kind too late": (
        "- mode: check\n    microsoft365.transport_rule: A",
        3,
        "the first key of a resource must be its kind. Put `microsoft365.transport_rule` before `mode`",
    ),
    "no name": ("- microsoft365.transport_rule:", 3, "microsoft365.transport_rule needs a name: `microsoft365.trans"),
    "an empty name": ("- microsoft365.transport_rule: ''", 3, "microsoft365.transport_rule needs a name"),
    "a number as name": ("- microsoft365.transport_rule: 7", 3, "a name must be text. Put it in quotes"),
    "spaces around a name": ("- microsoft365.transport_rule: ' a'", 3, "a name is one line of text, without spaces"),
    "a long name": (f"- microsoft365.transport_rule: {'a' * 257}", 3, "a name can have at most 256 characters"),
    "settings indented too far": (
        "- microsoft365.transport_rule:\n      enabled: true",
        3,
        "write the name after the colon, `microsoft365.transport_rule: NAME`, and settings below it, not indented",
    ),
    "all objects of a kind that can be created": (
        "- microsoft365.transport_rule: '*'",
        3,
        "microsoft365.transport_rule cannot be managed for all objects (*). Write an entry for each object",
    ),
    "a name where there is one": (
        "- microsoft365.external_tag: Mine\n    enabled: true",
        3,
        "a tenant has only one microsoft365.external_tag. Leave its name out",
    ),
    "a setting missing": ("- microsoft365.external_tag:", 3, "microsoft365.external_tag needs `enabled`"),
    "a setting misspelt": (RULE + "prioritty: 1", 4, "unknown setting `prioritty`: did you mean `priority`?"),
    "a reserved word misspelt": (RULE + "renamed_frm: B", 4, "unknown setting `renamed_frm`: did you mean `renamed_fr"),
    "no flag": (RULE + "enabled: yes", 4, '`enabled` must be true or false, not "yes"'),
    "no number": (RULE + "priority: low", 4, '`priority` must be a whole number, not "low"'),
    "a number with its unit": (
        RULE + "priority: 3 rules",
        4,
        '`priority` must be a whole number, not "3 rules": did you mean `3`?',
    ),
    "a number too small": (RULE + "priority: -1", 4, "`priority` must be 0 or more"),
    "a number too large": (RULE + "priority: 10", 4, "`priority` must be 9 or less"),
    "a text too short": (RULE + "prepend: a", 4, "`prepend` must have at least 2 characters"),
    "a text too long": (RULE + "prepend: aaaaaaaaaaaa", 4, "`prepend` can have at most 10 characters"),
    "a pattern": (RULE + "code: 5.7.2", 4, '`code`: "5.7.2" does not have the right form: ^5[.]7[.]1$'),
    "a pattern with an example": (
        RULE + "extensions: [js, .vbs]",
        4,
        'entry 2 of `extensions`: ".vbs" does not have the right form; an example is exe',
    ),
    "a list alone": (
        RULE + "sent_to: {exactly: }",
        4,
        "`sent_to.exactly` must be a list, not nothing",
    ),
    "settings that exclude each other": (
        RULE + "over: 1 MB\n    priority: 1",
        3,
        "over and priority exclude each other",
    ),
    "no size beside what is needed": (
        "- microsoft365.remote_domain: a\n    enabled: true\n    over: big",
        3,
        "'big' is not a size such as 10 MB",
    ),
    "another school's provider": (
        "- google_workspace.unit: a",
        3,
        "playbooks/00-school.yaml does not have a tenant of google_workspace",
    ),
    "no size": (RULE + "over: big", 4, "`over`: 'big' is not a size such as 10 MB"),
    "no list": (
        RULE + "sent_to: 1",
        4,
        "`sent_to` must be a list, `exactly: ...`, `contains: ...` or `lacks: ...`, not 1",
    ),
    "a list of numbers": (RULE + "sent_to: [1]", 4, "entry 1 of `sent_to` must be text, not 1. Put it in quotes"),
    "a list of numbers inside": (
        RULE + "sent_to:\n      exactly:\n        - a\n        - 1",
        7,
        "entry 2 of `sent_to.ex",
    ),
    "a misspelt form of list": (
        RULE + "sent_to: {exactl: [a]}",
        4,
        "unknown setting `exactl`: did you mean `exactly`?",
    ),
    "two forms of list": (
        RULE + "sent_to: {contains: [a], exactly: [b]}",
        4,
        "`contains` cannot be combined with `exactly`",
    ),
    "a mode that is none": (RULE + "mode: Enforce", 4, '`mode` must be `enforce`, `check` or `off`, not "Enforce"'),
    "two things at once": (RULE + "leave: true\n    beside: true", 3, "write only one of `beside` and `leave`"),
    "renamed from itself": (
        RULE + "renamed_from: A",
        4,
        "`renamed_from` is the same as the current name. Delete the line",
    ),
    "renamed from another that stays": (
        RULE + "renamed_from: B\n  - microsoft365.transport_rule: B",
        3,
        "`renamed_from` names microsoft365.transport_rule[B], which playbooks/10-x.yaml:5 still uses",
    ),
    "all of them renamed": (
        "- microsoft365.remote_domain: '*'\n    enabled: true\n    renamed_from: a",
        3,
        "an entry for all (*) can neither be renamed nor adopt an object",
    ),
    "an address twice": (
        "- microsoft365.transport_rule: A\n  - microsoft365.transport_rule: a",
        4,
        "microsoft365.transport_rule[a] is also at playbooks/10-x.yaml:3. Keep one of them",
    ),
}


@pytest.mark.parametrize(("text", "line", "message"), HEAD.values(), ids=HEAD)
def test_a_head_that_cannot_be_used_is_refused(refused: Refused, text: str, line: int, message: str) -> None:
    problems = refused({"10-x.yaml": text})

    assert len(problems) == 1
    assert problems[0].startswith(f"playbooks/10-x.yaml:{line}: {message}")


@pytest.mark.parametrize(("text", "line", "message"), CONTROLS.values(), ids=CONTROLS)
def test_a_control_that_cannot_be_used_is_refused(refused: Refused, text: str, line: int, message: str) -> None:
    problems = refused({"10-x.yaml": f"playbook: x\ncontrols:\n  {text}\n", "a.txt": "Hello"})

    assert len(problems) == 1
    assert problems[0].startswith(f"playbooks/10-x.yaml:{line}: {message}")


@pytest.mark.parametrize(("text", "line", "message"), RESOURCES.values(), ids=RESOURCES)
def test_a_resource_that_cannot_be_used_is_refused(refused: Refused, text: str, line: int, message: str) -> None:
    problems = refused({"10-x.yaml": f"playbook: x\nresources:\n  {text}\n"})

    assert len(problems) == 1
    assert problems[0].startswith(f"playbooks/10-x.yaml:{line}: {message}")


def test_problems_of_all_files_are_told_at_once_in_order(refused: Refused) -> None:
    problems = refused(
        {
            "00-school.yaml": "school: Example\nshort_name: E\n",
            "20-y.yaml": "playbook: y\nmode: no\n",
            "10-x.yaml": "playbook: x\ncontrols:\n  - mail.foo\nresources:\n  - a: b\n",
            "15-z.yaml": "playbook: [",
        }
    )

    assert [problem.split(" ")[0] for problem in problems] == [
        "playbooks/00-school.yaml:1:",
        "playbooks/00-school.yaml:1:",
        "playbooks/00-school.yaml:1:",
        "playbooks/10-x.yaml:3:",
        "playbooks/10-x.yaml:5:",
        "playbooks/15-z.yaml:1:",
        "playbooks/20-y.yaml:2:",
    ]


def test_a_short_name_in_two_files_names_both(refused: Refused) -> None:
    problems = refused({"10-x.yaml": "playbook: x\n", "20-y.yaml": "playbook: x\n"})

    assert problems == ["playbooks/20-y.yaml:1: `playbook: x` is also at playbooks/10-x.yaml:1. Keep one of them"]


def test_an_address_in_two_files_names_both(refused: Refused) -> None:
    text = "resources:\n  - microsoft365.transport_rule: A\n"

    problems = refused({"10-x.yaml": f"playbook: x\n{text}", "20-y.yaml": f"playbook: y\n{text}"})

    assert problems == [
        "playbooks/20-y.yaml:3: microsoft365.transport_rule[A] is also at playbooks/10-x.yaml:3. Keep one of them"
    ]


def test_a_long_word_is_shown_in_part(refused: Refused) -> None:
    problems = refused({"10-x.yaml": f'playbook: x\n"{"long " * 100}\\n": 1\n'})

    assert len(problems[0]) < 200


@pytest.mark.parametrize("entry", ["for: staff\n    other: 1", "- 1"])
def test_a_hidden_character_in_the_name_of_a_control_is_not_shown_raw(refused: Refused, entry: str) -> None:
    text = f'playbook: x\ncontrols:\n  - "\\uFEFFmail.label":\n    {entry}\n'

    assert all(problem.isprintable() for problem in refused({"10-x.yaml": text}))
