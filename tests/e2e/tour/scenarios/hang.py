# /// skew
# timeout = "1500ms"
# ///
"""Never comes back."""
from skew import observe

import alpha

observe("before", 1)
state = alpha.wait()
