"""The magics: parse a line, call the layers below, show the answer."""

from __future__ import annotations

from collections import ChainMap
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import (
    cell_magic,
    line_magic,
    magics_class,
    needs_local_scope,
    no_var_expand,
)
from IPython.display import display

from seedmagic.ipython.cells.cell_identity import digest_of_body
from seedmagic.ipython.cells.cell_scopes import CellScopes, run_body
from seedmagic.ipython.cells.seeded_cells import USER_MISTAKES, SeededCells
from seedmagic.ipython.first_guesses import show_help
from seedmagic.ipython.header_line import Header
from seedmagic.ipython.line_values import to_seed
from seedmagic.ipython.options import LineOptions, parse_seed_line
from seedmagic.ipython.settings import SeedSettings
from seedmagic.ipython.watch.cell_watching import Watching
from seedmagic.seeds import fresh_seed
from seedmagic.session.seeding import put_in_force, put_out_of_force
from seedmagic.session.session_terms import make_modes
from seedmagic.status.cells_seen import Watched
from seedmagic.words import enumerate_names

if TYPE_CHECKING:
    from seedmagic.ipython.cells.cell_bodies import Body


@magics_class
class SeedMagics(SeedSettings):
    """What ``%seed`` does when its line says nothing else."""

    def __init__(self, shell: InteractiveShell, number: int, scopes: CellScopes) -> None:
        super().__init__(shell=shell)
        self.watching = Watching(shell, number, lambda: scopes.depth > 0, self.watch)
        self.cells = SeededCells(shell, self, scopes, self.watching)
        self.observe(lambda change: self.watching.set_mode(change.new), "watch")

    @no_var_expand
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
        --pin-entropy           NumPy generators and ``random.Random`` objects that are made without
                                a seed, and what is seeded without a number, get it from this one

        Examples
        --------
        ::

            %seed 42 --deterministic
            %seed $year + 1           # refused: one seed, as in {year + 1}
            %seed {year + 1}
            %seed 42 --only torch,numpy
        """
        # No copy, as IPython would make: it leaves a name for each cell, `_i1` and so on.
        names = ChainMap(local_ns or {}, self.shell.user_ns)
        if line.strip() not in names and show_help("%seed", line):
            return
        asked = parse_seed_line(line, names)
        if asked.seed is None:
            self._refuse_modes(asked, "needs a seed")
            from seedmagic.status.status_reading import look

            display(look(self.seen))
        elif asked.seed == "off":
            self._refuse_modes(asked, "has no meaning beside off")
            print(self._off())
        else:
            number = fresh_seed() if asked.seed == "new" else to_seed(asked.seed, names)
            try:
                report = put_in_force(number, make_modes(**self.modes(asked)), "%seed")
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
        --rewind NAMES          these names start every re-run of this cell as they started its
                                first: ``--rewind model,optimizer``. Objects are put back in place;
                                a name that the cell itself bound or deleted holds its first object
                                again; one that another cell bound starts anew. %seed off forgets
        --verify                run the body twice from the same start, compare all that it left
                                and showed bit for bit, and say what differs, where, and why. Files,
                                network and child processes are acted on twice

        --runs N                run the body once under each of N seeds, from the one given on; each
                                run starts from the same variables, and is what %%seeded alone gives
        --seeds 0,1,2           the same under these seeds; 0:10 are ten
        --track NAMES           keep these numbers, or sequences of numbers, of every run:
                                a table, a picture
        --on ENGINE             run on the engine in this variable: an executor, a Dask or an
                                ipyparallel client; tracked names alone come back
        --tensorboard DIR       write event files: a run for each seed, and their mean and interval
        --out NAME              keep the RunsResult under this name; else under _runs

        A library that is imported inside gets, at the end, the seed in force outside, or fresh
        entropy where there is none. A model that the cell trains stays trained, unless it is
        rewound.

        Examples
        --------
        ::

            %%seeded                  # from the seed in force
            %%seeded $year --deterministic
            %%seeded 42 --rewind model,optimizer --verify
            %%seeded 0 --runs 20 --track acc,losses
            %%seeded --seeds 0:10 --track acc --on client --out small
        """
        # IPython comes here for run_cell_magic alone: a cell's own header is rewritten.
        header = Header(line, has_body=bool(cell.strip()), body=digest_of_body(cell))
        asked = header.read(self.shell.user_ns)
        if asked.runs:
            return self.cells.repeat(asked, self._body(cell))
        with self.cells.open(asked):
            if asked.verify:
                return self.cells.verify(self._body(cell), asked.rewind)
            return run_body(self.shell, cell)

    def seen(self) -> Watched:
        """Tell a status what was seen of this shell's cells, and what is kept for them."""
        return self.watching.seen(self.cells.rewinds.nbytes)

    def _body(self, cell: str) -> Body:
        from seedmagic.ipython.cells.cell_bodies import Body

        tree = self.shell.compile.ast_parse(self.shell.transform_cell(cell))
        body = Body(self.shell, tree, "<%%seeded>")
        if body.is_async:
            raise UsageError(
                "%%seeded: a body that awaits runs more than once only where %%seeded is the "
                "cell's first line. Nothing was changed."
            )
        return body

    def _refuse_modes(self, asked: LineOptions, why: str) -> None:
        if asked.modes:
            raise UsageError(f"%seed: an option {why}. Nothing was changed.")

    def _off(self) -> str:
        ended = put_out_of_force()
        forgot = "" if self.cells.rewinds.is_empty else " --rewind has forgotten all starts."
        self.cells.rewinds.clear()
        if ended is None:
            return f"No seed is in force: nothing to put back.{forgot}"
        seeding, freed = ended
        return (
            f"Seed {seeding.seed} is off; fresh entropy went to "
            f"{enumerate_names(freed) if freed else 'no source'}; "
            f"flags and variables that it set are as before.{forgot}"
        )
