"""Every exception and warning of seedmagic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = [
    "RestoreError",
    "RewindError",
    "RunsError",
    "RunsInterrupted",
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


class RunsError(SeedmagicError, RuntimeError):
    """Every run failed; chained from the error of the first.

    Parameters
    ----------
    errors : mapping of int to str
        Each seed, and its run's exception.

    Attributes
    ----------
    errors : dict of int to str
        The same.
    """

    def __init__(self, errors: Mapping[int, str]) -> None:
        self.errors = dict(errors)
        kinds = list(dict.fromkeys(self.errors.values()))
        told = "; ".join(kinds[:3]) + ("; …" if len(kinds) > 3 else "")
        runs = "The run" if len(self.errors) == 1 else f"All {len(self.errors)} runs"
        super().__init__(f"{runs} failed: {told}")

    def __reduce__(self) -> tuple[type[RunsError], tuple[dict[int, str]]]:
        return type(self), (self.errors,)


class RunsInterrupted(KeyboardInterrupt):
    """Many runs were interrupted; those that had finished are kept.

    Parameters
    ----------
    result : RunsResult
        The finished runs.

    Attributes
    ----------
    result : RunsResult
        The same; ``sys.last_value.result`` has it where nobody caught the interrupt.
    """

    def __init__(self, result: Any) -> None:
        self.result = result
        super().__init__(
            f"{len(result.seeds)} runs had finished and {len(result.cancelled)} were cancelled; "
            "the finished ones are in this exception's .result (import sys; "
            "sys.last_value.result)"
        )

    def __reduce__(self) -> tuple[type[RunsInterrupted], tuple[Any]]:
        return type(self), (self.result,)


class SeedmagicWarning(UserWarning):
    """Base of every warning that seedmagic gives."""


class UnseededWarning(SeedmagicWarning):
    """A cell drew numbers that no seed controls, or made a NumPy generator without a seed."""


for _public in [*__all__]:
    globals()[_public].__module__ = "seedmagic"
