"""torch's default generator on the CPU, and what it shares with those of devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from seedmagic.errors import StateError
from seedmagic.imports import is_loaded, loaded
from seedmagic.sources.protocol import State
from seedmagic.sources.torch_bytes import check_bytes, to_bytes, to_tensor

if TYPE_CHECKING:
    from seedmagic.sources.torch_memory import TorchReader


class TorchSource:
    """torch's default CPU generator."""

    name = "torch"
    module = "torch"

    def __init__(self) -> None:
        self._tried: object = None
        self._reader: TorchReader | None = None

    @property
    def infallible(self) -> bool:
        """Whether the generator is torch's own, and none that a user put in its place."""
        torch = loaded("torch")
        return type(torch.default_generator) is torch.Generator

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
            from seedmagic.sources.torch_memory import TorchReader, is_readable

            self._tried = generator
            self._reader = TorchReader(generator) if is_readable(generator) else None
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
