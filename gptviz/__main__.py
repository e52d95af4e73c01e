"""``python -m gptviz`` is the command line, installed or not."""

from __future__ import annotations

import sys

from gptviz.cli import main

if __name__ == "__main__":
    sys.exit(main())
