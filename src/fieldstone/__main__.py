"""`python -m fieldstone`."""

import sys

from fieldstone.cli import main

sys.exit(main())
