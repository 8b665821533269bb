"""Register sources of one's own, whatever was seeded under their names before."""

from __future__ import annotations

from seedmagic.errors import SourceError
from seedmagic.session import in_force
from seedmagic.sources.known import drawing_calls
from seedmagic.sources.known.registry import check, class_of, listed, put_in, sources, take_out
from seedmagic.sources.protocol import Source


def register_source(source: Source) -> None:
    """Let seedmagic seed, show and put back one more library.

    Registering draws, seeds and changes nothing. A library that is imported later is seeded at
    that moment if a seed is in force; one that is imported already, by the next seeding.

    Parameters
    ----------
    source : object
        With ``name``, ``module`` (the module whose import brings the generators) and
        ``seed(seed)``; and, where it can be put back, ``get_state()`` and ``set_state(state)``.
        A state is made of bytes, str, int, float, bool, None, ndarray, and lists, tuples and
        dicts of them.

    Raises
    ------
    SourceError
        A member is missing, or another kind of source has the name already. A source of the same
        class replaces the former one, so that the cell that registers it can be run again.

    Examples
    --------
    >>> import seedmagic as sm
    >>> class Mimesis:
    ...     name = "mimesis"
    ...     module = "mimesis.random"
    ...
    ...     def seed(self, seed):
    ...         import mimesis.random
    ...
    ...         mimesis.random.global_seed = seed
    >>> sm.register_source(Mimesis())
    >>> sm.unregister_source("mimesis")
    """
    check(source)
    former = sources().get(source.name)
    if former is not None and class_of(former) != class_of(source):
        raise SourceError(
            f"the name {source.name!r} is taken by {former!r}. Choose another, or call "
            f"seedmagic.unregister_source({source.name!r}) first. Nothing was changed."
        )
    put_in(source)
    drawing_calls.follow()
    if former is not source:
        _forget_seeding(source.name)


def unregister_source(name: str) -> None:
    """Forget a source; its generators stay as they are.

    Parameters
    ----------
    name : str
        As in `sources`.

    Raises
    ------
    SourceError
        No source has this name.
    """
    if name not in sources():
        raise SourceError(f"there is no source {name!r}: {listed(sources())} are registered.")
    take_out(name)
    drawing_calls.follow()
    _forget_seeding(name)


def _forget_seeding(name: str) -> None:
    """Nobody has seeded what comes under a name that another source had."""
    in_force.note(name, None)
