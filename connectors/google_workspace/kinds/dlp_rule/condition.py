"""The condition of a rule, in Google's expression language. People refer to detectors in it by name."""

import re
from collections.abc import Iterator, Sequence

from connectors.google_workspace.detectors import WORD_LIST, Detectors, Reference, references, replace_references
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.errors import Rejected
from toolkit.sdk import Desired, Doubt, Form, text, text_in
from toolkit.values import Body, Json, Value

_TEXTS = re.compile(r"(?P<quote>['\"])(?:\\.|(?!(?P=quote))[^\\])*+(?P<end>(?P=quote)|\\?\Z)", re.DOTALL)
_TERM = re.compile(r"\b[a-z_]+\s*\.\s*[a-z_]+\s*\(")
_MATCHES_EVERYTHING = re.compile(r"\.\s*+[a-z_]++\(\s*+(?:(['\"])\s*+(?:\.\*\s*+)?\1\s*+)?\)")
_ONLY_COUNTS = re.compile(r"matches_dlp_detector\(\s*(?:''|\"\")\s*,\s*\{")
_TWO_ARGUMENTS = re.compile(r"matches_dlp_detector\(\s*(['\"])[^'\"]*\1\s*,[^,{}()]*\)")


def _normalise_quotes(value: Json) -> Value:
    """Return a condition with the same type of quotation marks around every detector."""
    written = "" if value is None else text_in(value).strip()
    return replace_references(written, lambda reference: reference.name) or None


CONDITION = Form("condition", _normalise_quotes)


def check(value: str) -> str:
    """Return the condition.

    Raise ValueError if Google would reject the condition, because Google does not give a reason.
    """
    signs = _TEXTS.sub(lambda match: "''" if match["end"] == match["quote"] else match["quote"], value)
    if "'" in signs.replace("''", "") or '"' in signs:
        raise ValueError("a text has no closing quote. Put quotes before and after the text")
    if signs.count("(") != signs.count(")"):
        raise ValueError("the condition does not have as many ( as )")
    if not _TERM.search(signs):
        raise ValueError(
            "the condition does not look for anything. Write the part and the text to look for, for example "
            "body.contains_word('trip')"
        )
    if _ONLY_COUNTS.search(signs):
        raise ValueError(
            "a Google detector needs its likelihood before the counts: matches_dlp_detector('NAME', "
            "google.privacy.dlp.v2.Likelihood.LIKELY, {minimum_match_count: 1, minimum_unique_match_count: 1})"
        )
    if open_term := _MATCHES_EVERYTHING.search(value):
        raise ValueError(
            f"{open_term[0].lstrip('.')} matches everything, which Google rejects. Write the text to look for"
        )
    return value


def names_detector_without_counts(condition: str) -> bool:
    """Return whether a condition names a detector of Google without counts, which Chrome rules do not accept."""
    return _TWO_ARGUMENTS.search(condition) is not None


def with_detector_names(condition: str, names: Body) -> str:
    """Return a condition with names of detectors in place of their ids. An id without a name is not changed."""
    return replace_references(condition, lambda reference: text(names.get(reference.name)) or reference.name)


def on_the_wire(via: GoogleWorkspace, condition: str) -> str:
    """Return a condition with ids of detectors in place of their names. Raise Rejected if a detector does not exist."""
    if not list(references(condition)):
        return condition
    detectors = Detectors(via)
    return replace_references(condition, lambda reference: _find_detector_id(detectors, reference))


def doubts(via: GoogleWorkspace, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Yield a doubt for each detector whose name several detectors have. The run may create a missing detector."""
    rule_references = [
        (rule.address.name, detector) for rule in desired for detector in references(_read_condition(rule))
    ]
    detectors = Detectors(via) if rule_references else None
    for rule, reference in rule_references:
        if detectors and (reason := _find_reference_problem(detectors, reference)):
            yield Doubt(rule, "condition", reason)


def detector_names(value: Value) -> Iterator[str]:
    """Yield the names of the detectors to which a condition refers."""
    return (reference.name for reference in references(str(value or "")))


def _read_condition(rule: Desired) -> str:
    return str(rule.settings.get("condition") or "")


def _find_reference_problem(detectors: Detectors, reference: Reference) -> str:
    if reference.is_id:
        name = detectors.name(reference.name)
        return (
            f"write {name!r} instead of {reference.name!r}, because playbooks use the names of detectors"
            if name
            else ""
        )
    return _describe_ambiguous_detector(reference) if len(detectors.ids(reference)) > 1 else ""


def _find_detector_id(detectors: Detectors, reference: Reference) -> str:
    if reference.is_id:
        return reference.name
    match detectors.ids(reference):
        case [only]:
            return only
        case []:
            raise Rejected(
                f"there is no {_describe_detector(reference)}. Write its name as in the console, or create it with "
                "google_workspace.detector"
            )
        case _:
            raise Rejected(_describe_ambiguous_detector(reference))


def _describe_ambiguous_detector(reference: Reference) -> str:
    return f"the tenant has more than one {_describe_detector(reference)}. Rename the others in the console"


def _describe_detector(reference: Reference) -> str:
    type_name = "list of words" if reference.type == WORD_LIST else "regular expression"
    return f"{type_name} called {reference.name!r}"
