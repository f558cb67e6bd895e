"""Arrays and tensors in one expression: operators, functions of both, and indexing each by the other."""
# /// skew
# links = [
#     "https://www.tensorflow.org/api_docs/python/tf/Tensor",
#     "https://numpy.org/doc/stable/release/1.23.0-notes.html",
#     "https://github.com/tensorflow/tensorflow/releases/tag/v2.18.0",
# ]
# ///
import operator as _operator

import numpy as np
import tensorflow as tf
from skew import observe

_A, _t = np.array([[3.0, 1.0], [2.0, 4.0]], np.float32), tf.constant([[1.0, 2.0], [3.0, 4.0]])
_V, _v = np.arange(6, dtype=np.int32), tf.range(6)

for _name in "add sub mul truediv floordiv mod pow matmul eq ne lt ge".split():
    observe("array %s tensor" % _name, lambda: getattr(_operator, _name)(_A, _t))
    observe("tensor %s array" % _name, lambda: getattr(_operator, _name)(_t, _A))
for _name in "and_ or_ xor lshift".split():
    observe("int array %s tensor" % _name, lambda: getattr(_operator, _name)(_V, _v))
    observe("int tensor %s array" % _name, lambda: getattr(_operator, _name)(_v, _V))


def _assigned(index, value):
    array = np.zeros(3, np.float32)
    array[index] = value
    return array


_CASES = {
    "array of one shape, tensor of another": lambda: np.ones(3, np.float32) + _t,
    "tensor + numpy scalar": lambda: _t + np.float32(1),
    "matrix @ tensor": lambda: np.matrix(_A) @ _t,
    "tf.concat of both": lambda: tf.concat([_A, _t], 0),
    "dot method": lambda: _A.dot(_t),
    "assert_allclose of both": lambda: np.testing.assert_allclose(_A, _t),
    "assert_array_equal of both": lambda: np.testing.assert_array_equal(_t, np.asarray(_t)),
    "array by vector": lambda: _V[tf.constant([1, 2])],
    "array by one-element tensor": lambda: _V[tf.constant([1])],
    "array by matrix": lambda: _V[tf.constant([[0, 1], [2, 3]])],
    "array by boolean tensor": lambda: _V[_v > 3],
    "array by tensors of two axes": lambda: _A[tf.constant([0, 1]), tf.constant([1, 0])],
    "tensor by slice of numpy ints": lambda: _v[np.int32(1):np.int64(3)],
    "tensor by list": lambda: _v[[1, 2]],
    "tensor by numpy bool": lambda: _v[np.bool_(True)],
    "tensor beyond its end": lambda: _v[np.int64(9)],
    "assign tensor": lambda: _assigned(slice(None), tf.constant([1.0, 2.0, 3.0])),
    "assign one-element tensor": lambda: _assigned(0, tf.constant([1.5])),
    "assign by tensor": lambda: _assigned(tf.constant([0, 2]), 1.5),
    "reshape by tensor": lambda: np.reshape(_V, tf.constant([2, 3])),
    "tf.reshape by array": lambda: tf.reshape(_V, np.array([2, 3])),
    "tf.maximum of array and tensor": lambda: tf.maximum(_A, _t),
    "float of one-element tensor": lambda: float(tf.constant([3.5])),
    "allclose axis": lambda: np.allclose(_t, _A, atol=tf.constant(9.0)),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
