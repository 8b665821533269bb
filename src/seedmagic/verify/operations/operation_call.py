"""One call of a torch operation: fingerprints of what went in and of what came out."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from seedmagic.imports import loaded
from seedmagic.objects.fingerprints.tensor_digest import Digest, tensor_digest
from seedmagic.private_names import find
from seedmagic.verify.operations.operation_signature import Signature
from seedmagic.verify.operations.unfilled_memory import Uninitialised


class Call:
    """A call of an operation, before and after.

    Parameters
    ----------
    signature : Signature
        Of the operation.
    args, kwargs : tuple, dict
        What it is called with.
    empty : Uninitialised
        The memory that nobody filled; kept up to date.

    Attributes
    ----------
    device : str
        Of the first tensor, ``cuda:0``; empty if there is none.
    stale : int or None
        The line that made memory which is read here before it was filled, at least as a whole.
    unread : set of str
        The kinds of tensors whose contents could not be read, and of other things.
    """

    def __init__(
        self,
        signature: Signature,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        empty: Uninitialised,
    ) -> None:
        self.signature = signature
        self.device = ""
        self.stale: int | None = None
        self.unread: set[str] = set()
        names = signature.arguments or map(str, range(len(args)))
        self._arguments = {**dict(zip(names, args, strict=False)), **kwargs}
        self._empty = empty
        self._tensor = loaded("torch").Tensor
        self._generator = loaded("torch").Generator
        self._is_lazy = loaded("torch").nn.parameter.is_lazy

    def digest_inputs(self) -> int:
        """Fingerprint the arguments, as far as what lies in them matters."""
        digest = Digest()
        with _undisturbed():
            for name, value in self._arguments.items():
                digest.update(name.encode())
                for leaf in _leaves(value):
                    self._add(digest, leaf, with_contents=self._is_read(name, leaf))
        return digest.value()

    def digest_outputs(self, result: Any, line: int) -> int:
        """Fingerprint the results, and the arguments that were written to."""
        digest = Digest()
        kind = self.signature
        with _undisturbed():
            results = list(_leaves(result))
            given = {id(leaf) for each in self._arguments.values() for leaf in _leaves(each)}
            new = [each for each in results if self._is_tensor(each) and id(each) not in given]
            if kind.is_empty:
                self._empty.made(filter(self._is_tensor, results), line)
            elif not kind.is_view:
                self._empty.replaced(new)
            is_known = not (kind.is_view or kind.is_empty)
            for place, part in enumerate(result if isinstance(result, tuple) else (result,)):
                for leaf in _leaves(part):
                    if not self._is_tensor(leaf) or id(leaf) not in given:
                        known = is_known and place not in kind.scratch_results
                        self._add(digest, leaf, with_contents=known)
            for name in kind.arguments:
                if name in kind.written:
                    self._add_written(digest, name)
        return digest.value()

    def digest_error(self, error: BaseException) -> int:
        """Fingerprint a failure, by its class."""
        digest = Digest()
        digest.update(type(error).__qualname__.encode())
        return digest.value()

    def _add_written(self, digest: Digest, name: str) -> None:
        for leaf in _leaves(self._arguments.get(name)):
            if not self._is_tensor(leaf):
                continue
            is_whole = name in self.signature.overwritten and not self.signature.is_empty
            if is_whole:
                self._empty.filled(leaf)
            # A part of memory that nobody filled says nothing, written or not.
            is_known = is_whole or self._empty.line_of(leaf) is None
            self._add(digest, leaf, with_contents=is_known)

    def _is_read(self, name: str, leaf: Any) -> bool:
        """Whether what an argument holds decides about the results."""
        kind = self.signature
        if not self._is_tensor(leaf) or kind.is_view or kind.is_empty:
            return False
        if name in kind.overwritten or name in kind.scratch:
            return False
        line = self._empty.line_of(leaf)
        if line is not None and name in kind.written:
            return False
        if line is not None:
            self.stale = line
        return True

    def _is_tensor(self, value: object) -> bool:
        return isinstance(value, self._tensor)

    def _add(self, digest: Digest, value: Any, *, with_contents: bool) -> None:
        if not self._is_tensor(value):
            # Generators and the like: their text holds an address.
            plain = isinstance(value, (int, float, complex, str, bytes, type(None)))
            text = repr(value) if plain or type(value).__module__ == "torch" else ""
            text = "" if "0x" in text or " at " in text else text
            if not text and not isinstance(value, self._generator):
                self.unread.add(f"a {type(value).__name__}")
            bits = struct.pack("<d", value) if type(value) is float else text.encode()
            digest.update(type(value).__name__.encode() + bits)
            return
        self.device = self.device or str(value.device)
        if self._is_lazy(value):
            return
        try:
            shape = "" if value.is_nested else tuple(value.shape)
            digest.update(f"{value.dtype}{shape}{value.layout}".encode())
            digest.update(str(value.device).encode())
            if with_contents:
                digest.add(tensor_digest(value))
        except Exception:  # an exotic kind; the user's operation itself went well
            self.unread.add(f"{value.layout} tensors".removeprefix("torch."))


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, tuple)):
        for each in value:
            yield from _leaves(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    else:
        yield value


def _undisturbed() -> ExitStack:
    """Work with tensors unseen by autograd and by whatever modes and subclasses are at work."""
    torch = loaded("torch")
    stack = ExitStack()
    for name in ("DisableTorchFunction", "_DisableTorchDispatch"):
        guard = find(torch._C, name)
        if guard is not None:
            stack.enter_context(guard())
    stack.enter_context(torch.no_grad())
    return stack
