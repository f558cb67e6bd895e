"""Dtypes and values of arrays that are filled by rule: full, arange, linspace, fromiter and their kin."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/release/1.20.0-notes.html",
#     "https://numpy.org/doc/stable/release/1.23.0-notes.html",
#     "https://numpy.org/doc/stable/release/1.24.0-notes.html",
# ]
# ///
import numpy as np
from skew import observe

_BYTES = np.zeros(2, np.uint8)
_CASES = {
    "full of float32": lambda: np.full(2, np.float32(1.5)),
    "full of 300 as uint8": lambda: np.full(2, 300, np.uint8),
    "full of -1 as uint8": lambda: np.full(2, -1, np.uint8),
    "full of 1.5 as int": lambda: np.full(2, 1.5, int),
    "full of NaN as int": lambda: np.full(2, np.nan, np.int32),
    "full_like of -1, uint8": lambda: np.full_like(_BYTES, -1),
    "full of str as S": lambda: np.full(2, "abc", "S2"),
    "zeros of float shape": lambda: np.zeros(2.0),
    "ones as str": lambda: np.ones(2, "U3"),
    "arange of float": lambda: np.arange(3.0),
    "arange of float32": lambda: np.arange(np.float32(3)),
    "arange of bool": lambda: np.arange(2, dtype=bool),
    "arange of three bools": lambda: np.arange(3, dtype=bool),
    "arange to 2**31": lambda: np.arange(2**31 - 1, 2**31 + 1),
    "arange to 2**63": lambda: np.arange(2**63 - 2, 2**63),
    "arange of str": lambda: np.arange(2, dtype="U1"),
    "arange of fractions as int": lambda: np.arange(0.5, 3, 0.5, dtype=int),
    "arange without step": lambda: np.arange(0, 3, 0),
    "arange of complex": lambda: np.arange(0, 3j),
    "arange by stop alone": lambda: np.arange(stop=4),
    "linspace of float32": lambda: np.linspace(np.float32(0), np.float32(1), 3),
    "linspace of float16 and int": lambda: np.linspace(np.float16(0), 1, 3),
    "linspace as int": lambda: np.linspace(-1.5, 1.5, 4, dtype=int),
    "linspace of float count": lambda: np.linspace(0, 1, 3.0),
    "linspace of uint8 downwards": lambda: np.linspace(np.uint8(3), np.uint8(1), 3),
    "logspace of bases": lambda: np.logspace(0, 2, 3, base=[2, 10]),
    "geomspace negative": lambda: np.geomspace(-1, -8, 4),
    "geomspace complex": lambda: np.geomspace(1j, 8j, 4),
    "fromiter of objects": lambda: np.fromiter(["a", None], object),
    "fromiter of subarrays": lambda: np.fromiter([(1, 2), (3, 4)], np.dtype((int, 2))),
    "fromiter of str": lambda: np.fromiter(["ab", "c"], "U"),
    "fromiter too short": lambda: np.fromiter([1, 2], int, count=3),
    "fromstring of bytes": lambda: np.fromstring(b"\1\2", np.uint8),
    "fromstring of bad text": lambda: np.fromstring("1 2 x", int, sep=" "),
    "r_ of int and float": lambda: np.r_[1:3, 0.5],
    "meshgrid type": lambda: np.meshgrid([1, 2], [3.0]),
    "array with ndmax": lambda: np.array([[1, 2], [3, 4]], dtype=object, ndmax=1),
    "array of like": lambda: np.array([1, 2], like=_BYTES),
    "asarray on a device": lambda: np.asarray([1, 2], device="cpu"),
    "asarray with copy": lambda: np.asarray([1, 2], copy=True),
    "astype as a function": lambda: np.astype(_BYTES, np.float32),
    "str array of a cut width": lambda: np.array(["abcdef"], "U3"),
    "non-ASCII text as S": lambda: np.array(["é"], "S"),
}
for _name, _make in _CASES.items():
    observe(_name, _make)
