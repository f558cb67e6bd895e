"""Order of equal elements and NaN, partitions, and what counts as unique."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/release/1.25.0-notes.html",
#     "https://numpy.org/doc/stable/release/2.0.0-notes.html",
#     "https://numpy.org/doc/stable/release/2.3.0-notes.html",
#     "https://numpy.org/doc/stable/release/1.21.0-notes.html",
# ]
# ///
import numpy as np
from skew import observe

_TIES = np.array([3, 1, 2, 1, 3, 2, 1, 3] * 5)
_NAN = np.array([2.0, np.nan, -np.inf, 0.0, -0.0, np.nan, np.inf])
_M = np.array([[1, 2], [2, 1], [1, 2]])
for _kind in ["quicksort", "mergesort", "heapsort", "stable"]:
    # The order of ties of an unstable sort depends on the processor's vector instructions as well.
    observe("argsort of ties, " + _kind, lambda: np.argsort(_TIES, kind=_kind))
for _dtype in ["int8", "uint16", "int32", "float16", "float32", "float64", "object", "datetime64[s]", "U1", "bool"]:
    observe("argsort of ties of " + _dtype, lambda: np.argsort(_TIES.astype(_dtype)))
    observe("sort of " + _dtype, lambda: np.sort(_TIES[::3].astype(_dtype)))
_CASES = {
    "sort of NaN": lambda: np.sort(_NAN),
    "sort of float16 NaN": lambda: np.sort(_NAN.astype(np.float16)),
    "sort stable=True": lambda: np.sort(_TIES, stable=True)[:4],
    "sort descending=True": lambda: np.sort(_TIES, descending=True)[:4],
    "sort kind and stable": lambda: np.sort(_TIES, kind="heapsort", stable=True)[:4],
    "sort by an unknown kind": lambda: np.sort(_TIES, kind="bubble")[:4],
    "sort of mixed objects": lambda: np.sort(np.array([1, "a"], object)),
    "msort": lambda: np.msort(_M),
    "partition by a list": lambda: np.partition(np.array([4, 2, 3, 1]), [1, 2])[1:3],
    "partition by a boolean": lambda: np.partition([2, 1], True),
    "argmax keepdims": lambda: np.argmax(_M, axis=1, keepdims=True),
    "argmax of empty": lambda: np.argmax([]),
    "searchsorted by an abbreviated side": lambda: np.searchsorted([1, 2, 2], 2, side="Right"),
    "searchsorted with sorter": lambda: np.searchsorted([3, 1, 2], 2, sorter=[1, 2, 0]),
    "unique of NaN": lambda: np.unique(_NAN),
    "unique counts of NaN": lambda: np.unique(_NAN, return_counts=True)[1],
    "unique of NaN not equal": lambda: np.unique(_NAN, equal_nan=False),
    "unique of complex NaN": lambda: np.unique(np.array([np.nan, np.nan * 1j, 1])).shape,
    "unique of NaT": lambda: np.unique(np.array(["NaT", "NaT", "2024"], "M8[Y]")),
    "unique inverse of matrix": lambda: np.unique(_M, return_inverse=True)[1],
    "unique inverse of axis None": lambda: np.unique(_M, axis=None, return_inverse=True)[1].shape,
    "unique of axis 0": lambda: np.unique(_M, axis=0, return_index=True),
    "unique of empty axis": lambda: np.unique(np.ones((2, 0)), axis=0).shape,
    "unique sorted=False": lambda: np.sort(np.unique(_TIES, sorted=False)),
    "unique_all": lambda: np.unique_all(_M),
    "unique_values": lambda: np.sort(np.unique_values(_M)),
    "in1d": lambda: np.in1d(_M, [2]),
    "isin": lambda: np.isin(_M, [2]),
    "isin kind table": lambda: np.isin(_M, [2, 7], kind="table"),
    "isin kind table of floats": lambda: np.isin([1.5], [1.5], kind="table"),
    "isin of int8 in int64": lambda: np.isin(np.array([-1, 1], np.int8), [255, 1]),
    "isin of uint64": lambda: np.isin(np.array([2**64 - 1], np.uint64), np.array([-1])),
    "setxor1d": lambda: np.setxor1d([1, 2], [[2, 3]]),
    "ediff1d": lambda: np.ediff1d(np.array([1, 3], np.uint8), to_end=300),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
