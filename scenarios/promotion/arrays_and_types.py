"""The full tables of promotion: array with array, array with scalar, scalar with scalar, and the types alone."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/reference/arrays.promotion.html",
#     "https://numpy.org/neps/nep-0050-scalar-promotion.html",
# ]
# ///
import warnings as _warnings

import numpy as np
from skew import observe

_NAMES = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
          "float16", "float32", "float64", "longdouble", "complex64", "complex128"]
_MORE = _NAMES + ["U3", "S3", "O", "M8[D]", "m8[s]", "V4"]


def _row(function, names):
    """What `function` says for each name: a dtype, or the class of its error."""
    row = {}
    for name in names:
        try:
            row[name] = str(function(name))
        except Exception as error:
            row[name] = type(error).__name__
    return row


for _left in _NAMES:
    _array = np.ones(2, _left)
    _scalar = _array[0]
    with _warnings.catch_warnings():
        _warnings.simplefilter("ignore")
        observe(_left + " array + array", lambda: _row(lambda name: (_array + np.ones(2, name)).dtype, _NAMES))
        observe(_left + " array + scalar", lambda: _row(lambda name: (_array + np.ones(1, name)[0]).dtype, _NAMES))
        observe(_left + " scalar + scalar", lambda: _row(lambda name: (_scalar + np.ones(2, name)[0]).dtype, _NAMES))
for _left in _MORE:
    observe(_left + " promote_types", lambda: _row(lambda name: np.promote_types(_left, name), _MORE))
