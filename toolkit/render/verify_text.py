"""Render the result of verifying the ledger, heads from outside and signatures, as text and as JSON."""

from collections.abc import Iterator, Sequence

from toolkit.ledger.outside_heads import IN_GIT, HeadComparison
from toolkit.ledger.verify import Damage, LedgerCheck
from toolkit.render.line import FORMAT, Line, Tone
from toolkit.render.values_text import count_text
from toolkit.school.signers import FileSigner, SignedContent
from toolkit.signatures import SignatureCheck
from toolkit.values import Body

_SHOWN_HASH = 12


def signatures_answer(checks: Sequence[SignatureCheck]) -> Sequence[Body]:
    """Return the result of checking each signature as JSON. `signer` is None if no key of the school made it."""
    return [
        {"path": str(check.path), "signer": check.signer or None, "wrong": check.is_wrong, "text": check.text}
        for check in checks
    ]


def signers_answer(signers: Sequence[FileSigner]) -> Body:
    """Return the keys that may sign as JSON."""
    return {
        "format": FORMAT,
        "signers": [
            {
                "name": signer.name,
                "key": signer.key,
                "fingerprint": signer.fingerprint,
                "may": sorted(signer.may),
            }
            for signer in signers
        ],
    }


_NO_HEAD = (
    "No head from outside was given, so a ledger that was rewritten as a whole would not be noticed. "
    "`toolkit audit verify --head FILE` compares it with an earlier report or message."
)


def verified_lines(checked: LedgerCheck, where: str, heads: Sequence[HeadComparison] = ()) -> Iterator[Line]:
    """Yield lines that say whether the ledger is an unbroken chain, with every fault and remark that the check found.

    Heads of the chain that someone outside kept are compared with the ledger.
    """
    yield from (Line(f"! {fault}", Tone.WARNING) for fault in checked.faults)
    yield from (Line(f"* {remark}", Tone.QUIET) for remark in checked.remarks)
    in_git = [compared for compared in heads if compared.outside.source == IN_GIT and compared.agrees]
    for compared in heads:
        if compared in in_git[:-1]:  # hundreds after some months, of which the last says the same of all entries
            continue
        yield Line(f"= {compared.text}") if compared.agrees else Line(f"! {compared.text}", Tone.WARNING)
    if advice := _repair_advice({fault.damage for fault in checked.faults}):
        yield Line(f"  {advice}", Tone.WARNING)
    end = f"the last {checked.head.hash[:_SHOWN_HASH]}"
    entries = count_text(checked.head.count, "entry", "entries")
    if any(not compared.agrees for compared in heads):
        yield Line(f"Not the ledger that was recorded outside: {entries} in {where}, {end}.", Tone.HEADING)
    elif checked.is_sound:
        latest = max((compared.outside for compared in heads), key=lambda outside: outside.head.count, default=None)
        until = f", unchanged up to entry {latest.head.count}, the head in {latest.label}" if latest else ""
        yield Line(f"Unbroken: {entries} in {where}, {end}{until}.", Tone.HEADING)
        if checked.head.count and all(compared.outside.source == IN_GIT for compared in heads):
            yield Line(_NO_HEAD, Tone.QUIET)
    else:
        faults = count_text(len(checked.faults), "fault")
        followed = count_text(checked.head.count, "entry is", "entries are")
        yield Line(f"Damaged: {faults} in {where}; {followed} as written, {end}.", Tone.HEADING)


def signature_lines(checks: Sequence[SignatureCheck]) -> Iterator[Line]:
    """Show the result of checking each signature."""
    for check in checks:
        if check.is_wrong:
            yield Line(f"! {check.text}", Tone.WARNING)
        else:
            yield Line(f"= {check.text}") if check.signer else Line(f"* {check.text}", Tone.QUIET)


def signer_lines(signers: Sequence[FileSigner]) -> Iterator[Line]:
    """Show the keys that may sign as a file of allowed signers, each after a comment with its fingerprint."""
    if not signers:
        yield Line("# The school file has no keys under `signers:`.")
    for signer in signers:
        may = ", ".join(content for content in SignedContent if content in signer.may)
        yield Line(f"# {signer.name} may sign {may}: {signer.fingerprint}")
        yield Line(signer.allowed_signers_line)


def _repair_advice(damages: set[Damage]) -> str:
    if not damages:
        return ""
    if damages == {Damage.DERIVED}:
        return "The entries are complete. `toolkit audit rebuild` rebuilds the derived tables."
    return "Keep this state as it is, find out who wrote to it, and restore the ledger from a backup."
