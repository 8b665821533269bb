"""Generators of one's own, derived from the seed in force: for threads, and what must not share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seedmagic.seeds import Key, derive_bits, derive_seed
from seedmagic.session.seeding import seed_in_force

if TYPE_CHECKING:
    import numpy
    import torch


def generator(*key: Key) -> numpy.random.Generator:
    """Make a NumPy generator at its start, from the seed in force and a key.

    Every call with the same seed and key gives the same numbers, in any thread, whatever was
    drawn before. Work in threads, which must not share the global generators, takes one each.

    Parameters
    ----------
    *key : str, bytes, int or float
        What the numbers are for, as in `derive_seed`.

    Returns
    -------
    numpy.random.Generator
        A PCG64, seeded with 128 bits.

    Raises
    ------
    SeedError
        No seed is in force, or `key` is no key.

    Examples
    --------
    >>> import seedmagic as sm
    >>> _ = sm.seed_everything(42)
    >>> sm.generator("augment").random() == sm.generator("augment").random()
    True
    """
    bits = derive_bits(seed_in_force("generator()"), *key)
    import numpy as np

    return np.random.Generator(np.random.PCG64(bits))


def torch_generator(*key: Key, device: str | torch.device = "cpu") -> torch.Generator:
    """Make a torch generator at its start, from the seed in force and a key.

    Parameters
    ----------
    *key : str, bytes, int or float
        What the numbers are for, as in `derive_seed`.
    device : str or torch.device, default "cpu"
        Where it is to draw. A generator on a device initialises the device.

    Returns
    -------
    torch.Generator
        Seeded with ``derive_seed(seed, *key)``: torch's CPU generator uses 32 bits.

    Raises
    ------
    SeedError
        No seed is in force, or `key` is no key.

    Examples
    --------
    >>> import torch
    >>> import seedmagic as sm
    >>> _ = sm.seed_everything(42)
    >>> one = torch.rand(3, generator=sm.torch_generator("init"))
    >>> torch.equal(one, torch.rand(3, generator=sm.torch_generator("init")))
    True
    """
    seed = derive_seed(seed_in_force("torch_generator()"), *key)
    import torch

    return torch.Generator(device).manual_seed(seed)
