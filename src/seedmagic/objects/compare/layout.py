"""Which strides say something: how the elements of a dense array follow one another in memory."""

from __future__ import annotations

import itertools
from collections.abc import Sequence


def strides_that_matter(shape: Sequence[int], strides: Sequence[int]) -> tuple[int, ...] | None:
    """Give the order of the axes in memory, by which later operations choose their algorithms.

    Parameters
    ----------
    shape : sequence of int
        Of an array.
    strides : sequence of int
        Of the same, in elements or in bytes.

    Returns
    -------
    tuple of int or None
        The axes longer than 1, from the widest step to the narrowest. None for a view with gaps or
        overlaps, since no copy of it has the same strides.
    """
    axes = [axis for axis in range(len(shape)) if shape[axis] > 1]
    axes.sort(key=lambda axis: -strides[axis])
    for outer, inner in itertools.pairwise(axes):
        if strides[outer] != strides[inner] * shape[inner]:
            return None
    return tuple(axes)
