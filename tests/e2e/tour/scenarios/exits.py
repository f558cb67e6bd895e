"""Ends itself before its end."""
import sys

import alpha

first = alpha.answer()
if alpha.RELEASE >= (2, 0):
    sys.exit(3)
second = alpha.answer()
