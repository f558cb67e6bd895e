"""Errors that come, go and change."""
from skew import observe

import alpha

observe("zero", lambda: alpha.divide(0))
observe("text", lambda: alpha.divide("x"))
observe("limit", lambda: alpha.limit(300))
observe("negative", lambda: alpha.limit(-1))
