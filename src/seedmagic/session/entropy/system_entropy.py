"""Stand between generators and the operating system while anybody wants it."""

from __future__ import annotations

from seedmagic.session.entropy import numpy_entropy, python_entropy


def follow_session() -> None:
    """Have generators ask us while there is a pin or a listener, and the system otherwise."""
    numpy_entropy.follow_session()
    python_entropy.follow_session()


def uninstall() -> None:
    """Let them ask the operating system again."""
    numpy_entropy.uninstall()
    python_entropy.uninstall()
