"""Choose what ./run was asked for: `python -m scripts demo|test|bench|env`."""

from __future__ import annotations

import sys

from scripts.bench import run_benchmarks
from scripts.demo import run_demo
from scripts.places import SetupError
from scripts.suite import run_command, run_tests

COMMANDS = {"demo": run_demo, "test": run_tests, "bench": run_benchmarks, "env": run_command}


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    command = COMMANDS.get(arguments[0] if arguments else "")
    if command is None:
        print("run: unknown command; ./run --help lists them", file=sys.stderr)
        return 2
    try:
        return command(arguments[1:])
    except SetupError as error:
        print(f"run: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
