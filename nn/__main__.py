"""`python -m nn`: train a network on real data, and look at what it learned."""

import sys

from nn.commands import main

sys.exit(main())
