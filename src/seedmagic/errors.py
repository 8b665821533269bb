"""Every exception and warning of seedmagic."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = [
    "RestoreError",
    "RewindError",
    "ScopeError",
    "SeedError",
    "SeedingError",
    "SeedmagicError",
    "SeedmagicWarning",
    "SourceError",
    "StateError",
    "UnseededError",
    "UnseededWarning",
]


class SeedmagicError(Exception):
    """Base of every error that seedmagic raises on purpose."""


class SeedError(SeedmagicError, ValueError):
    """What was given is no seed, or one is needed and none is in force. Nothing was changed."""


class SourceError(SeedmagicError, ValueError):
    """A source is unknown, badly made, or its name is taken. Nothing was changed."""


class SeedingError(SeedmagicError, RuntimeError):
    """A source failed while it was seeded; every source that can be put back was."""


class StateError(SeedmagicError, ValueError):
    """A state is not one that its source can take. Nothing was changed."""


class ScopeError(SeedmagicError, RuntimeError):
    """A scope is open in another thread or asyncio task. Nothing was changed."""


# The command line's own; nobody catches them, so they have no public name.
class KernelError(SeedmagicError, ValueError):
    """A kernel cannot be installed or removed. Nothing was changed."""


class NotebookError(SeedmagicError, RuntimeError):
    """A notebook cannot be verified: it cannot be read, or its kernel cannot be had."""


class UnseededError(SeedmagicError, RuntimeError):
    """Under ``%seedwatch error``: a statement drew numbers that no seed controls."""


class RestoreError(SeedmagicError, RuntimeError):
    """Some sources could not be put back; all others were.

    Parameters
    ----------
    failures : mapping of str to Exception
        The name of each source that could not be put back, and why.

    Attributes
    ----------
    failures : dict of str to Exception
        The same.
    """

    def __init__(self, failures: Mapping[str, Exception]) -> None:
        self.failures = dict(failures)
        told = "; ".join(f"{name}: {error}" for name, error in self.failures.items())
        super().__init__(f"could not put back {told}. Every other source was put back.")

    def __reduce__(self) -> tuple[type[RestoreError], tuple[dict[str, Exception]]]:
        return type(self), (self.failures,)


class RewindError(SeedmagicError, RuntimeError):
    """Objects cannot be rewound, and nothing was changed; or some of them could not be put back.

    Parameters
    ----------
    message : str
        What happened.
    failures : mapping of str to str, optional
        The path of each object that is at fault (``trainer.batches``), and why.

    Attributes
    ----------
    failures : dict of str to str
        The same.
    """

    def __init__(self, message: str, failures: Mapping[str, str] | None = None) -> None:
        self.failures = dict(failures or {})
        super().__init__(message)

    def __reduce__(self) -> tuple[type[RewindError], tuple[str, dict[str, str]]]:
        return type(self), (str(self), self.failures)


class SeedmagicWarning(UserWarning):
    """Base of every warning that seedmagic gives."""


class UnseededWarning(SeedmagicWarning):
    """A cell drew numbers that no seed controls, or made a NumPy generator without a seed."""


for _public in [*__all__]:
    globals()[_public].__module__ = "seedmagic"
