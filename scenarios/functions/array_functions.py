"""Functions that shape, join, extend, round and differentiate arrays: renamed arguments, result types, edges."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/release/2.0.0-notes.html",
#     "https://numpy.org/doc/stable/release/2.1.0-notes.html",
#     "https://numpy.org/doc/stable/release/2.4.0-notes.html",
#     "https://numpy.org/doc/stable/release/1.25.0-notes.html",
# ]
# ///
import numpy as np
from skew import observe

_A = np.array([[3.0, 1.0], [2.0, 4.0]])
_V = np.arange(5)
for _mode in ["constant", "edge", "linear_ramp", "maximum", "mean", "median", "minimum", "reflect", "symmetric",
    "wrap"]:
    observe("pad " + _mode, lambda: np.pad(_V, (3, 7), mode=_mode))
for _name in ["floor", "ceil", "trunc", "rint", "fix", "round", "sign", "sqrt", "abs", "square", "conjugate", "real",
    "angle"]:
    for _dtype in ["bool", "int8", "uint8", "complex64", "object"]:
        observe("%s of %s" % (_name, _dtype), lambda: getattr(np, _name)(np.array([0, 1, 4]).astype(_dtype)))
_CASES = {
    "reshape newshape=": lambda: np.reshape(_A, newshape=4),
    "reshape shape=": lambda: np.reshape(_A, shape=4),
    "reshape copy=False": lambda: np.reshape(_A.T, 4, copy=False),
    "resize": lambda: np.resize(_V, (2, 4)),
    "resize negative": lambda: np.resize(_V, -1),
    "permute_dims": lambda: np.permute_dims(_A, (1, 0)),
    "expand_dims twice": lambda: np.expand_dims(_V, (0, 2)).shape,
    "expand_dims out of range": lambda: np.expand_dims(_V, 5),
    "stack of a generator": lambda: np.stack(x for x in [_V, _V]),
    "vstack of a generator": lambda: np.vstack(x for x in [_V, _V]),
    "hstack of a map": lambda: np.hstack(map(np.atleast_1d, [1, 2])),
    "concatenate out=": lambda: np.concatenate([_V, _V], out=np.zeros(10)),
    "concat": lambda: np.concat([_V, _V]),
    "unstack": lambda: np.unstack(_A),
    "tile": lambda: np.tile(_A, (2, 1)),
    "roll by floats": lambda: np.roll(_V, 1.5),
    "rot90": lambda: np.rot90(_A, -1),
    "broadcast_arrays": lambda: np.broadcast_arrays(_V, 1),
    "broadcast_shapes": lambda: np.broadcast_shapes((2, 1), (3,)),
    "broadcast_shapes mismatch": lambda: np.broadcast_shapes((2,), (3,)),
    "atleast_1d": lambda: np.atleast_1d(1, 2),
    "atleast_2d of nothing": lambda: np.atleast_2d(),
    "meshgrid": lambda: np.meshgrid([1, 2], [3, 4], indexing="ij"),
    "meshgrid sparse": lambda: np.meshgrid([1, 2], [3, 4], sparse=True),
    "gradient": lambda: np.gradient(_A),
    "gradient varargs": lambda: np.gradient(np.array([1.0, 4.0, 9.0]), np.array([0.0, 1.0, 3.0]), edge_order=2),
    "cumsum axis None": lambda: np.cumsum(_A),
    "cumulative_sum": lambda: np.cumulative_sum([1, 2], include_initial=True),
    "cumproduct": lambda: np.cumproduct([1, 2]),
    "trapz": lambda: np.trapz([1, 2, 3], dx=0.5),
    "trapezoid": lambda: np.trapezoid([1, 2, 3], [0, 1, 3]),
    "interp unsorted": lambda: np.interp(0.5, [1, 0], [1, 2]),
    "unwrap of ints with a period": lambda: np.unwrap([0, 3, 7, 1], period=4),
    "clip min= max=": lambda: np.clip(_V, min=1, max=3),
    "clip without bounds": lambda: np.clip(_V, None, None),
    "clip by NaN": lambda: np.clip(_V, np.nan, 3),
    "clip out= of ints": lambda: np.clip(_V, 0.5, 2.5, out=np.zeros(5, int)),
    "clip of NaN": lambda: np.clip([np.nan, 5.0], 0, 1),
    "round of bool by 1": lambda: np.round(True, 1),
    "round builtin": lambda: round(np.float64(2.5)),
    "round builtin with digits": lambda: round(np.float32(2.55), 1),
    "sign of complex": lambda: np.sign(np.array([3 - 4j, 2j, np.nan])),
    "fix into complex": lambda: np.fix(1 + 1j),
    "nan_to_num": lambda: np.nan_to_num([np.nan, np.inf], nan=1, posinf=2),
    "array_equal NaN": lambda: np.array_equal([np.nan], [np.nan], equal_nan=True),
    "array == text": lambda: np.array([1, 2]) == "a",
    "array == another shape": lambda: np.array([1, 2]) == np.array([1, 2, 3]),
    "array == None": lambda: np.array([1, None], object) == None,  # noqa: E711
    "apply_over_axes": lambda: np.apply_over_axes(np.sum, _A, [0, 1]),
    "vectorize as a decorator": lambda: np.vectorize(otypes=[float])(lambda a: a)([1, 2]),
    "fromfunction": lambda: np.fromfunction(lambda i, j: i + j, (2, 2)),
    "fromiter of objects": lambda: np.fromiter(["a", None], object),
    "trim_zeros of a matrix": lambda: np.trim_zeros(np.array([[0, 0], [0, 1]])),
    "vander of bool": lambda: np.vander([True, False]),
    "logspace base array": lambda: np.logspace(0, 1, 2, base=np.array([2, 10])),
    "linspace of ints": lambda: np.linspace(-1.5, 1.5, 4, dtype=int),
    "arange of bool": lambda: np.arange(True, dtype=bool),
    "sinc of float32": lambda: np.sinc(np.float32(0.5)),
    "base_repr": lambda: [np.base_repr(-5), np.binary_repr(-5, width=6)],
    "binary_repr too narrow": lambda: np.binary_repr(-5, width=2),
    "bitwise_count": lambda: np.bitwise_count(np.int8([-7, 7])),
    "astype function": lambda: np.astype(_V, float),
    "isdtype": lambda: np.isdtype(np.dtype("f4"), "real floating"),
    "sliding_window_view": lambda: np.lib.stride_tricks.sliding_window_view(_V, 3),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
