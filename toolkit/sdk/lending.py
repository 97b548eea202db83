"""What is written to put back an automatic reply as its owner had it."""

from toolkit.values import Settings

_STATUS, _OFF = "status", "off"
_TIMES = frozenset({"begins", "ends"})


def reply_put_back(_name: str, before: Settings, back: Settings) -> Settings:
    """Turn a reply off with all that was in it but its times, or on with everything that it needs for that."""
    if _STATUS not in back:
        return back
    if before.get(_STATUS) == _OFF:
        return {name: value for name, value in back.items() if name not in _TIMES}
    return {name: value for name, value in before.items() if name not in _TIMES or value is not None}
