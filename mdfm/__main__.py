"""The entry point `mdfm`, also `python -m mdfm`; it reports an interruption while it loads.

Nothing slow is imported here; once loaded, `mdfm.cli.app` reports an interruption.
"""

from __future__ import annotations

import sys

_INTERRUPTED = 130


def main() -> None:
    """Load the command line, and run it."""
    try:
        from mdfm.cli.app import main as run  # noqa: PLC0415 - so that an interruption meets somebody
    except KeyboardInterrupt:
        if sys.stderr:  # there is none where the shell has closed it
            sys.stderr.write("Interrupted: nothing was recorded.\n")
        sys.exit(_INTERRUPTED)
    run()


if __name__ == "__main__":
    main()
