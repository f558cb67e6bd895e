"""Masked arrays: fill values, reductions, comparisons, and NumPy's own functions on them."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/reference/maskedarray.html",
#     "https://numpy.org/doc/stable/release/1.24.0-notes.html",
#     "https://numpy.org/doc/stable/release/2.0.0-notes.html",
# ]
# ///
import numpy as np
from skew import observe

_M = np.ma.array([3.0, 1.0, 2.0], mask=[False, True, False])
_I = np.ma.array([3, 1, 2], np.int8, mask=[True, False, False])
_MATRIX = np.ma.array([[1.0, 2.0], [3.0, 4.0]], mask=[[True, False], [False, False]])
_CASES = {
    "var ddof": lambda: _M.var(ddof=1),
    "median": lambda: np.ma.median(_M),
    "np.percentile": lambda: np.percentile(_M, 50),
    "average keepdims": lambda: np.ma.average(_MATRIX, axis=0, keepdims=True),
    "corrcoef": lambda: np.ma.corrcoef(_MATRIX),
    "ma.sort": lambda: np.ma.sort(_M),
    "ma.diff": lambda: np.ma.diff(_M),
    "append": lambda: np.append(_M, 5.0),
    "less": lambda: _M < 2.5,
    "log of negative": lambda: np.ma.log([-1.0, 1.0]),
    "dot": lambda: np.ma.dot(_MATRIX, _MATRIX),
    "float32 + float64 scalar": lambda: np.ma.array([1.0], np.float32) + np.float64(1),
    "fill_value out of range": lambda: np.ma.array([1], np.uint8, fill_value=999).fill_value,
    "fill_value of bool": lambda: np.ma.array([True]).fill_value,
    "fill_value of dates": lambda: np.ma.array(["2024"], "M8[Y]").fill_value,
    "repr": lambda: repr(_M),
    "repr of int8": lambda: repr(_I),
    "format of masked": lambda: format(_M[1], ".2f"),
    "item": lambda: _M[0],
    "asarray": lambda: np.asarray(_M),
    "nomask": lambda: np.ma.array([1]).mask,
    "masked_invalid": lambda: np.ma.masked_invalid([1.0, np.nan, np.inf]),
    "masked_values": lambda: np.ma.masked_values([1.0, 2.0], 2.0),
    "clump_masked": lambda: np.ma.clump_masked(_M),
    "count": lambda: np.ma.count(_MATRIX, axis=0),
    "ndenumerate": lambda: list(np.ma.ndenumerate(_M)),
    "ptp": lambda: np.ptp(_M),
    "clip": lambda: np.clip(_M, 1.5, 2.5),
    "add.outer": lambda: np.ma.add.outer(_M, [1, 2]),
    "add.outer of one length": lambda: np.ma.add.outer(_M, _M),
    "view": lambda: _M.view(np.int64).dtype,
}
for _name, _case in _CASES.items():
    observe(_name, _case)
