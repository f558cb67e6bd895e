"""Indexing of arrays: sequences as indices, boolean masks, what is out of range, and functions that take indices."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/release/1.23.0-notes.html",
#     "https://numpy.org/doc/stable/release/1.19.0-notes.html",
#     "https://numpy.org/doc/stable/release/2.1.0-notes.html",
# ]
# ///
import numpy as np
from skew import observe

_A = np.arange(12).reshape(3, 4)
_V = np.arange(5)


def _set(array, index, value):
    array = array.copy()
    array[index] = value
    return array


_CASES = {
    "by list of lists": lambda: _A[[[0, 1], [1, 2]]],
    "by list of slices": lambda: _A[[slice(1), slice(2)]],
    "by list with None": lambda: _A[[0, None]],
    "by short boolean list": lambda: _V[[True, False]],
    "by boolean array of another shape": lambda: _A[np.ones((2, 4), bool)],
    "by empty float array": lambda: _V[np.array([])],
    "by 0-d bool array": lambda: _A[np.array(True)],
    "by uint64 array": lambda: _V[np.array([1], np.uint64)],
    "out of range of an empty result": lambda: np.ones((0, 2))[[], [5]],
    "too many": lambda: _V[0, 0],
    "advanced and slice order": lambda: np.zeros((2, 3, 4))[:, [0, 1], [0, 1]].shape,
    "assign longer": lambda: _set(_V, slice(2), [7, 8, 9]),
    "assign float to int": lambda: _set(_V, 0, 7.9),
    "assign complex to float": lambda: _set(_V * 1.0, 0, 1j),
    "assign array to element": lambda: _set(_V, 0, np.array([7])),
    "assign 2-d array to element": lambda: _set(_V, 0, np.array([[7]])),
    "take": lambda: np.take(_V, [0, -1]),
    "take out of range": lambda: np.take(_V, [9]),
    "take_along_axis default axis": lambda: np.take_along_axis(_V, np.array([1, 0])),
    "put": lambda: _set(_V, slice(None), 0) if np.put(_V.copy(), [0, 9], 1, mode="clip") is None else None,
    "select by int conditions": lambda: np.select([_V], [_V]),
    "delete": lambda: np.delete(_V, [0, -1]),
    "delete array out of range": lambda: np.delete(_V, [0, 9]),
    "delete by mask": lambda: np.delete(_V, _V > 2),
    "delete by boolean": lambda: np.delete(_V, True),
    "delete by short mask": lambda: np.delete(_V, [True, False]),
    "delete by float": lambda: np.delete(_V, 1.0),
    "insert": lambda: np.insert(_V, [0, 2], [7, 8]),
    "insert by mask": lambda: np.insert(_V, [True, False, False, False, False], 9),
    "nonzero of 0-d": lambda: np.nonzero(np.array(3)),
    "nonzero of scalar": lambda: np.nonzero(3),
    "where of 0-d": lambda: np.where(np.array(3)),
    "flatnonzero of text": lambda: np.flatnonzero(np.array(["", "a", " "])),
    "count_nonzero of text": lambda: np.count_nonzero(np.array(["", "a", " ", "0"])),
    "bool of whitespace": lambda: np.array(["", " ", "0"]).astype(bool),
    "unravel_index": lambda: np.unravel_index([5, 6], (3, 4)),
    "unravel_index dims=": lambda: np.unravel_index(5, dims=(3, 4)),
    "tril_indices_from": lambda: np.tril_indices_from(np.zeros((2, 3))),
    "flat by list": lambda: _A.flat[[1, 5]],
    "flat by float": lambda: _A.flat[1.0],
    "itemset": lambda: _V.copy().itemset(0, 7),
    "if of empty array": lambda: bool(np.array([])),
    "if of one-element array": lambda: bool(np.array([0])),
    "int of one-element array": lambda: int(np.array([3])),
    "float of 2-d one-element array": lambda: float(np.array([[3.5]])),
    "index of numpy bool": lambda: [5, 6, 7][np.bool_(True)],
}
for _name, _case in _CASES.items():
    observe(_name, _case)
