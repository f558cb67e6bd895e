"""Floating-point and other runtime warnings of NumPy: which calls give them, in which words."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/reference/generated/numpy.seterr.html",
#     "https://numpy.org/doc/stable/release/1.24.0-notes.html",
# ]
# ///
import numpy as np
from skew import observe

_zero, _one = np.array([0.0]), np.array([1.0])
_huge = np.array([1e300])
_nans = np.array([[np.nan, np.nan], [1.0, np.nan]])
_empty = np.array([])
_CALLS = {
    "1 / 0": lambda: _one / _zero,
    "0 / 0": lambda: _zero / _zero,
    "float scalar 1 / 0": lambda: np.float64(1) / np.float64(0),
    "int 1 // 0": lambda: np.array([1]) // np.array([0]),
    "int 1 % 0": lambda: np.array([1]) % np.array([0]),
    "int scalar 1 // 0": lambda: np.int64(1) // np.int64(0),
    "smallest int // -1": lambda: np.array([-(2**63)]) // np.array([-1]),
    "divmod by 0": lambda: np.divmod(_one, _zero),
    "inf - inf": lambda: _one * np.inf - np.inf,
    "overflow of multiply": lambda: _huge * _huge,
    "overflow of float32": lambda: _huge.astype(np.float32),
    "overflow of int8 array": lambda: np.array([127], np.int8) + np.array([1], np.int8),
    "overflow of int8 scalar": lambda: np.int8(127) + np.int8(1),
    "overflow of int64 scalar": lambda: np.int64(2**63 - 1) + np.int64(1),
    "negative of uint8 scalar": lambda: -np.uint8(1),
    "abs of smallest int8": lambda: abs(np.int8(-128)),
    "exp(1000)": lambda: np.exp(np.array([1000.0])),
    "log(0)": lambda: np.log(_zero),
    "log(-1)": lambda: np.log(-_one),
    "0 ** -1": lambda: _zero**-1,
    "reciprocal of int 0": lambda: np.reciprocal(np.array([0])),
    "NaN to int": lambda: np.array([np.nan]).astype(np.int32),
    "large float to int": lambda: np.array([1e20]).astype(np.int64),
    "negative float to uint": lambda: np.array([-1.0]).astype(np.uint8),
    "mean of nothing": lambda: _empty.mean(),
    "var of one, ddof=1": lambda: np.var(_one, ddof=1),
    "median of nothing": lambda: np.median(_empty),
    "nanmean of NaN": lambda: np.nanmean(_nans, axis=1),
    "nanmean of all NaN": lambda: np.nanmean(_nans[0]),
    "nanmedian of all NaN": lambda: np.nanmedian(_nans[0]),
    "nanpercentile of all NaN": lambda: np.nanpercentile(_nans[0], 50),
    "nanargmax of all NaN": lambda: np.nanargmax(_nans[0]),
    "average with zero weights": lambda: np.average([1.0, 2.0], weights=[0.0, 0.0]),
    "cov of one row": lambda: np.cov(np.array([[1.0]])),
    "corrcoef of constants": lambda: np.corrcoef([1.0, 1.0], [1.0, 2.0]),
    "polyfit, rank deficient": lambda: np.polyfit([1.0, 1.0], [1.0, 1.0], 1).shape,
    "inverse of singular": lambda: np.linalg.inv(np.zeros((2, 2))),
    "histogram of NaN": lambda: np.histogram(np.array([np.nan, 1.0])),
    "loadtxt of nothing": lambda: np.loadtxt([]),
    "genfromtxt of ragged lines": lambda: np.genfromtxt(["1 2", "3"]),
    "masked mean of all masked": lambda: np.ma.array([1.0], mask=True).mean(),
    "float of masked": lambda: float(np.ma.masked),
    "complex cast": lambda: np.array([1 + 1j]).astype(np.float32),
    "set complex into float": lambda: np.zeros(1).__setitem__(0, np.complex128(1j)),
    "NaT < NaT": lambda: np.array(["NaT"], "M8[s]") < np.array(["NaT"], "M8[s]"),
    "geomspace from 0": lambda: np.geomspace(0, 1, 2),
}
for _name, _call in _CALLS.items():
    observe(_name, _call)
