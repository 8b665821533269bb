"""The magics: parse a line, call the layers below, show the answer."""

from __future__ import annotations

from typing import Any

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import (
    Magics,
    cell_magic,
    line_magic,
    magics_class,
    needs_local_scope,
    no_var_expand,
)
from IPython.display import display
from traitlets import Bool, Enum, List, Unicode

from seedmagic.core import session
from seedmagic.core.contexts import inherited_modes
from seedmagic.core.modes import make_modes
from seedmagic.core.problems import GENERATOR
from seedmagic.core.scopes import Scope
from seedmagic.core.seeding import put_in_force, put_out_of_force
from seedmagic.core.seeds import fresh_seed
from seedmagic.core.session import Modes, Seeding
from seedmagic.core.status import status
from seedmagic.core.words import enumerate_names
from seedmagic.errors import RestoreError, SeedError, SourceError
from seedmagic.ipython.cells import EMPTY, MAGIC, CellScopes, run_body
from seedmagic.ipython.options import Asked, parse_seed_line, parse_seeded_line, to_seed
from seedmagic.ipython.watching import MODES, Watching
from seedmagic.warn import warn

USER_MISTAKES = (SeedError, SourceError)


@magics_class
class SeedMagics(Magics):
    """What ``%seed`` does when its line says nothing else."""

    cudnn = Bool(True, help="Set cuDNN's deterministic on and benchmark off.").tag(config=True)
    deterministic = Enum(
        [False, True, "warn"], False, help="Use deterministic algorithms, as --deterministic does."
    ).tag(config=True)
    per_cell = Bool(False, help="Give every cell a seed of its own, as --per-cell does.").tag(
        config=True
    )
    pin_entropy = Bool(
        False, help="Pin NumPy generators made without a seed, as --pin-entropy does."
    ).tag(config=True)
    skip = List(Unicode(), help="Names of sources to leave out, as --skip does.").tag(config=True)
    watch = Enum(MODES, "warn", help="What the watcher does; `%seedwatch` changes it.").tag(
        config=True
    )
    quiet = Bool(False, help="Let `%seed 42` say nothing but what could not be done.").tag(
        config=True
    )

    def __init__(self, shell: InteractiveShell, scopes: CellScopes) -> None:
        super().__init__(shell=shell)
        self._scopes = scopes
        self.watching = Watching(shell, self.watch)
        self.observe(lambda change: self.watching.set_mode(change.new), "watch")

    @needs_local_scope
    @line_magic
    def seed(self, line: str, local_ns: dict[str, Any] | None = None) -> None:
        """Seed every source of random numbers, and say what was seeded.

        ::

            %seed 42                  seed python, numpy, torch on every device, numba, plug-ins
            %seed                     show the state of everything; change nothing
            %seed new                 draw a fresh seed, use it, print it
            %seed off                 put back flags and variables; give fresh entropy

        A seed is an integer from 0 to 4294967295: ``42``, ``0x2A``, ``1_000``, ``$name``,
        ``{expression}`` or the name of a variable. Libraries imported later are seeded then.
        cuDNN's ``deterministic`` is set on and ``benchmark`` off.

        --only NAMES            seed these sources alone, separated by commas; ``torch`` stands for
                                all its devices
        --skip NAMES            leave these sources out
        --deterministic[=warn]  use deterministic algorithms; ``warn``: where there are any
        --keep-cudnn            leave cuDNN's flags
        --per-cell              start every cell from a seed derived from this one and its code, so
                                that cells can be run in any order, any number of times
        --pin-entropy           NumPy generators made without a seed get theirs from this one

        Examples
        --------
        ::

            %seed 42 --deterministic
            %seed $year + 1           # refused: one seed, as in {year + 1}
            %seed {year + 1}
            %seed 42 --only torch,numpy
        """
        asked = parse_seed_line(line)
        if asked.seed is None:
            self._refuse_modes(asked, "needs a seed")
            display(status())
        elif asked.seed == "off":
            self._refuse_modes(asked, "has no meaning beside off")
            print(self._off())
        else:
            names = {**self.shell.user_ns, **(local_ns or {})}
            number = fresh_seed() if asked.seed == "new" else to_seed(asked.seed, names)
            try:
                report = put_in_force(number, make_modes(**self._settings(asked)), "%seed")
            except USER_MISTAKES as error:
                raise UsageError(str(error)) from error
            if report.caveats or not self.quiet or asked.seed == "new":
                display(report)

    @no_var_expand
    @cell_magic
    def seeded(self, line: str, cell: str) -> Any:
        """Run the cell from a seed, and put everything back after it.

        ::

            %%seeded 1024
            model = train()

        gives the same result at every re-run, and the cells after it go on as if it had not run:
        every RNG state, cuDNN's and torch's flags, the variables that `%seed` sets and the seed in
        force are put back, whatever the cell did. Without a number: from the seed in force. The
        modes are those of the `%seed` in force.

        --keep                  put nothing back: as if ``%seed`` stood in the cell's first line
        --deterministic[=warn]  use deterministic algorithms inside
        --keep-cudnn            leave cuDNN's flags
        --from N                start from the RNG state that In[N] started from, not from a seed

        A library that is imported inside gets, at the end, the seed in force outside, or fresh
        entropy where there is none. What the seed cannot put back is objects: a model that the
        cell trains stays trained.

        Examples
        --------
        ::

            %%seeded                  # from the seed in force
            %%seeded $year --deterministic
        """
        # IPython comes here for run_cell_magic alone: a cell's own header is rewritten.
        scope = self.open_scope(line if cell.strip() else line + EMPTY)
        try:
            return run_body(self.shell, cell)
        finally:
            if scope:
                scope.close()

    def enter_cell(self, line: str) -> None:
        """Begin the scope of the cell that runs; it ends with the cell."""
        self._scopes.leave_former()
        scope = self.open_scope(line)
        if scope:
            self._scopes.enter(scope)

    def open_scope(self, line: str) -> Scope | None:
        """Seed as a header asks; give the scope to close, or None under ``--keep``."""
        if line.endswith(EMPTY):
            raise UsageError(f"{MAGIC} needs a body: the code to run, below the header.")
        asked = parse_seeded_line(line, self.shell.user_ns)
        if asked.start is not None:
            return self._open_from(asked.start)
        seed = self._seed_of(asked)
        try:
            scope = None if asked.keep else Scope(MAGIC)
            try:
                modes = self._modes_inside(asked)
                report = put_in_force(seed, modes, f"%%seeded {seed}")
            except BaseException:
                if scope:
                    scope.close()
                raise
        except USER_MISTAKES as error:
            raise UsageError(str(error)) from error
        if asked.keep and not self.quiet:
            display(report)
        return scope

    def _open_from(self, number: int) -> Scope:
        """Open a scope that starts where ``In[number]`` started."""
        record, state = self.watching.find(number)
        scope = Scope(MAGIC)
        failures = state.put_back()
        if failures:
            scope.close()
            raise RestoreError(failures)
        by = session.Seeded(None, f"the start of In[{number}]", ours=False)
        for name in state.states:
            session.note(name, by)
        late = {draw.source for draw in record.draws} - state.states.keys() - {GENERATOR}
        if late:
            warn(
                f"In[{number}] started before {enumerate_names(sorted(late))} was loaded: what it "
                "drew from there cannot be had again.",
                place=(f"In[{number}]", 1),
            )
        self.watching.watcher.replay(number)
        return scope

    def _modes_inside(self, asked: Asked) -> Modes:
        """Give the modes of the seed in force, or those that `%seed` would have here."""
        if session.current.seeding is None:
            return make_modes(**self._settings(asked))
        return inherited_modes(**asked.modes)

    def _seed_of(self, asked: Asked) -> int:
        if asked.seed is not None:
            return to_seed(asked.seed, self.shell.user_ns)
        seeding: Seeding | None = session.current.seeding
        if seeding is None:
            raise UsageError(
                f"{MAGIC} without a number needs a seed in force, and there is none. "
                f"Write %%seeded 42, or run %seed 42 first."
            )
        return seeding.seed

    def _settings(self, asked: Asked) -> dict[str, Any]:
        configured: dict[str, Any] = {
            "cudnn": self.cudnn,
            "deterministic": self.deterministic,
            "per_cell": self.per_cell,
            "pin_entropy": self.pin_entropy,
            "skip": list(self.skip),
        }
        if "only" in asked.modes:
            del configured["skip"]
        return {**configured, **asked.modes}

    def _refuse_modes(self, asked: Asked, why: str) -> None:
        if asked.modes:
            raise UsageError(f"%seed: an option {why}. Nothing was changed.")

    def _off(self) -> str:
        ended = put_out_of_force()
        if ended is None:
            return "No seed is in force: nothing to put back."
        seeding, freed = ended
        return (
            f"Seed {seeding.seed} is off; fresh entropy went to "
            f"{enumerate_names(freed) if freed else 'no source'}; "
            "flags and variables that it set are as before."
        )
