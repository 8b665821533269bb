"""What can be pressed in the panel: each action is a line that a cell could hold."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import RichOutput, capture_output

from seedmagic.imports import loaded
from seedmagic.status.status_data import MIME
from seedmagic.words import without_colours

# Each flag that can be chosen, its values with their words, and the line that sets it.
FLAGS: dict[str, tuple[dict[str, object], str]] = {
    "cudnn.deterministic": (
        {"on": True, "off": False},
        "torch.backends.cudnn.deterministic = {!r}",
    ),
    "cudnn.benchmark": ({"on": True, "off": False}, "torch.backends.cudnn.benchmark = {!r}"),
    "cudnn.enabled": ({"on": True, "off": False}, "torch.backends.cudnn.enabled = {!r}"),
    "deterministic_algorithms": (
        {"on": "error", "warn": "warn", "off": "default"},
        # torch.use_deterministic_algorithms imports 800 modules first.
        "torch.set_deterministic_debug_mode({!r})",
    ),
    "float32_products": (
        {"highest": "highest", "high": "high", "medium": "medium"},
        "torch.set_float32_matmul_precision({!r})",
    ),
}
# A replay may print without end, and what a panel holds is sent and kept.
LONGEST = 10_000


def float32_products() -> str | None:
    """Give what torch calls their precision; None where torch has no one word for it."""
    try:
        told: str = loaded("torch").get_float32_matmul_precision()
    except RuntimeError:  # once a fp32_precision was set, torch 2.9 and later may refuse to say
        return None
    return told


@dataclass(frozen=True)
class Done:
    """What an action did.

    Attributes
    ----------
    line : str
        The line that does the same in a cell.
    text : str
        What it said, or why it failed.
    failed : bool
        Whether it failed.
    outputs : tuple
        What it displayed beside text.
    """

    line: str
    text: str
    failed: bool = False
    outputs: tuple[RichOutput, ...] = ()


class Actions:
    """Does lines for all panels of one shell, in a namespace of its own."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._names: dict[str, Any] = {"sm": sys.modules["seedmagic"]}
        self._snapshots = 0

    @property
    def snapshots(self) -> list[str]:
        """The names of the snapshots that were taken, the latest first."""
        return [f"snapshot_{number}" for number in range(self._snapshots, 0, -1)]

    def magic(self, line: str) -> Done:
        """Run a line magic, such as ``%seed 42``."""
        name, _, rest = line.removeprefix("%").partition(" ")
        run = partial(self._shell.run_line_magic, name, rest)
        # The names in a line are looked up where the magic is called, too: ours are not meant.
        return self._do(line, lambda: eval("run()", {"run": run}, {}))

    def set_flag(self, name: str, word: str) -> Done:
        """Set one of `FLAGS`."""
        values, line = FLAGS[name]
        return self._python(line.format(values[word]))

    def take_snapshot(self) -> Done:
        """Keep the RNG states of this moment under the next name."""
        number = self._snapshots + 1
        done = self._python(f"snapshot_{number} = sm.snapshot()")
        if not done.failed:
            self._snapshots = number
            taken = self._names[f"snapshot_{number}"]
            done = replace(done, text=f"snapshot_{number}: {taken!r}.")
        return replace(done, line=f"import seedmagic as sm; {done.line}")

    def restore(self, name: str) -> Done:
        """Put back a snapshot that was taken here."""
        done = self._python(f"{name}.restore()")
        return done if done.failed else replace(done, text=f"The RNG states of {name} are back.")

    def replay(self, number: int) -> Done:
        """Run In[number] again from the RNG state that it started from."""
        line = f"%seedreplay {number}"
        code = self._shell.transform_cell(line)
        if self._shell.should_run_async(line, transformed_cell=code):
            text = f"In[{number}] awaits, which works in a cell alone: paste the line into one."
            return Done(line, text, failed=True)

        def run() -> None:
            with self._errors_as_text():
                result = self._shell.run_cell(line, store_history=False)
            error = result.error_before_exec or result.error_in_exec
            if error is not None:
                raise error

        return self._do(line, run)

    def _python(self, line: str) -> Done:
        names = {**self._names, "torch": sys.modules.get("torch")}

        def run() -> None:
            exec(line, names)
            self._names |= {name: names[name] for name in names if name.startswith("snapshot_")}

        return self._do(line, run)

    def _do(self, line: str, run: Callable[[], object]) -> Done:
        """Run something, and keep what it would have shown below a cell."""
        failed, told = False, ""
        # The trap first: a cell that is run inside would else put its own display in.
        with self._shell.display_trap, capture_output() as shown:
            try:
                with _interruptible():
                    run()
            except UsageError as error:
                failed, told = True, str(error)
            except (Exception, KeyboardInterrupt, SystemExit) as error:
                # An exit or interrupt of a replay that went on from here would end the kernel.
                failed, told = True, f"{type(error).__name__}: {error}"
        rich = [output for output in shown.outputs if output.data.keys() - {"text/plain", MIME}]
        plain = [output for output in shown.outputs if output not in rich]
        texts = [output.data.get("text/plain", "") for output in plain]
        errors = without_colours(shown.stderr)
        if told in errors:
            told = ""  # IPython has shown it, of a cell
        text = "\n".join(part for part in (shown.stdout, *texts, errors, told) if part)
        text = without_colours(text).strip()
        if len(text) > LONGEST:
            text = f"{text[:LONGEST]}\n… and {len(text) - LONGEST} characters more"
        return Done(line, text, failed, tuple(rich))

    @contextmanager
    def _errors_as_text(self) -> Iterator[None]:
        """Let IPython write errors to stderr: a kernel sends them to the cell that ran last."""
        own, name, shell = vars(self._shell), "_showtraceback", self._shell
        former = {name: own[name]} if name in own else {}

        def write(kind: object, error: object, lines: list[str]) -> None:
            print(shell.InteractiveTB.stb2text(lines), file=sys.stderr)

        own[name] = write
        try:
            yield
        finally:
            del own[name]
            own |= former


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let an interrupt reach what runs: outside of its messages, ipykernel ignores them."""
    ignored = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    )
    if ignored:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        if ignored:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
