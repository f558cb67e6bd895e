"""Arrays of unusual memory layout, byte order or class, given to TensorFlow."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/user/basics.byteswapping.html",
#     "https://www.tensorflow.org/api_docs/python/tf/constant",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe


class _Subclass(np.ndarray):
    pass


def _unaligned():
    return np.frombuffer(b"\0" + np.arange(4, dtype=np.int32).tobytes(), np.int32, offset=1)


def _read_only():
    array = np.arange(4)
    array.flags.writeable = False
    return array


_BASE = np.arange(6, dtype=np.int32).reshape(2, 3)
_LAYOUTS = {
    "Fortran order": lambda: np.asfortranarray(_BASE),
    "transposed": lambda: _BASE.T,
    "reversed": lambda: np.arange(4)[::-1],
    "broadcast": lambda: np.broadcast_to(np.int32(7), (2, 2)),
    "sliding window": lambda: np.lib.stride_tricks.sliding_window_view(np.arange(4), 2),
    "field of a structure": lambda: np.array([(1, 2.5), (3, 4.5)], [("a", "i4"), ("b", "f8")])["b"],
    "unaligned": _unaligned,
    "read-only": _read_only,
    "0-d": lambda: np.array(1.5),
    "empty, strided": lambda: np.zeros((4, 4))[1:1, ::2],
    "matrix": lambda: np.asmatrix(_BASE),
    "masked": lambda: np.ma.masked_array([1, 2, 3], [False, True, False]),
    "masked constant": lambda: np.ma.masked,
    "record array": lambda: np.rec.fromarrays([[1, 2], [3.5, 4.5]]),
    "chararray": lambda: np.char.array(["ab", "c "]),
    "subclass": lambda: _BASE.view(_Subclass),
}
for _name, _make in _LAYOUTS.items():
    observe(_name, lambda: tf.constant(_make()))
for _code in ["i4", "i8", "f2", "f8", "c16", "U2"]:
    observe("big-endian " + _code, lambda: tf.constant(np.array([1, 2], ">" + _code)))
observe("big-endian scalar", lambda: tf.constant(np.array([1], ">i4")[0]))
observe("big-endian in a list", lambda: tf.constant([np.array([1, 2], ">i4")]))
observe("big-endian as another dtype", lambda: tf.constant(np.array([1, 2], ">i4"), tf.float32))
observe("big-endian by convert_to_tensor", lambda: tf.convert_to_tensor(np.array([1, 2], ">f8")))
observe("big-endian as an operand", lambda: tf.constant([1.0, 2.0]) + np.array([1, 2], ">f4"))
observe("big-endian by as_dtype", lambda: tf.as_dtype(np.dtype(">f4")))
observe("big-endian in a dataset", lambda: list(tf.data.Dataset.from_tensor_slices(np.array([1, 2], ">i4"))))
observe("big-endian Variable", lambda: tf.Variable(np.array([1, 2], ">f4")).numpy())
observe("masked by convert_to_tensor", lambda: tf.convert_to_tensor(np.ma.masked_array([1.5, 2], [False, True])))
observe("class that comes back", lambda: type(tf.constant(np.asmatrix(_BASE)).numpy()).__name__)
