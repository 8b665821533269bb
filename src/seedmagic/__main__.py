"""What `python -m seedmagic` runs."""

import sys

from seedmagic.cli import main

if __name__ == "__main__":
    sys.exit(main())
