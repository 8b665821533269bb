"""Record, inside a kernel under verification, what each cell drew, seeded with, asked for and read.

It is fed with the beginning and end of each cell. It prints nothing and draws nothing, and what
goes wrong in it is never the cell's error: the cell then has less evidence.
"""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from types import FrameType, FunctionType, ModuleType
from typing import Any

from seedmagic.code.cell_frames import line_in, outward
from seedmagic.code.names_in_code import names_of, reachable_names, shell_calls
from seedmagic.objects.fingerprints.bounded_fingerprint import BoundedFingerprints
from seedmagic.session import in_force, late_sources
from seedmagic.sources.known.registry import present_sources
from seedmagic.sources.protocol import is_stateful
from seedmagic.status.status_reading import look
from seedmagic.verify.witness.evidence import DrawEvidence, Evidence, SeedingEvidence, SystemCall
from seedmagic.verify.witness.generator_seeds import FROM_SYSTEM, OwnGenerators
from seedmagic.verify.witness.library_threads import (
    IN_DUCKDB,
    IN_NUMBA,
    draws_in_threads,
    line_of,
)
from seedmagic.verify.witness.outside_calls import FUNCTIONS, GENERATORS
from seedmagic.verify.witness.system_calls import IsUsers, Outside
from seedmagic.verify.witness.workers.worker_calls import MODULES, WorkerCalls
from seedmagic.watch.cell_ledger import CellRecord, Draw
from seedmagic.watch.forked_workers import forked_workers

# Each call is noted once a place; a loop over the clock needs no thousand notes.
_MOST = 50
_LIBRARIES = {"numpy", "torch", "scipy", "numba", "sklearn"}
# What asks for an RNG state, of these modules; and the magic that shows them.
_STATES = {"getstate", "get_state", "get_rng_state", "get_rng_state_all", "snapshot", "status"}
_OF = {"random", "numpy", "torch", "seedmagic"}
_SHOWS_STATES = "seedpanel"
_NOTHING: Mapping[str, int] = {}
_SHELLS_OWN = {"In", "get_ipython", "exit", "quit", "open"}


