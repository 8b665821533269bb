"""Read a command's line, and say of a mistyped command or option which one is meant."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import NoReturn


class CommandParser(argparse.ArgumentParser):
    """Says of a mistyped command or option which one is meant."""

    def error(self, message: str) -> NoReturn:
        """End with a message, and what was probably meant."""
        from seedmagic.words import did_you_mean

        command = re.search(r"invalid choice: '([^']*)'", message)
        option = re.match(r"unrecognized arguments: .*?(--?\w[\w-]*)", message)
        if command and command[1].endswith(".ipynb"):
            message += f"; did you mean {self.prog} verify {command[1]}?"
        elif command:
            message += did_you_mean(command[1], _commands(self))
        elif option:
            message += did_you_mean(option[1], self._option_string_actions)
        super().error(message)


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Give the parsers of a parser's commands, by name."""
    actions = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    return dict(actions[0].choices) if actions else {}


def command_of(
    parser: argparse.ArgumentParser, words: Sequence[str]
) -> argparse.ArgumentParser | None:
    """Give the parser of the command that a line names."""
    found = None
    for word in words:
        inner = _commands(found or parser).get(word)
        if inner is None:
            break
        found = inner
    return found
