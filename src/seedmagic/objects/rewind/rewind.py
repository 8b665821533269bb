"""Put models, optimisers, arrays and all that they hold back as they were, in place."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from seedmagic.errors import RewindError

if TYPE_CHECKING:
    from typing_extensions import Self

    from seedmagic.objects.rewind.capture import Capture


class rewind:  # noqa: N801 - a context manager that reads as a verb, like preserve
    """Keep how objects are now, and put them back in place, as often as asked.

    Everything that the objects hold goes back with them, whichever way it is shared: tensors (their
    elements, and the memory, shape, strides, ``.grad`` and ``requires_grad`` that they had),
    modules and optimisers with all their attributes, plain instances through ``__dict__`` and
    ``__slots__``, lists, dicts in their order, sets, deques, bytearrays, NumPy's arrays, the
    generators of ``random``, NumPy and torch, pandas' frames. No object is replaced by another: an
    optimiser still steps the parameters of its model. Nothing is drawn, no device is woken.

    An object's class goes back too (``o.__class__ = B``, a layer that gets a parametrization), and
    so do functions, classes and modules of the user's own, with their attributes and with the
    variables that they have caught. What never changes needs nothing: numbers, text, tuples of
    such, functions, classes and modules of libraries. Tools that an object holds are left as they
    are: locks, threads, streams of the console; of loggers the settings go back. What only goes
    forward (an iterator, a file, a socket, a coroutine) is refused wherever it is held, and so is
    what is written in C and shows nothing of itself, unless its holder has ``state_dict`` and
    ``load_state_dict``.

    Two things only their library can tell: a graph of autograd that ``backward()`` has used up is
    not there again, so compute the loss where it is used; and NumPy's ``a.resize(…)`` refuses an
    array that anybody else holds, as a rewind does, unless it is called with ``refcheck=False``.

    Parameters
    ----------
    objects : object
        One object; a list or tuple of objects; or a dict that gives each its name in messages.
        A list or dict is an object too, and is put back itself.

    Raises
    ------
    RewindError
        Something that the objects hold cannot be rewound, they hold more than 2,000,000 objects
        that are not plain values, to look at them takes more than 20 s, or memory is not
        sufficient for the copies. Nothing was changed.

    Examples
    --------
    >>> import torch
    >>> import seedmagic as sm
    >>> model = torch.nn.Linear(2, 1)
    >>> start = sm.rewind(model)
    >>> with torch.no_grad():
    ...     _ = model.weight.zero_()
    >>> start.rewind()
    >>> bool(model.weight.any())
    True

    As a context manager, it puts the objects back at the end, whatever happened inside:

    >>> losses = [0.5]
    >>> with sm.rewind(losses):
    ...     losses.append(0.25)
    >>> losses
    [0.5]
    """

    def __init__(self, objects: Any) -> None:
        from seedmagic.objects.rewind.capture import capture

        self._names = tuple(name_objects(objects))
        self._capture: Capture | None = capture(roots(objects))

    def __repr__(self) -> str:
        return f"rewind of {', '.join(self._names) or 'nothing'} ({self.nbytes:,} bytes)"

    @property
    def names(self) -> tuple[str, ...]:
        """Name the objects, as messages do."""
        return self._names

    @property
    def nbytes(self) -> int:
        """Give the bytes that the copies take; 0 after `release`."""
        return self._capture.nbytes if self._capture else 0

    def rewind(self) -> None:
        """Put everything back.

        Raises
        ------
        RewindError
            Something could not be put back; `RewindError.failures` says what and why. All else
            was. Or the copies were released.
        """
        if self._capture is None:
            raise RewindError("the copies were released: nothing can be put back.")
        failures = self._capture.put_back()
        if failures:
            told = "; ".join(f"{place}: {reason}" for place, reason in failures.items())
            raise RewindError(f"could not put back {told}. Everything else was put back.", failures)

    def release(self) -> None:
        """Free the copies; the objects stay as they are."""
        self._capture = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._capture is not None:
            self.rewind()


def name_objects(objects: Any) -> dict[str, Any]:
    """Give the objects that were meant, each with a name."""
    if isinstance(objects, Mapping) and all(isinstance(name, str) for name in objects):
        return dict(objects)
    if type(objects) in (list, tuple):
        return {f"objects[{number}]": item for number, item in enumerate(objects)}
    return {type(objects).__name__: objects}


def roots(objects: Any) -> dict[str, Any]:
    """Give the objects that were meant and, last, what they were given in."""
    named = name_objects(objects)
    if any(item is objects for item in named.values()):
        return named
    free = "objects" if "objects" not in named else "the dict of objects"
    return {**named, free: objects}