class Witness:
    """The record of the cell that runs, and the file that it goes to."""

    def __init__(self, file: Path, is_users: IsUsers) -> None:
        self._file = file.open("w", encoding="utf-8")
        self._tell({"hashed": hash("seedmagic"), "versions": look().versions})
        self.outside = Outside(is_users, self._note_asked)
        self._own = OwnGenerators(is_users, self._note_own)
        self._workers = WorkerCalls(self._line)
        self._number = -1
        self._namespace: dict[str, Any] = {}
        self._forget("")

    def start(self) -> None:
        """Begin to listen, to the end of the process."""
        self.outside.install()
        late_sources.also(FUNCTIONS.keys(), self.outside.install)
        self._own.install()
        late_sources.also({"numpy.random"}, self._own.install)
        self._workers.install()
        late_sources.also(MODULES, self._workers.install)
        in_force.observers.append(self)

    def before_change(self) -> None:
        """Nothing is to be seen before somebody seeds."""

    def after_change(self) -> None:
        """Note what somebody has just seeded, and what it holds now."""
        try:
            line = self._line(sys._getframe(1))
            for name in self._newly_seeded():
                seeded = in_force.current.seeded[name]
                number = seeded.seed if seeded.seed is not None else _states({name}).get(name)
                self._seedings.append(
                    SeedingEvidence(name, None if number is None else str(number), line)
                )
        except Exception:  # less evidence, and not the user's error
            return

    def begin(self, code: str, namespace: dict[str, Any]) -> None:
        """Begin the cell `code`, which runs in `namespace`."""
        self._number += 1
        self._namespace = namespace
        self._forget(code)
        self._workers.notes.begin()
        self._states = _states()

    def take_names(self, tree: ast.AST) -> None:
        """Take the fingerprints of what the code in `tree`, about to run, reads."""
        namespace = self._namespace
        reads, stores = names_of(tree)
        self._stores |= stores
        self._reads_states |= _reads_states(tree, namespace)
        names = reachable_names(reads, namespace) - _SHELLS_OWN
        self._names |= names
        taking = BoundedFingerprints()
        for name in sorted(names - self._inputs.keys()):
            value = namespace[name]
            if _holds_values(value):
                taken = taking.take(value)
                self._inputs[name] = (taken.digest, taken.complete)

    def end(
        self,
        record: CellRecord | None,
        operations: Mapping[str, Any] | None = None,
        possible: Mapping[str, int] = _NOTHING,
        sets: Iterable[int] = (),
    ) -> None:
        """End the cell, of which the watcher wrote `record`, and hand out what is known.

        `operations` is what was recorded of it; `possible` and `sets` what a close look has shown.
        """
        self.after_change()
        draws = record.draws if record else ()
        self._note_threads(draws)
        evidence = Evidence(
            draws=tuple(DrawEvidence(**asdict(draw)) for draw in draws),
            between=record.between if record else (),
            seedings=tuple(self._seedings),
            asked=tuple(self._asked),
            possible=tuple(SystemCall(what, line or None) for what, line in possible.items()),
            sets=tuple(sorted(sets)),
            workers=self._workers.notes.take(),
            alike=forked_workers.last.text if record and forked_workers.last else "",
            start=self._states,
            end=_states(),
            inputs=self._inputs,
            names=frozenset(self._names),
            stores=frozenset(self._stores),
            states=self._reads_states,
            libraries=frozenset(_LIBRARIES & sys.modules.keys()),
            watched=record is not None,
            text=self._code,
            number=self._number,
            operations=operations,
        )
        self._write(evidence.to_json())

    def _forget(self, code: str) -> None:
        self._code = code
        self._states = {}
        self._seedings: list[SeedingEvidence] = []
        self._asked: list[SystemCall] = []
        self._inputs: dict[str, tuple[str, bool]] = {}
        self._names: set[str] = set()
        self._stores: set[str] = set()
        self._reads_states = False
        self._seeded = dict(in_force.current.seeded)

    def _newly_seeded(self) -> list[str]:
        now, former = in_force.current.seeded, self._seeded
        self._seeded = dict(now)
        return [name for name, seeded in now.items() if former.get(name) is not seeded]

    def _note_asked(self, what: str, frame: FrameType) -> None:
        if what in GENERATORS:
            self._note_own(GENERATORS[what][0], FROM_SYSTEM, frame)
            return
        asked = SystemCall(what, self._line(frame))
        if asked not in self._asked and len(self._asked) < _MOST:
            self._asked.append(asked)

    def _note_threads(self, draws: Iterable[Draw]) -> None:
        """Note what may have drawn in threads of a library's own."""
        values = {name: self._namespace.get(name) for name in self._names}
        for name in draws_in_threads(values):
            self._asked.append(SystemCall(IN_NUMBA, line_of(name, self._code)))
        for draw in draws:
            if draw.source == "duckdb" and draw.seeded:
                self._asked.append(SystemCall(IN_DUCKDB, draw.line))

    def _note_own(self, what: str, number: str | None, frame: FrameType) -> None:
        if len(self._seedings) < _MOST:
            self._seedings.append(SeedingEvidence(what, number, self._line(frame)))

    def _line(self, frame: FrameType) -> int | None:
        return line_in(outward(frame), self._namespace, self._code)

    def _tell(self, plain: Mapping[str, Any]) -> None:
        import json

        self._write(json.dumps(plain))

    def _write(self, line: str) -> None:
        self._file.write(line + "\n")
        self._file.flush()


def _holds_values(value: object) -> bool:
    """Whether a variable's value may carry what differs between runs."""
    # isinstance() would ask a proxy for its class, and so run the user's code.
    if issubclass(type(value), FunctionType):
        return value.__closure__ is not None  # type: ignore[attr-defined]
    return not issubclass(type(value), (ModuleType, type))


def _reads_states(tree: ast.AST, namespace: dict[str, Any]) -> bool:
    """Whether a cell asks for the RNG states of sources: ``random.getstate()``, ``%seedpanel``."""
    for call in shell_calls(tree):
        first = call.args[0] if call.args else None
        if isinstance(first, ast.Constant) and first.value == _SHOWS_STATES:
            return True
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in _STATES:
            root: ast.expr = node
            while isinstance(root, ast.Attribute):
                root = root.value
            module = namespace.get(root.id) if isinstance(root, ast.Name) else None
            if type(module) is ModuleType and module.__name__.partition(".")[0] in _OF:
                return True
    return False


def _states(names: set[str] | None = None) -> dict[str, str]:
    """Digest the states of the sources, all or those of `names`."""
    found = {}
    for source in present_sources():
        if is_stateful(source) and (names is None or source.name in names):
            try:
                state = repr(source.get_state()).encode()
            except Exception:  # a plug-in's; it is left out
                continue
            found[source.name] = hashlib.blake2b(state, digest_size=16).hexdigest()
    return found
