"""Changes as an admin reads them: signs first, before and after, the line of the playbook that asks."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from toolkit.planning.change import Change, Create, Delete, Move, Update, fields
from toolkit.planning.plan import Plan
from toolkit.render.lent_privacy import shown_fields
from toolkit.render.line import Line, Tone
from toolkit.render.values_text import counted, difference, first_few, shown
from toolkit.sdk.lending import without_person
from toolkit.sdk.providers import kinds, providers
from toolkit.sdk.resource import Desired, Origin

_SIGNS = {Create: "+", Update: "~", Delete: "-", Move: ">"}
_TONES = {Create: Tone.ADDED, Update: Tone.CHANGED, Delete: Tone.REMOVED, Move: Tone.CHANGED}
_NAMED = 3
"""How many are named where the same happens to more; the answer in JSON names them all."""


Beside = Callable[[Sequence[Change]], Iterator[Line]]
"""Says what more there is to say of changes that are shown together."""


def nothing(_group: Sequence[Change]) -> Iterator[Line]:
    """Say nothing more."""
    yield from ()


def changed(changes: Sequence[Change], beside: Beside = nothing) -> Iterator[Line]:
    """Show changes kind by kind."""
    kind = ""
    for group in _alike(changes):
        if group[0].address.of_kind != kind:
            kind = group[0].address.of_kind
            yield Line()
            yield Line(kind, Tone.HEADING)
        yield from _group(group)
        yield from beside(group)


def watched(changes: Sequence[Change], beside: Beside = nothing) -> Iterator[Line]:
    """Show the differences of what is compared and never written."""
    if not changes:
        return
    yield Line()
    yield Line("Only checked, never written:", Tone.HEADING)
    for group in _alike(changes):
        yield from _group(group, f"{group[0].address.kind} ")
        yield from beside(group)


def _alike(changes: Sequence[Change]) -> Iterator[Sequence[Change]]:
    """Take together what happens alike to many objects; everything else by itself."""
    groups: dict[object, list[Change]] = {}
    for change in changes:
        alike = (type(change), change.address.of_kind, fields(change), _entry(change))
        groups.setdefault(alike if isinstance(change, Update) else change.address, []).append(change)
    for group in groups.values():
        yield from [group] if len(group) > _NAMED else [[change] for change in group]


def _group(group: Sequence[Change], prefix: str = "") -> Iterator[Line]:
    first, *others = group
    if not others:
        yield from _change(first, prefix + without_person(first.address).shown)
        return
    head, *rest = _change(first, f"{prefix}{counted_objects(group)}", group)
    names = first_few([without_person(change.address).shown for change in group], _NAMED)
    yield from (head, Line(f"    {names}", Tone.QUIET), *rest)


def counted_objects(group: Sequence[Change]) -> str:
    """Count what several changes of one kind are of: 14 groups, 268 mailboxes."""
    address = group[0].address
    return f"{len(group)} {kinds(address.provider)[address.kind].plural}"


def _entry(change: Change) -> Origin:
    return change.absent.origin if isinstance(change, Delete) else change.desired.origin


def _change(change: Change, name: str, group: Sequence[Change] = ()) -> Iterator[Line]:
    tone = _TONES[type(change)]
    yield Line(f"{_SIGNS[type(change)]} {name}{_whence(change, group or [change])}", tone)
    if change.remark:
        yield Line(f"    ! {change.remark}", Tone.WARNING)
    if isinstance(change, Create | Update) and change.desired.protected:
        accounts = ", ".join(change.desired.protected)
        yield Line(f"    ! reaches {accounts}, which the school file protects", Tone.WARNING)
    if isinstance(change, Create | Update) and change.desired.protected_unknown:
        why = change.desired.protected_unknown
        yield Line(f"    ! whether it reaches a protected account is not known: {why}", Tone.WARNING)
    match change:
        case Create(desired, settings):
            named = (one for one in settings if one.path in desired.origins)
            yield from (Line(f"    {one.path}: {shown(one.after)}{_line_of(desired, one.path)}") for one in named)
        case Update(desired):
            settings = shown_fields(change)
            yield from (Line(f"    {one.path}: {difference(one)}{_line_of(desired, one.path)}") for one in settings)
        case Move(_, _, after):
            yield Line(f"    goes directly after {after.name}" if after else "    goes before the other rules of ours")
        case Delete():
            pass


def _whence(change: Change, group: Sequence[Change]) -> str:
    if isinstance(change, Delete):
        return f"   ({change.absent.origin})"
    desired = change.desired
    devices = ["all devices"] if desired.all_devices else []
    told = [*([desired.made_by] if desired.made_by else []), str(desired.origin), *devices, *_reach(group)]
    return f"   ({', '.join(told)})"


def _reach(group: Sequence[Change]) -> Iterator[str]:
    """Count whom each of some changes reaches; what belongs to one person reaches no others."""
    desired = [one.desired for one in group if not isinstance(one, Delete) and not one.address.label]
    reaches = [one.reach for one in desired if one.reach]
    if people := [one.people for one in reaches if one.people is not None]:
        title = providers()[group[0].address.provider].title
        everyone = all(one.everyone for one in desired)
        yield _span(people, "person", "people") + (f" with an active {title} account" if everyone else "")
    if devices := [one.devices for one in reaches if one.devices is not None]:
        yield _span(devices, "device", "devices")


def first_reach(plan: Plan) -> Mapping[str, int]:
    """Count the objects applied for the first time, by whom they reach; what is one person's is left out."""
    found = [one.desired for one in plan.changes if not isinstance(one, Delete) and one.address in plan.first_time]
    first = [one for one in found if not one.address.label]
    people = (one.reach.people or 0 for one in first if one.reach and not (one.everyone or one.all_devices))
    return {
        "objects": len(first),
        "everyone": sum(one.everyone and not one.all_devices for one in first),
        "all_devices": sum(one.all_devices for one in first),
        "most_people": max(people, default=0),
    }


def first_reach_lines(plan: Plan) -> Iterator[Line]:
    """Say whom the objects reach that a plan applies for the first time: no limit counts these."""
    count = first_reach(plan)
    some = count["objects"] - count["everyone"] - count["all_devices"]
    whom = {
        "everyone with an account": count["everyone"],
        "all devices": count["all_devices"],
        f"up to {counted(count['most_people'], 'person', 'people')}": some if count["most_people"] else 0,
    }
    if told := [f"{counted(number, 'object')} for {name}" for name, number in whom.items() if number]:
        tone = Tone.WARNING if count["everyone"] + count["all_devices"] else Tone.QUIET
        yield Line(f"Applied for the first time, with no limit on whom that reaches: {', '.join(told)}", tone)


def _span(numbers: Sequence[int], singular: str, plural: str) -> str:
    least, most = min(numbers), max(numbers)
    return counted(most, singular, plural) if least == most else f"{least} to {most} {plural} each"


def _line_of(desired: Desired, path: str) -> str:
    """Point at the line of a single setting; a control's settings all stand where the control does."""
    origin = desired.origins.get(path)
    if origin is None:
        return _silence(desired, path)
    return "" if desired.made_by or origin == desired.origin else f"   ({origin})"


def _silence(desired: Desired, path: str) -> str:
    """Say why a setting changes that the playbook does not name."""
    if path not in desired.settings:
        return ""
    unset = desired.settings[path] is None
    return "   (the playbook does not ask for it)" if unset else "   (the playbook says nothing else)"
