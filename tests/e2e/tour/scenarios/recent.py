# /// skew
# when = "alpha >= 1.1"
# ///
"""Applies to later releases only."""
import alpha

half = alpha.divide(2)
