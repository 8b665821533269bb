"""Record every torch operation of a piece of code, so that two runs can be compared.

torch has `torch.utils._debug_mode.DebugMode`, which is private, keeps every call as an object, and
hashes with an XOR or a norm, which do not see the order of elements.
"""

from __future__ import annotations

import sys
import threading
from array import array
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from seedmagic.code.cell_frames import line_in_files
from seedmagic.imports import is_loaded, loaded
from seedmagic.objects.kinds.tensors import has_own_dispatch
from seedmagic.private_names import find
from seedmagic.verify.operations.operation_call import Call
from seedmagic.verify.operations.operation_record import Operation, Record, Stream
from seedmagic.verify.operations.operation_signature import Signature, read_signature
from seedmagic.verify.operations.unfilled_memory import Uninitialised


@contextmanager
def record_operations(
    cell_file: str | Mapping[str, int], most: int = sys.maxsize
) -> Iterator[Record]:
    """Record the torch operations of this thread, and of the backward passes that it starts.

    Every operation's tensors are read, before and after; nothing else is changed: nothing is drawn,
    and autograd sees nothing. On an accelerator each reading waits for the device. What
    ``torch.compile`` compiled runs as it would, and is not seen into (before torch 2.9 it runs
    uncompiled instead); other threads, DataLoader workers and CUDA graphs are not seen at all.

    Parameters
    ----------
    cell_file : str or mapping of str to int
        The file name that the cell's code was compiled with; lines are of it. Or several, each
        with the number of the cell's lines that come before its first: the cell's own, and then
        names that others share, under which only code outside functions is the cell's.
    most : int
        How many operations are written down. Those that run after them are only run, as they are
        after one that could not be read.

    Yields
    ------
    Record
        What ran so far; complete once the block is left, however it is left.

    Examples
    --------
    >>> import torch
    >>> from seedmagic.verify.operations.operation_recorder import record_operations
    >>> with record_operations("<cell>") as record:
    ...     _ = torch.ones(3) + 1
    >>> len(record)
    2
    """
    record = Record()
    mode = recording_mode(record, cell_file, most) if is_loaded("torch") else None
    if mode is None:
        yield record
        return
    with mode:
        try:
            yield record
        finally:
            record.may_hold_compiled = has_compiled()


def recording_mode(
    record: Record, cell_file: str | Mapping[str, int], most: int = sys.maxsize
) -> Any:
    """Give the mode under which torch's operations are written to `record`; None: there is none."""
    files = {cell_file: 0} if isinstance(cell_file, str) else dict(cell_file)
    mode = _make_mode()
    return None if mode is None else mode(_Recorder(record, files, most))


def has_compiled() -> bool:
    """Whether anything was compiled in this process; nothing tells whether it ran."""
    if not is_loaded("torch._dynamo.utils"):
        return False
    counters = find(loaded("torch._dynamo.utils"), "counters") or {}
    return bool(counters.get("stats", {}).get("unique_graphs", 0))


def _make_mode() -> Any:
    """Define the mode; its base class is torch's, which may come late."""
    lost = "which torch operations ran"
    holder = find(loaded("torch").utils, "_python_dispatch", lost)
    base: Any = holder and find(holder, "TorchDispatchMode", lost)
    if base is None:
        return None

    class Recording(base):  # type: ignore[misc]  # torch ships no types that are read
        supports_higher_order_operators = True

        def __init__(self, recorder: _Recorder) -> None:
            super().__init__()
            self._recorder = recorder

        @classmethod
        def ignore_compile_internals(cls) -> bool:
            # Else whatever is compiled would run eagerly, and round in other ways.
            return True

        @classmethod
        def _should_skip_dynamo(cls) -> bool:
            # torch imports Dynamo, 2 s, to keep it from compiling us: needless where it is not in.
            return is_loaded("torch._dynamo")

        def __torch_dispatch__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            if any(map(has_own_dispatch, types)):
                # The subclass's own code runs next, and we see what it does.
                return NotImplemented
            return self._recorder.run(func, args, kwargs or {})

    return Recording


