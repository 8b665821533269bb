"""Check a seed, draw a fresh one, and derive children from it."""

from __future__ import annotations

import operator
import os
import struct
from reprlib import repr as short_repr
from typing import SupportsIndex

from seedmagic.errors import SeedError

# np.random.seed takes no more, and torch's CPU generator uses no more than these 32 bits.
MAX_SEED = 2**32 - 1
ACCEPTED = f"an integer from 0 to {MAX_SEED}"

Key = str | bytes | float | SupportsIndex


def check_seed(value: object) -> int:
    """Give `value` as a plain int, or say why it is no seed.

    Parameters
    ----------
    value : object
        Anything with ``__index__`` but a bool, 0 ≤ value ≤ 4294967295.

    Returns
    -------
    int
        The seed.

    Raises
    ------
    SeedError
        `value` is something else; the message says what came and what is accepted.
    """
    try:
        # torch and NumPy booleans have __index__ too, and are as little meant as True is.
        is_bool = isinstance(value, bool) or "bool" in str(getattr(value, "dtype", ""))
        number = None if is_bool else operator.index(value)  # type: ignore[arg-type]
    except Exception:
        number = None
    if number is None or not 0 <= number <= MAX_SEED:
        raise SeedError(
            f"{describe(value)} is not a seed: {ACCEPTED} is accepted. Nothing was changed."
        )
    return number


def describe(value: object) -> str:
    """Write what came for a message: short, with its type, whatever its repr does."""
    try:
        # Python writes no int of more than 4300 digits, and from 3.14 on its address instead.
        digits = int.bit_length(value) * 0.30103 if isinstance(value, int) else 0
        written = short_repr(value) if digits < 1000 else f"a number of some {digits:.0f} digits"
    except Exception:
        written = "a value that cannot be written"
    return f"{written} ({type(value).__name__})"


def fresh_seed() -> int:
    """Draw a seed from the operating system; no generator is touched."""
    return int.from_bytes(os.urandom(4), "little")


def derive_seed(seed: SupportsIndex, *key: Key) -> int:
    """Make a stable child seed from a seed and a key.

    Parameters
    ----------
    seed : int
        The parent, 0 ≤ seed ≤ 4294967295.
    *key : str, bytes, int or float
        One or more parts that name the child. Types count: ``3`` and ``"3"`` are different keys.

    Returns
    -------
    int
        The child, 0 ≤ child ≤ 4294967295: the first 32 bits of the BLAKE2b hash [1]_ of the seed
        and the key. The same on every machine, in every process and Python version.

    Raises
    ------
    SeedError
        `seed` is no seed, `key` is empty, or a part of it has another type.

    References
    ----------
    .. [1] RFC 7693, "The BLAKE2 Cryptographic Hash and Message Authentication Code".

    Examples
    --------
    >>> import seedmagic as sm
    >>> [sm.derive_seed(42, "fold", i) for i in range(3)]
    [471407618, 1896583240, 3548342674]
    """
    return derive_bits(seed, *key) & MAX_SEED


def derive_bits(seed: SupportsIndex, *key: Key) -> int:
    """Derive 128 bits as `derive_seed` derives 32, for generators that take that many."""
    from hashlib import blake2b

    if not key:
        raise SeedError("a key is needed beside the seed, as in derive_seed(42, 'fold', 3).")
    digest = blake2b(check_seed(seed).to_bytes(4, "little"), digest_size=16, person=b"seedmagic")
    for part in key:
        tagged = _encode(part)
        # The length before each part keeps ("ab", "c") and ("a", "bc") apart.
        digest.update(len(tagged).to_bytes(8, "little") + tagged)
    return int.from_bytes(digest.digest(), "little")


def _encode(part: object) -> bytes:
    if isinstance(part, str):
        return b"s" + part.encode("utf-8", "surrogatepass")
    if isinstance(part, bytes):
        return b"b" + part
    if isinstance(part, float):
        return b"f" + struct.pack("<d", part)
    if not isinstance(part, bool):
        try:
            return b"i" + str(operator.index(part)).encode()  # type: ignore[arg-type]
        except (TypeError, ValueError):  # ValueError: Python writes no more than 4300 digits
            pass
    raise SeedError(
        f"{describe(part)} cannot be part of a key: str, bytes, int and float are accepted."
    )
