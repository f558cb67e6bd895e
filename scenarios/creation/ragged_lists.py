"""What NumPy makes of lists whose parts differ in length or depth, and of objects that only look like sequences."""
# /// skew
# links = [
#     "https://numpy.org/neps/nep-0034-infer-dtype-is-object.html",
#     "https://numpy.org/doc/stable/release/1.24.0-notes.html",
#     "https://numpy.org/doc/stable/release/2.0.0-notes.html",
# ]
# ///
import numpy as np
from skew import observe

_RAGGED = {
    "two lengths": [[1, 2], [3]],
    "list and number": [[1], 2],
    "number and list": [1, [2]],
    "empty and one": [[], [1]],
    "third level": [[[1, 2], [3]], [[4], [5]]],
    "depth differs inside": [[1, [2]], [3, 4]],
    "tuples": [(1, 2), (3,)],
    "str and list": ["ab", ["c"]],
    "str and list of its length": ["ab", ["c", "d"]],
    "arrays of two lengths": [np.zeros(2), np.ones(3)],
    "arrays with the same first axis": [np.zeros((2, 3)), np.ones((2, 2))],
    "arrays with the same last axis": [np.zeros((2, 3)), np.ones((1, 3))],
    "array and 0-d array": [np.zeros(2), np.array(1)],
    "array of one and number": [np.array([1]), 2],
    "None and list": [None, [1, 2]],
}
for _name, _value in _RAGGED.items():
    observe(_name, lambda: np.array(_value))
    observe(_name + "/as object", lambda: np.array(_value, dtype=object))
_TWO = [[1, 2], [3]]
observe("as float", lambda: np.array(_TWO, dtype=float))
observe("as str", lambda: np.array(_TWO, dtype=str))
observe("asarray", lambda: np.asarray(_TWO))
observe("np.sum", lambda: np.sum(_TWO))
observe("np.mean", lambda: np.mean(_TWO))
observe("np.shape", lambda: np.shape(_TWO))
observe("np.size", lambda: np.size(_TWO))
observe("np.concatenate", lambda: np.concatenate(_TWO))
observe("np.vstack", lambda: np.vstack(_TWO))
observe("np.equal", lambda: np.equal(_TWO, 1))
observe("assigned to an object array", lambda: np.copyto(np.empty(2, object), _TWO))


def _nested(depth):
    return [_nested(depth - 1)] if depth else 1


# NumPy 2 raised the limit of dimensions from 32 to 64.
for _depth in [32, 33, 64, 65]:
    observe("%d levels" % _depth, lambda: np.array(_nested(_depth)).ndim)
    observe("%d dimensions" % _depth, lambda: np.ones((1,) * _depth).ndim)


class _Sequence:
    def __len__(self):
        return 2

    def __getitem__(self, index):
        return [10, 20][index]


class _BadLength(_Sequence):
    def __len__(self):
        raise RuntimeError("no length")


class _Protocol:
    def __array__(self, dtype=None):
        return np.arange(3, dtype=np.int16)


class _Interface:
    __array_interface__ = np.arange(3, dtype=np.int16).__array_interface__


observe("sequence by duck typing", lambda: np.array(_Sequence()))
observe("sequence whose length raises", lambda: np.array(_BadLength()).dtype)
observe("object with __array__", lambda: np.array(_Protocol()))
observe("object with __array__, copy=True", lambda: np.array(_Protocol(), copy=True))
observe("object with __array__, copy=False", lambda: np.array(_Protocol(), copy=False))
observe("object with __array__, another dtype", lambda: np.asarray(_Protocol(), np.float32))
observe("list of objects with __array__", lambda: np.array([_Protocol(), _Protocol()]))
observe("class with __array__", lambda: np.array(_Protocol).dtype)
