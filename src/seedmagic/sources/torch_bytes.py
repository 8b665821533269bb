"""A torch generator's state as bytes and as a tensor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seedmagic.errors import StateError
from seedmagic.imports import is_loaded, loaded

if TYPE_CHECKING:
    import torch


# A CPU generator's state has 5056 bytes, a CUDA generator's 16; no kind of device needs many more.
_LARGEST = 65536


def to_bytes(state: torch.Tensor) -> bytes:
    """Give what a generator's ``get_state`` gave as bytes."""
    if not is_loaded("numpy"):  # which Tensor.numpy() would import, and the user may not have
        return bytes(state.tolist())
    try:
        return bytes(state.numpy())
    except RuntimeError:  # this torch was built for another NumPy, or for none
        return bytes(state.tolist())


def to_tensor(state: bytes) -> torch.Tensor:
    """Give bytes as a generator's ``set_state`` takes them."""
    torch = loaded("torch")
    return torch.frombuffer(bytearray(state), dtype=torch.uint8)


def check_bytes(state: object) -> None:
    """Check type and size."""
    if not isinstance(state, bytes) or not 0 < len(state) <= _LARGEST:
        raise StateError("not the bytes of a torch generator")
