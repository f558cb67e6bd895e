"""What comes back when a value of each dtype goes from NumPy to TensorFlow and home again."""
# /// skew
# links = [
#     "https://www.tensorflow.org/api_docs/python/tf/convert_to_tensor",
#     "https://www.tensorflow.org/api_docs/python/tf/dtypes/DType",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_NUMBERS = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
            "float16", "float32", "float64", "complex64", "complex128"]
_ARRAYS = {_name: np.array([0, 1, 2]).astype(_name) for _name in _NUMBERS}
_ARRAYS.update({
    "longlong": np.array([1, 2], np.longlong),
    "longdouble": np.array([1.5, 2], np.longdouble),
    "clongdouble": np.array([1j, 2], np.clongdouble),
    "text": np.array(["a", "é", ""]),
    "bytes": np.array([b"a", b"\xff\0", b""]),
    "objects of text": np.array(["a", "é"], object),
    "objects of bytes": np.array([b"a\0", b"\0"], object),
    "objects of ints": np.array([1, 2], object),
    "objects of two kinds": np.array([1, "a"], object),
    "objects of None": np.array([None, None], object),
    "datetime64": np.array(["2024-01-31", "NaT"], "datetime64[D]"),
    "timedelta64": np.array([1, 2], "timedelta64[s]"),
    "structured": np.array([(1, 2.0)], [("a", "i4"), ("b", "f8")]),
    "pair of bytes": np.array([(1, 2)], [("a", "u1"), ("b", "u1")]),
    "void": np.zeros(2, "V4"),
})
for _name, _array in _ARRAYS.items():
    observe(_name + "/array", lambda: tf.convert_to_tensor(_array).numpy())
    if _name not in _NUMBERS:
        observe(_name + "/scalar", lambda: tf.constant(_array[1]))
observe("numbers/scalar", lambda: {name: tf.constant(_ARRAYS[name][1]) for name in _NUMBERS})
observe("empty/tensor", lambda: tf.constant(np.zeros((0, 3), np.int8)))
observe("empty text/tensor", lambda: tf.constant(np.zeros(0, "U1")))
observe("empty objects/tensor", lambda: tf.constant(np.zeros(0, object)))
observe("0-d text/array", lambda: tf.constant(np.array("ab")).numpy())
# A variable-width str has no counterpart in TensorFlow.
observe("StringDType/tensor", lambda: tf.constant(np.array(["a", "bc"], np.dtypes.StringDType())))
observe("limits of int64", lambda: tf.constant(np.array([-(2**63), 2**63 - 1])).numpy())
observe("limits of uint64", lambda: tf.constant(np.array([0, 2**64 - 1], np.uint64)).numpy())
# Bits that a conversion through another type would lose.
observe("NaN payload", lambda: tf.constant(np.array([0x7FC00001, 0x7F800001], np.uint32).view("f4")).numpy().view("u4"))
observe("negative zero and subnormal", lambda: tf.constant(np.array([-0.0, 1e-45], np.float32)).numpy().view("u4"))
