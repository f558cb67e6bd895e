"""The process dies."""
from skew import observe

import alpha

observe("before", 1)
state = alpha.die()