class _Recorder:
    """Runs operations and writes down what went in and what came out."""

    def __init__(self, record: Record, files: Mapping[str, int], most: int) -> None:
        self._torch = loaded("torch")
        self._record = record
        self._files = files
        self._most = most
        self._thread = threading.get_ident()
        self._lock = threading.Lock()
        self._empty = Uninitialised()
        self._sequence = getattr(self._torch._C._autograd, "_get_sequence_nr", None)
        self._node = getattr(self._torch._C, "_current_autograd_node", None)
        # The line of the forward operation that made each node of autograd's graph, by number.
        self._lines = array("i")
        self._first_node = self._sequence() if self._sequence else 0
        self._signatures: dict[Any, Signature] = {}

    def run(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        begun = None if self._record.is_cut else self._begin(func, args, kwargs)
        if begun is None:
            return func(*args, **kwargs)
        try:
            result = func(*args, **kwargs)
        except BaseException as error:
            self._end(begun, error)
            raise
        self._end(begun, result)
        return result

    def _is_capturing(self) -> bool:
        cuda = self._torch.cuda
        return bool(cuda.is_initialized() and cuda.is_current_stream_capturing())

    def _begin(
        self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[Call, int, int] | None:
        """Read what goes into an operation; None for one that is not written down."""
        if len(self._record) >= self._most:
            self._record.is_cut = True
            return None
        try:
            if self._is_capturing():  # to read a tensor would end the capture with an error
                return None
            signature = self._signatures.get(func)
            if signature is None:
                signature = self._signatures[func] = read_signature(func)
            if signature.name.startswith("profiler::"):  # a mark of torch's own, no computation
                return None
            call = Call(signature, args, kwargs, self._empty)
            line = self._line()
            return call, line, call.digest_inputs()
        except Exception:  # ours, and not the error of the code that runs
            self._record.is_cut = True
            return None

    def _end(self, begun: tuple[Call, int, int], result: Any) -> None:
        """Read what came out of it, an error or a result, and write it down."""
        call, line, inputs = begun
        is_read = not call.unread
        try:
            if isinstance(result, BaseException):
                outputs = call.digest_error(result)
            else:
                outputs = call.digest_outputs(result, line)
            self._note(call, line, inputs, outputs, is_read)
        except Exception:  # as above
            self._record.is_cut = True

    def _note(self, call: Call, line: int, inputs: int, outputs: int, is_read: bool) -> None:
        forward = self._forward_line(line)
        threads = self._torch.get_num_threads()
        with self._lock:
            for what in call.unread:
                self._record.unread[what] = self._record.unread.get(what, 0) + 1
            if call.signature.is_empty or not is_read:
                # It could be blamed for what its arguments held, or says nothing; and a DataLoader
                # does both when a worker hands something over, which is a matter of chance.
                return
            stream = self._stream(call.device)
            if call.stale is not None:
                stream.stale[len(stream)] = call.stale
            operation = Operation(call.signature, call.device.partition(":")[0])
            number = self._record.count_one()
            stream.add(operation, line, forward, inputs, outputs, threads, number)

    def _stream(self, device: str) -> Stream:
        # Each device has a thread of autograd's own, and their turns are not those of last time.
        is_ours = threading.get_ident() == self._thread
        return self._record.streams.setdefault("" if is_ours else device, Stream())

    def _forward_line(self, line: int) -> int:
        """Give the line of the forward operation whose backward runs; 0 in the forward itself."""
        if self._sequence is None or self._node is None:
            return 0
        if threading.get_ident() == self._thread:
            # An operation that made a node is the first to meet its number.
            while len(self._lines) < self._sequence() - self._first_node:
                self._lines.append(line)
        node = self._node()
        at = node._sequence_nr() - self._first_node if node is not None else -1
        return self._lines[at] if 0 <= at < len(self._lines) else 0

    def _line(self) -> int:
        line = line_in_files(sys._getframe(1), self._files)
        if line is None and threading.get_ident() != self._thread:
            # In a thread of autograd's, whose starter waits in the cell's own line.
            line = line_in_files(sys._current_frames().get(self._thread), self._files)
        return line or 0
