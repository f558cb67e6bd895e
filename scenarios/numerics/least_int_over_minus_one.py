"""The least integer divided by -1: the processor traps, and old NumPy died of it, so it stands apart."""
# /// skew
# links = [
#     "https://github.com/numpy/numpy/issues/19246",
#     "https://numpy.org/doc/stable/reference/generated/numpy.floor_divide.html",
# ]
# ///
import numpy as np
from skew import observe

_LEAST = np.array([np.iinfo(np.int32).min, 5], np.int32)
observe("int32 array by numpy scalar", lambda: _LEAST // np.int32(-1))
observe("int32 array by array", lambda: _LEAST // np.array([-1, -1], np.int32))
observe("int32 remainder", lambda: _LEAST % np.array([-1, -1], np.int32))
observe("int64 array by array", lambda: np.array([-2**63]) // np.array([-1]))
observe("int8 array by array", lambda: np.array([-128], np.int8) // np.array([-1], np.int8))
