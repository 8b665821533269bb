"""Files that are closed, as ``with open(…) as f`` leaves them: nothing comes from them any more."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from seedmagic.objects.kinds.aspects import Base, Fact

_FILES = (
    io.TextIOWrapper,
    io.BufferedReader,
    io.BufferedWriter,
    io.BufferedRandom,
    io.FileIO,
)


class ClosedFile(Base):
    """What a closed file still tells of itself."""

    def facts(self, value: Any) -> Iterator[Fact]:
        """Give its name, and how it was opened."""
        for name in ("name", "mode", "encoding"):
            yield Fact(name, getattr(value, name, None))


def is_closed(value: Any) -> bool:
    """Whether it is a file that is closed; a class of somebody else's may say anything."""
    return type(value) in _FILES and bool(value.closed)
