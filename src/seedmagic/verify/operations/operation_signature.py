"""What an operation does with its arguments, as far as torch's schema of it tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from seedmagic.imports import loaded
from seedmagic.private_names import find

# Their results are whatever lay in memory.
_EMPTY = {
    "empty",
    "empty_like",
    "empty_strided",
    "empty_permuted",
    "empty_quantized",
    "new_empty",
    "new_empty_strided",
    "_empty_affine_quantized",
    "_empty_per_channel_affine_quantized",
    "resize_",
    "resize_as_",
    "_resize_output_",
}
# What they write does not depend on what was there.
_OVERWRITING = {
    "zero_",
    "fill_",
    "copy_",
    "set_",
    "uniform_",
    "normal_",
    "random_",
    "exponential_",
    "bernoulli_",
    "log_normal_",
    "cauchy_",
    "geometric_",
    "_foreach_zero_",
    "_foreach_copy_",
}
# They give what Python handed to torch, so their contents are news.
_LIFTING = {"lift", "lift_fresh"}
# Working memory that goes from an operation to its backward, and is not written to as a whole.
_SCRATCH = {"workspace", "reserve", "reserveSpace", "reservedSpace", "unused", "debug_attn_mask"}
_SCRATCH |= {"philox_seed", "philox_offset", "rng_state"}
# Where it stands among results that have no names.
_SCRATCH_RESULTS = {
    "mkldnn_rnn_layer": 3,
    "_cudnn_rnn": 3,
    "miopen_rnn": 3,
    "cudnn_batch_norm": 3,
    "_batch_norm_with_update": 3,
    "_batch_norm_with_update_functional": 3,
    "_batch_norm_no_update": 3,
}


@dataclass(frozen=True)
class Signature:
    """One operation.

    Attributes
    ----------
    name : str
        As in ``aten::index_add_``.
    overload : str
        As in ``Tensor``; empty for most.
    arguments : tuple of str
        Their names, in order.
    written : frozenset of str
        Those that it writes to.
    overwritten : frozenset of str
        Those whose former contents do not matter.
    scratch : frozenset of str
        Those that are working memory.
    scratch_results : frozenset of int
        The results that are, by their place.
    is_view, is_empty, is_random : bool
        Whether its results are views of its arguments, hold whatever was in memory, or are drawn.
    """

    name: str
    overload: str = ""
    arguments: tuple[str, ...] = ()
    written: frozenset[str] = frozenset()
    overwritten: frozenset[str] = frozenset()
    scratch: frozenset[str] = frozenset()
    scratch_results: frozenset[int] = frozenset()
    is_view: bool = False
    is_empty: bool = False
    is_random: bool = False


def read_signature(func: Any) -> Signature:
    """Read torch's schema of an operation; one of a higher order has none."""
    schema = find(func, "_schema")
    if schema is None:
        return Signature(func.name() if hasattr(func, "name") else str(func))
    base = schema.name.rpartition("::")[2]
    written = frozenset(
        each.name for each in schema.arguments if each.alias_info and each.alias_info.is_write
    )
    outs = {each.name for each in schema.arguments if each.name in written and each.is_out}
    aliases = [each.alias_info for each in schema.returns]
    return Signature(
        schema.name,
        schema.overload_name,
        tuple(each.name for each in schema.arguments),
        written,
        written if base in _OVERWRITING else frozenset(outs),
        frozenset(each.name for each in schema.arguments if each.name in _SCRATCH),
        frozenset(
            place
            for place, each in enumerate(schema.returns)
            if each.name in _SCRATCH or _SCRATCH_RESULTS.get(base) == place
        ),
        bool(aliases) and all(a and not a.is_write for a in aliases) and base not in _LIFTING,
        base in _EMPTY,
        loaded("torch").Tag.nondeterministic_seeded in func.tags,
    )
