"""torch's default generator on the CPU, and what it shares with those of devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from seedmagic.errors import StateError
from seedmagic.imports import is_loaded, loaded
from seedmagic.sources.protocol import State

if TYPE_CHECKING:
    import torch

    from seedmagic.sources.torch_memory import Reader

# A CPU generator's state has 5056 bytes, a CUDA generator's 16; no kind of device needs many more.
_LARGEST = 65536


class TorchSource:
    """torch's default CPU generator."""

    name = "torch"
    module = "torch"
    infallible = True

    def __init__(self) -> None:
        self._tried: object = None
        self._reader: Reader | None = None

    def seed(self, seed: int) -> None:
        """Do for the CPU what ``torch.manual_seed(seed)`` does for every device.

        The function formats a stack trace for each sleeping device, the generator's method none.
        """
        torch = loaded("torch")
        torch.default_generator.manual_seed(seed)

    def get_state(self) -> State:
        """Give the generator's state as bytes."""
        torch = loaded("torch")
        return to_bytes(torch.default_generator.get_state())

    def look(self, last: object) -> object:
        """Give the state as it lies in memory, or as bytes where it cannot be read there."""
        generator = loaded("torch").default_generator
        if generator is not self._tried:
            from seedmagic.sources.torch_memory import Reader, is_readable

            self._tried = generator
            self._reader = Reader(generator) if is_readable(generator) else None
        return self.get_state() if self._reader is None else self._reader.look()

    def state_of(self, seen: Any) -> State:
        """Make of what `look` gave what `get_state` would have given."""
        if isinstance(seen, bytes):
            return seen
        from seedmagic.sources.torch_memory import to_state

        return to_state(seen)

    def given_seed(self) -> int:
        """Give ``torch.initial_seed()``, which changes when the generator is seeded."""
        return int(loaded("torch").initial_seed())

    def set_state(self, state: State) -> None:
        """Put back a state of `get_state`; torch itself refuses every other."""
        torch = loaded("torch")
        torch.default_generator.set_state(to_tensor(state))

    def check_state(self, state: State) -> None:
        """Check the size and, where torch is imported, try `state` on a generator of its own."""
        check_bytes(state)
        if is_loaded("torch"):
            torch = loaded("torch")
            try:
                torch.Generator().set_state(to_tensor(state))
            except RuntimeError as error:
                raise StateError(f"not a state of torch's CPU generator: {error}") from error


def to_bytes(state: torch.Tensor) -> bytes:
    """Give what a generator's ``get_state`` gave as bytes."""
    import ctypes

    # Tensor.numpy() would import NumPy, which the user may not have.
    return ctypes.string_at(state.data_ptr(), state.numel())


def to_tensor(state: bytes) -> torch.Tensor:
    """Give bytes as a generator's ``set_state`` takes them."""
    torch = loaded("torch")
    return torch.frombuffer(bytearray(state), dtype=torch.uint8)


def check_bytes(state: object) -> None:
    """Check type and size."""
    if not isinstance(state, bytes) or not 0 < len(state) <= _LARGEST:
        raise StateError("not the bytes of a torch generator")
