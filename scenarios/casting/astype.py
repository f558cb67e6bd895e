"""astype between all pairs of numeric dtypes, each from its extremes: overflow, sign, precision, NaN and infinity."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/release/1.24.0-notes.html",
#     "https://numpy.org/doc/stable/reference/generated/numpy.ndarray.astype.html",
# ]
# ///
import warnings as _warnings

import numpy as np
from skew import observe

_INTS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
_FLOATS = ["float16", "float32", "float64"]
_COMPLEX = ["complex64", "complex128"]
_ALL = ["bool"] + _INTS + _FLOATS + _COMPLEX


def _quiet(array, names):
    """The array as each of these dtypes, without the warnings, which are watched one pair at a time."""
    with _warnings.catch_warnings():
        _warnings.simplefilter("ignore")
        return {name: array.astype(name) for name in names}


for _name in _INTS:
    _limits = np.iinfo(_name)
    observe(_name + " to all", lambda: _quiet(np.array([_limits.min, _limits.max, 1, 0], _name), _ALL))
for _name in _FLOATS + _COMPLEX:
    _array = np.array([0, -0.0, 1.5, -1.5, 1e-7, 100.7], _name)
    observe(_name + " to all", lambda: _quiet(_array, ["bool", "int8", "int64"] + _FLOATS + _COMPLEX))
observe("bool to all", lambda: _quiet(np.array([True, False]), _ALL))
# What C leaves undefined: it differs between processors, and between NumPy's vectorised and scalar loops.
_BEYOND = {"negative": [-1.5, -100.7], "too large": [3e9, 1e19], "NaN and infinity": [np.nan, np.inf, -np.inf]}
for _kind, _values in _BEYOND.items():
    for _target in ["int8", "int32", "int64", "uint8", "uint32", "uint64"]:
        observe("%s to %s" % (_kind, _target), lambda: np.array(_values).astype(_target))
_CASES = {
    "float64 to float16, overflow": lambda: np.array([1e5, 65519.0, 65520.0]).astype("f2"),
    "float64 to float32, overflow": lambda: np.array([1e300, -1e300]).astype("f4"),
    "int64 to float32, rounding": lambda: np.array([2**24 + 1, 2**53 + 1, 2**63 - 1]).astype("f4"),
    "uint64 to float64, rounding": lambda: np.array([2**64 - 1, 2**53 + 1], "u8").astype("f8"),
    "complex to float": lambda: np.array([1.5 + 2j]).astype(float),
    "complex to int": lambda: np.array([1.5 + 2j]).astype(int),
    "complex to bool": lambda: np.array([0j, 2j]).astype(bool),
    "complex assigned to float": lambda: np.zeros(1).__setitem__(0, 1j),
    "complex array assigned to float": lambda: np.copyto(np.zeros(1), np.array([1j]), "unsafe"),
    "float() of complex scalar": lambda: float(np.complex128(1 + 2j)),
    "float scalar of NaN to int": lambda: np.float64("nan").astype(int),
    "int() of NaN": lambda: int(np.float64("nan")),
    "NaN assigned to int element": lambda: np.zeros(1, int).__setitem__(0, np.nan),
    "NaN array assigned to ints": lambda: np.zeros(1, int).__setitem__(slice(None), np.array([np.nan])),
    "object to int": lambda: np.array([1, 2.7, True], object).astype(int),
    "object of None to float": lambda: np.array([None], object).astype(float),
    "object of None to int": lambda: np.array([None], object).astype(int),
    "object of 300 to uint8": lambda: np.array([300], object).astype("u1"),
    "object of 2**64 to int64": lambda: np.array([2**64], object).astype("i8"),
    "structured to other fields": lambda: np.ones(1, "i4,f4").astype("f8,i1"),
    "number to structured": lambda: np.array([1]).astype("i4,f4"),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
