"""Calls that NumPy deprecated between 1.14 and 2.5: which work, which warn, which are errors by now."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/release/1.20.0-notes.html",
#     "https://numpy.org/doc/stable/release/1.24.0-notes.html",
#     "https://numpy.org/doc/stable/release/1.25.0-notes.html",
#     "https://numpy.org/doc/stable/release/2.0.0-notes.html",
#     "https://numpy.org/doc/stable/release/2.4.0-notes.html",
#     "https://numpy.org/devdocs/release/2.5.0-notes.html",
# ]
# ///
import io
import warnings

import numpy as np
from skew import observe

_a = np.array([3.0, 1.0, 2.0])
_m = np.arange(6).reshape(2, 3)


class _Old:
    """An array-like whose methods have the signatures of NumPy 1."""

    def __array__(self, dtype=None):
        return np.array([1.0, 2.0])

    def __array_wrap__(self, array):
        return array


def _changed(array, name, value):
    setattr(array, name, value)
    return array


def _called(function):
    """Warns of a test helper itself are wanted here, so they mustn't be swallowed by it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return function()


_CALLS = {
    # Functions with new names.
    "alltrue": lambda: np.alltrue(_a),
    "sometrue": lambda: np.sometrue(_a),
    "product": lambda: np.product(_a),
    "cumproduct": lambda: np.cumproduct(_a),
    "round_": lambda: np.round_(_a),
    "row_stack": lambda: np.row_stack([_a, _a]),
    "in1d": lambda: np.in1d(_a, [1.0]),
    "trapz": lambda: np.trapz(_a),
    "fix": lambda: np.fix(_a),
    "msort": lambda: np.msort(_a),
    "alen": lambda: np.alen(_a),
    "asscalar": lambda: np.asscalar(np.array([1.5])),
    "asfarray": lambda: np.asfarray([1, 2]),
    "find_common_type": lambda: np.find_common_type([np.int64], [np.float32]),
    "sctype2char": lambda: np.sctype2char(np.float32),
    "obj2sctype": lambda: np.obj2sctype("f4").__name__,
    "issubclass_": lambda: np.issubclass_(np.int32, np.integer),
    "maximum_sctype": lambda: np.maximum_sctype("f4").__name__,
    "mat": lambda: np.mat([[1, 2]]),
    "matrix": lambda: np.matrix([[1, 2]]),
    "disp": lambda: np.disp("text", device=io.StringIO()),
    "safe_eval": lambda: np.safe_eval("[1, 2]"),
    "byte_bounds": lambda: np.subtract(*np.byte_bounds(_a)[::-1]),
    "compare_chararrays": lambda: np.compare_chararrays(np.array(["a"]), np.array(["a"]), "==", True),
    "cast": lambda: np.cast["f4"]([1]),
    "typename": lambda: np.typename("f"),
    "irr": lambda: np.irr([-100, 60, 60]),
    "fastCopyAndTranspose": lambda: np.fastCopyAndTranspose(_m),
    "set_numeric_ops": lambda: np.set_numeric_ops() and True,
    "random.random_integers": lambda: np.random.RandomState(1).random_integers(1, 6, 3),
    "random.ranf": lambda: np.random.ranf() < 1,
    "linalg.linalg": lambda: np.linalg.linalg.norm([3.0, 4.0]),
    "core.numeric": lambda: np.core.numeric.ones(2),
    "lib.function_base": lambda: np.lib.function_base.average(_a),
    "char.chararray": lambda: np.char.chararray((1,), 3).shape,
    "char.array": lambda: np.char.array(["a "]) == "a",
    "testing.assert_warns": lambda: _called(lambda: np.testing.assert_warns(UserWarning, warnings.warn, "text")),
    "testing.suppress_warnings": lambda: np.testing.suppress_warnings() and True,
    "finfo.machar": lambda: np.finfo("f4").machar is not None,
    "finfo of None": lambda: np.finfo(None).bits,
    # Methods and attributes.
    "tostring method": lambda: np.array([1], np.uint8).tostring(),
    "ptp method": lambda: _a.ptp(),
    "itemset method": lambda: _a.copy().itemset(0, 9.0),
    "newbyteorder method": lambda: _a.newbyteorder().dtype,
    "resize method": lambda: np.arange(4).resize((2, 2)),
    "set shape": lambda: _changed(np.arange(4), "shape", (2, 2)),
    "set dtype": lambda: _changed(np.arange(2), "dtype", np.uint64),
    "set strides": lambda: _changed(np.arange(4), "strides", (8,)),
    "write to a broadcast": lambda: _changed(np.broadcast_arrays(_a, _m)[0], "flat", 1.0),
    # Arguments.
    "array copy=False": lambda: np.array([1, 2], copy=False),
    "array copy=None": lambda: np.array(_a, copy=None),
    "asarray of an old __array__": lambda: np.asarray(_Old()),
    "array copy=True of an old __array__": lambda: np.array(_Old(), copy=True),
    "ufunc of an old __array_wrap__": lambda: np.negative(_Old()),
    "reshape newshape=": lambda: np.reshape(_m, newshape=(6,)),
    "percentile interpolation=": lambda: np.percentile(_a, 40, interpolation="lower"),
    "quantile method=": lambda: np.quantile(_a, 0.4, method="lower"),
    "histogram normed=": lambda: np.histogram(_a, 2, normed=True)[0],
    "unravel_index dims=": lambda: np.unravel_index(3, dims=(2, 2)),
    "tri with a float": lambda: np.tri(2.0),
    "lstsq without rcond": lambda: np.linalg.lstsq(np.eye(2), np.ones(2))[0],
    "corrcoef bias=": lambda: np.corrcoef(_m, bias=1),
    "save fix_imports=": lambda: np.save(io.BytesIO(), _a, fix_imports=False),
    "linspace with float num": lambda: np.linspace(0, 1, 3.0),
    "maximum with a third argument": lambda: np.maximum(_a, 2, np.zeros(3)),
    "dtype align=3": lambda: np.dtype("i1,i8", align=3).itemsize,
    "dtype '(2)i4'": lambda: np.dtype("(2)i4,i4"),
    "dtype 'O8'": lambda: np.dtype("O8"),
    "dtype 'a5'": lambda: np.dtype("a5"),
    "fft with axes=None and s": lambda: np.fft.fftn(np.ones((2, 2)), s=(2,)).shape,
    "sum of a generator": lambda: np.sum(x for x in [1, 2]),
    "vstack of a generator": lambda: np.vstack(x for x in [[1], [2]]),
    "fromstring binary": lambda: np.fromstring(b"\x01\x02", np.uint8),
    "fromstring of bad text": lambda: np.fromstring("1 2 x", sep=" "),
    "loadtxt of floats as int": lambda: np.loadtxt(["1.0", "2.5"], dtype=int),
    "shuffle a list of lists": lambda: np.random.default_rng(1).shuffle([[1], [2, 3]]),
    "round of bool": lambda: np.round(np.array([True])),
    "take into a smaller dtype": lambda: np.take(_a, [0], out=np.zeros(1, np.int8), mode="clip"),
    "bincount minlength=None": lambda: np.bincount([1], minlength=None),
    "delete out of bounds": lambda: np.delete(_a, [9]),
    "delete a bool list": lambda: np.delete(_a, [True, False, False]),
    "stack a tuple in expand_dims": lambda: np.expand_dims(_a, 5),
    "nonzero of a scalar": lambda: np.nonzero(np.array(3)),
    "cross of 2-D vectors": lambda: np.cross([1, 2], [3, 4]),
    "solve with a stack and vectors": lambda: np.linalg.solve(np.stack([np.eye(2)] * 2), np.ones((2, 2))).shape,
    "timedelta without unit": lambda: np.timedelta64(5),
    "timedelta + int": lambda: np.timedelta64(5, "s") + 1,
    "datetime with time zone": lambda: np.datetime64("2020-01-01T00:00+02:00"),
    # Indexing and conversion.
    "index by list of slices": lambda: _m[[slice(None), 1]],
    "index by nested lists": lambda: _m[[[0, 1], [1, 2]]],
    "index by float": lambda: _a[1.0],
    "index by numpy bool": lambda: [5, 6][np.True_],
    "flat index by float": lambda: _a.flat[1.0],
    "flat index by bool": lambda: _a.flat[True],
    "bool index of other length": lambda: _a[np.array([True, False])],
    "empty index of wrong shape": lambda: _a[np.zeros((0, 2), bool)],
    "float(array of one)": lambda: float(np.array([1.5])),
    "int(array of one)": lambda: int(np.array([[7]])),
    "set element to array of one": lambda: np.zeros(2).__setitem__(0, np.array([5.0])),
    "bool(empty array)": lambda: bool(np.array([])),
    "ragged array": lambda: np.array([[1], [2, 3]]),
    "ragged array of arrays": lambda: np.array([np.zeros(1), np.zeros(2)]).shape,
    "equal of other length": lambda: np.array([1, 2]) == np.array([1, 2, 3]),
    "not equal of other length": lambda: np.array([1, 2]) != np.array([1, 2, 3]),
    "numbers == text": lambda: np.array([1, 2]) == "1",
    "text < number": lambda: np.array(["a"]) < 1,
    "uint8(-1)": lambda: np.uint8(-1),
    "array of -1 as uint8": lambda: np.array([-1], np.uint8),
    "uint8 array + 300": lambda: np.array([1], np.uint8) + 300,
    "set uint8 to 300": lambda: np.zeros(1, np.uint8).__setitem__(0, 300),
    "full of 300 as int8": lambda: np.full(1, 300, np.int8),
    "text to bool": lambda: np.array(["0", ""]).astype(bool),
    "concatenate numbers and text": lambda: np.concatenate([[1], ["a"]]),
    "array of number and text": lambda: np.array([1, "a"]),
    "promote number and text": lambda: np.promote_types("i4", "U1"),
    "NaN to int": lambda: np.array([np.nan]).astype(np.int64),
    "complex to real": lambda: np.array([1 + 2j]).astype(float),
    "binary_repr of narrow width": lambda: np.binary_repr(-9, width=3),
    "clip with None twice": lambda: np.clip(_a, None, None),
    "arange of bools": lambda: np.arange(False, True),
}
for _name, _call in _CALLS.items():
    observe(_name, _call)
