"""How NumPy's arrays print: types, shapes, long and empty ones, options, legacy modes and explicit formatting."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/reference/generated/numpy.set_printoptions.html",
#     "https://numpy.org/doc/stable/release/2.2.0-notes.html",
# ]
# ///
import numpy as np
from skew import observe

_ARRAYS = {
    "bool": np.array([True, False]),
    "int64": np.array([1, -20, 300]),
    "uint64": np.array([0, 2**64 - 1], np.uint64),
    "large ints": np.array([2**62, -1]),
    "float64": np.array([1.0, 2.5, 1 / 3]),
    "float32": np.array([0.1, 100000.5], np.float32),
    "float16": np.array([0.1, 65504], np.float16),
    "whole floats": np.array([1.0, 2.0]),
    "wide range": np.array([1e-10, 1.0, 1e10]),
    "not finite": np.array([np.nan, np.inf, -np.inf, -0.0]),
    "complex": np.array([1 + 2j, -0.5j, complex("nan")]),
    "text": np.array(["a", "long text", ""]),
    "quotes": np.array(["it's", 'say "x"', "a\nb"]),
    "bytes": np.array([b"a", b"\x00\xff"]),
    "object": np.array([None, "a", 1.5, [1]], object),
    "scalars in objects": np.array([np.float32(1.5), np.int64(2)], object),
    "datetime": np.array(["2020-01-01", "NaT"], "M8[D]"),
    "timedelta": np.array([1, 86400], "m8[s]"),
    "structured": np.array([(1, 2.5, "a"), (-3, np.nan, "bc")], [("x", "i4"), ("y", "f8"), ("z", "U2")]),
    "nested structure": np.array([((1, 2), [0.5, 1.5])], [("a", [("b", "u1"), ("c", "u1")]), ("d", "f4", 2)]),
    "void": np.array([b"ab"], "V2"),
    "0-d": np.array(1.5),
    "0-d text": np.array("a"),
    "big-endian": np.array([1, 2], ">i4"),
    "2-D": np.arange(6).reshape(2, 3),
    "3-D": np.arange(8.0).reshape(2, 2, 2),
    "empty": np.array([]),
    "empty 2-D": np.zeros((0, 3), np.int32),
    "long": np.arange(2000),
    "long 2-D": np.arange(4000).reshape(2, 2000),
    "long strings": np.array(["a" * 30] * 4),
    "masked": np.ma.array([1.0, 2.0], mask=[False, True]),
    "masked structure": np.ma.array([(1, 2.0)], mask=[(True, False)], dtype="i4,f4"),
    "matrix": np.arange(2).reshape(1, 2).view(np.matrix),
    "record array": np.rec.array([(1, 2.5)], names="a,b"),
}
for _name, _array in _ARRAYS.items():
    observe("%s/repr" % _name, lambda: repr(_array))
for _name in ["float64", "text", "object", "scalars in objects", "structured", "0-d", "3-D", "empty", "long", "masked"]:
    observe("%s/str" % _name, lambda: str(_ARRAYS[_name]))

_floats = np.array([1.0, 1 / 3, 1e-9, 123456.789])
_OPTIONS = {
    "precision=2": {"precision": 2},
    "suppress": {"suppress": True},
    "floatmode=fixed": {"floatmode": "fixed", "precision": 3},
    "floatmode=unique": {"floatmode": "unique"},
    "floatmode=maxprec_equal": {"floatmode": "maxprec_equal"},
    "sign=+": {"sign": "+"},
    "linewidth=20": {"linewidth": 20},
    "threshold=2": {"threshold": 2, "edgeitems": 1},
    "nanstr": {"nanstr": "?"},
    "formatter": {"formatter": {"float": lambda value: "<%.1f>" % value}},
    "override_repr": {"override_repr": lambda array: "array of %d" % array.size},
    "legacy=1.13": {"legacy": "1.13"},
    "legacy=1.21": {"legacy": "1.21"},
    "legacy=1.25": {"legacy": "1.25"},
    "legacy=2.1": {"legacy": "2.1"},
    "legacy=1.0": {"legacy": "1.0"},
    "threshold=NaN": {"threshold": float("nan")},
}


def _printed(options, array):
    with np.printoptions(**options):
        return repr(array)


for _name, _options in _OPTIONS.items():
    observe("%s/floats" % _name, lambda: _printed(_options, _floats))
for _name in ["legacy=1.13", "legacy=1.21", "legacy=1.25", "legacy=2.1"]:
    observe("%s/scalar" % _name, lambda: _printed(_OPTIONS[_name], np.float64(1.5)))
    observe("%s/structured" % _name, lambda: _printed(_OPTIONS[_name], _ARRAYS["structured"][0]))
observe("get_printoptions", lambda: {key: str(value) for key, value in np.get_printoptions().items()})
observe("array2string separator", lambda: np.array2string(np.arange(3), separator=", "))
observe("array2string prefix", lambda: np.array2string(np.arange(40), prefix="x = ", max_line_width=40))
observe("array2string style", lambda: np.array2string(np.arange(2), style=repr))
observe("array2string formatter", lambda: np.array2string(np.arange(2), formatter={"int": hex}))
observe("array_repr with precision", lambda: np.array_repr(_floats, precision=2, suppress_small=True))
observe("array_str", lambda: np.array_str(_floats, max_line_width=12))
observe("float positional", lambda: np.format_float_positional(np.float32(1e-7), unique=True, trim="-"))
observe("float positional min_digits", lambda: np.format_float_positional(1.5, min_digits=4))
observe("float scientific", lambda: np.format_float_scientific(123456.0, precision=2, exp_digits=3))
observe("base_repr", lambda: np.base_repr(255, 16))
observe("polynomial", lambda: str(np.polynomial.Polynomial([1, 2, 3])))
observe("polynomial repr", lambda: repr(np.polynomial.Polynomial([1.0, 2.0])))
observe("poly1d", lambda: str(np.poly1d([1, 0, 3])))
