"""`python -m harvest_tui` is the console script."""

import sys

from harvest_tui.cli import main

sys.exit(main())
