"""Sharing without copies: DLPack in both directions, the buffer protocol and memoryview."""
# /// skew
# links = [
#     "https://www.tensorflow.org/api_docs/python/tf/experimental/dlpack/to_dlpack",
#     "https://numpy.org/doc/stable/reference/generated/numpy.from_dlpack.html",
#     "https://numpy.org/doc/stable/release/2.1.0-notes.html",
# ]
# ///
import pickle as _pickle

import numpy as np
import tensorflow as tf
from skew import observe

_DTYPES = ["bool", "int8", "uint16", "float16", "bfloat16", "float32", "complex64"]
_tensor = tf.constant([[1.5, 2.5], [3.5, 4.5]])
for _name in _DTYPES:
    _small = tf.cast([0, 1, 2], _name)
    observe(_name + "/to DLPack", lambda: type(tf.experimental.dlpack.to_dlpack(_small)).__name__)
    observe(_name + "/and back", lambda: tf.experimental.dlpack.from_dlpack(tf.experimental.dlpack.to_dlpack(_small)))
    observe(_name + "/np.from_dlpack", lambda: np.from_dlpack(_small))
    observe(_name + "/memoryview", lambda: memoryview(_small).format)


class _Capsule:
    """Hands TensorFlow's capsule to NumPy, which asks for a device first."""

    def __dlpack__(self, **_):
        return tf.experimental.dlpack.to_dlpack(_tensor)

    def __dlpack_device__(self):
        return (1, 0)


def _read_only():
    array = np.ones(2)
    array.flags.writeable = False
    return array


def _exported(array, **options):
    return tf.experimental.dlpack.from_dlpack(array.__dlpack__(**options))


def _taken_twice():
    capsule = tf.experimental.dlpack.to_dlpack(tf.constant([1.0]))
    tf.experimental.dlpack.from_dlpack(capsule)
    return tf.experimental.dlpack.from_dlpack(capsule)


_CASES = {
    "np.from_dlpack of TensorFlow's capsule": lambda: np.from_dlpack(_Capsule()),
    "is it writeable": lambda: np.from_dlpack(_Capsule()).flags.writeable,
    "tensor from NumPy's capsule": lambda: _exported(np.arange(3.0)),
    "tensor from int32 capsule": lambda: _exported(np.arange(3, dtype=np.int32)),
    "tensor from bool capsule": lambda: _exported(np.array([True, False])),
    "tensor from complex capsule": lambda: _exported(np.array([1j, 2])),
    "tensor from strided capsule": lambda: _exported(np.arange(6.0)[::2]),
    "tensor from Fortran capsule": lambda: _exported(np.asfortranarray(np.arange(4.0).reshape(2, 2))),
    "tensor from 0-d capsule": lambda: _exported(np.array(1.5)),
    "tensor from empty capsule": lambda: _exported(np.zeros((0, 2))),
    "tensor from read-only capsule": lambda: _exported(_read_only()),
    "tensor from big-endian capsule": lambda: _exported(np.ones(2, ">f4")),
    "tensor from versioned capsule": lambda: _exported(np.ones(2), max_version=(1, 0)),
    "tensor from text capsule": lambda: _exported(np.array(["a"])),
    "capsule taken twice": _taken_twice,
    "capsule of a variable": lambda: type(tf.experimental.dlpack.to_dlpack(tf.Variable([1.0]))).__name__,
    "np.from_dlpack with copy": lambda: np.from_dlpack(np.ones(2), copy=True).flags.writeable,
    "np.from_dlpack writeable": lambda: np.from_dlpack(np.ones(2)).flags.writeable,
    "np.from_dlpack on a device": lambda: np.from_dlpack(np.ones(2), device="cpu"),
    "has __dlpack__": lambda: hasattr(_tensor, "__dlpack__"),
    "memoryview": lambda: memoryview(_tensor).tolist(),
    "memoryview read-only": lambda: memoryview(_tensor).readonly,
    "memoryview of a variable": lambda: memoryview(tf.Variable([1.0])).tolist(),
    "np.frombuffer": lambda: np.frombuffer(_tensor, np.float32),
    "tensor proto": lambda: tf.make_ndarray(tf.make_tensor_proto(np.array([1.5, 2], np.float32))),
    "serialized": lambda: tf.io.parse_tensor(tf.io.serialize_tensor(_tensor), tf.float32),
}
for _name, _make in _CASES.items():
    observe(_name, _make)
