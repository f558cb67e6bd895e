"""Which dtype an array and a NumPy scalar give: by kind and value in NumPy 1, by dtype alone in NumPy 2."""
# /// skew
# links = [
#     "https://numpy.org/neps/nep-0050-scalar-promotion.html",
#     "https://numpy.org/doc/stable/release/2.0.0-notes.html",
# ]
# ///
import numpy as np
from skew import observe

_ARRAYS = ["int8", "int64", "uint8", "uint64", "float16", "float32", "float64", "complex64"]
_SCALARS = ["int8", "int64", "uint8", "uint64", "float16", "float32", "float64", "longdouble", "complex128"]
for _left in _ARRAYS:
    for _right in _SCALARS:
        observe("%s array + %s scalar" % (_left, _right), lambda: (np.ones(2, _left) + np.ones(1, _right)[0]).dtype)

# NumPy 1 looked at the value, so that large or negative scalars gave other dtypes than small ones.
_VALUES = {
    "uint8 array + int64 scalar 300": (np.uint8, np.int64(300)),
    "uint8 array + int64 scalar -1": (np.uint8, np.int64(-1)),
    "int8 array + int64 scalar 200": (np.int8, np.int64(200)),
    "int8 array + uint8 scalar 200": (np.int8, np.uint8(200)),
    "int64 array + uint64 scalar 2**63": (np.int64, np.uint64(2**63)),
    "float16 array + float64 scalar 1e5": (np.float16, np.float64(1e5)),
    "float32 array + float64 scalar 1e300": (np.float32, np.float64(1e300)),
    "float32 array + float64 scalar 0.1": (np.float32, np.float64(0.1)),
    "float32 array + int64 scalar 2**40": (np.float32, np.int64(2**40)),
    "float32 array + float64 inf": (np.float32, np.float64("inf")),
}
for _name, (_dtype, _value) in _VALUES.items():
    observe(_name, lambda: np.ones(2, _dtype) + _value)
# A 0-d array used to count as a scalar, and an array of one element as an array.
observe("float32 array + 0-d float64 array", lambda: np.ones(2, "f4") + np.array(0.1))
observe("float32 array + float64 array of one", lambda: np.ones(2, "f4") + np.array([0.1]))
observe("0-d float32 array + float64 scalar", lambda: np.array(1, "f4") + np.float64(0.1))
observe("0-d uint8 array + int64 scalar", lambda: np.array(1, "u1") + np.int64(1))
observe("0-d uint8 array + 0-d int64 array", lambda: np.array(1, "u1") + np.array(300))
observe("float32 array * np.sqrt(2)", lambda: np.ones(2, "f4") * np.sqrt(2))
observe("float32 array * np.pi", lambda: np.ones(2, "f4") * np.pi)
observe("float32 array - its mean in float64", lambda: np.ones(2, "f4") - np.ones(2, "f4").mean(dtype=np.float64))
observe("float32 scalar + float64 array", lambda: np.float32(1) + np.ones(2))
observe("float64 scalar + float32 array", lambda: np.float64(1) + np.ones(2, "f4"))
observe("int64 scalar + uint8 array", lambda: np.int64(1) + np.ones(2, "u1"))
observe("str array + str scalar", lambda: np.array(["a"]) + np.str_("bcd"))
observe("datetime64 array + int64 scalar", lambda: np.array(["2024-01-31"], "M8[D]") + np.int64(1))
observe("uint8 array == int64 scalar 300", lambda: np.ones(2, "u1") == np.int64(300))
