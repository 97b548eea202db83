"""Lists that read from the store only what is looked at: one page of ten thousand people, not all of them."""

from collections.abc import Callable, Iterator, Sequence
from typing import overload

from connectors.emulator.store import Store
from connectors.emulator.wire import Body


class Stored(Sequence[Body]):
    """A stored collection in its order."""

    def __init__(self, store: Store, tenant_id: str, collection: str) -> None:
        self._store, self._place = store, (tenant_id, collection)

    def __len__(self) -> int:
        return self._store.count(*self._place)

    def __iter__(self) -> Iterator[Body]:
        return iter(self._store.all(*self._place))

    @overload
    def __getitem__(self, index: int) -> Body: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Body]: ...
    def __getitem__(self, index: int | slice) -> Body | Sequence[Body]:
        start, stop, _ = (slice(index, index + 1) if isinstance(index, int) else index).indices(len(self))
        bodies = self._store.some(*self._place, start=start, count=stop - start)
        return bodies[0] if isinstance(index, int) else bodies

    def find(self, name: str, value: str) -> Body | None:
        """Find the first object with a property of this value, without regard to case; its id is also its key."""
        if name == "id":
            return self._store.get(*self._place, value.lower())
        return self._store.find(*self._place, name, value)


class Looked(Sequence[Body]):
    """Objects that are looked up by their ids one by one."""

    def __init__(self, ids: Sequence[str], look_up: Callable[[str], Body | None]) -> None:
        self._ids, self._look_up = ids, look_up

    def __len__(self) -> int:
        return len(self._ids)

    @overload
    def __getitem__(self, index: int) -> Body: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Body]: ...
    def __getitem__(self, index: int | slice) -> Body | Sequence[Body]:
        if isinstance(index, int):
            return self._look_up(self._ids[index]) or {}
        found = (self._look_up(one) for one in self._ids[index])
        return [body for body in found if body is not None]
