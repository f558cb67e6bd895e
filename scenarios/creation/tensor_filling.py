"""Dtypes of tensors that are filled by rule: range, fill, linspace, one_hot, and ragged or sparse ones."""
# /// skew
# links = [
#     "https://www.tensorflow.org/api_docs/python/tf/range",
#     "https://www.tensorflow.org/api_docs/python/tf/fill",
#     "https://www.tensorflow.org/guide/ragged_tensor",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_ROWS = [[1, 2], [], [3]]
_CASES = {
    "range of int": lambda: tf.range(3),
    "range of uint8": lambda: tf.range(np.uint8(3)),
    "range of float32": lambda: tf.range(np.float32(3)),
    "range of float64": lambda: tf.range(np.float64(3)),
    "range of bool": lambda: tf.range(True),
    "range of 2**31": lambda: tf.range(2**31, 2**31 + 2),
    "range of int and float": lambda: tf.range(0, 1, 0.25),
    "range of int32 and int64": lambda: tf.range(tf.constant(0), tf.constant(3, tf.int64)),
    "range of int64 and float": lambda: tf.range(tf.constant(0, tf.int64), 2.5),
    "range as uint8": lambda: tf.range(3, dtype=tf.uint8),
    "range as int16": lambda: tf.range(3, dtype=tf.int16),
    "range as float16": lambda: tf.range(3, dtype=tf.float16),
    # TensorFlow 1.15 reads uninitialised memory here, so that it sometimes raises.
    "range as bfloat16": lambda: tf.range(3, dtype=tf.bfloat16) if tf.executing_eagerly() else None,
    "range as int of floats": lambda: tf.range(0.5, 3.5, dtype=tf.int32),
    "range without step": lambda: tf.range(0, 3, 0),
    "range downwards": lambda: tf.range(3, 0),
    "fill of int": lambda: tf.fill([2], 7),
    "fill of float64": lambda: tf.fill([2], np.float64(1.5)),
    "fill of vector": lambda: tf.fill([2], [1, 2]),
    "fill of negative shape": lambda: tf.fill([-1], 0),
    "fill of float shape": lambda: tf.fill([2.0], 1),
    "ones as Python int": lambda: tf.ones([2], int),
    "linspace of ints": lambda: tf.linspace(0, 1, 3),
    "linspace of int and float": lambda: tf.linspace(0, 1.0, 3),
    "one_hot": lambda: tf.one_hot([0, 2], 3),
    "one_hot of float indices": lambda: tf.one_hot([0.0, 2.0], 3),
    "meshgrid of two dtypes": lambda: tf.meshgrid([1, 2], [3.0]),
    "shape": lambda: tf.shape([[1, 2]]),
    "ragged constant": lambda: tf.ragged.constant(_ROWS),
    "ragged constant of floats": lambda: tf.ragged.constant([[1.5], [2, 3]]),
    "ragged constant of 2**40": lambda: tf.ragged.constant([[1], [2**40]]),
    "ragged constant of arrays": lambda: tf.ragged.constant([np.array([1, 2]), np.array([3])]),
    "ragged constant with int32 splits": lambda: tf.ragged.constant(_ROWS, row_splits_dtype=tf.int32),
    "ragged constant without rows": lambda: tf.ragged.constant([]),
    "ragged constant of two depths": lambda: tf.ragged.constant([1, [2]]),
    "ragged from int32 splits": lambda: tf.RaggedTensor.from_row_splits([1, 2, 3], np.array([0, 2, 3], np.int32)),
    "ragged from wrong splits": lambda: tf.RaggedTensor.from_row_splits([1, 2, 3], [0, 2, 5]),
    "ragged range": lambda: tf.ragged.range([2, 0, 3]),
    "ragged plus int": lambda: tf.ragged.constant(_ROWS) + 1,
    "ragged plus float": lambda: tf.ragged.constant(_ROWS) + 1.5,
    "ragged plus array": lambda: tf.ragged.constant(_ROWS) + np.array([[1], [2], [3]], np.int32),
    "ragged from dense": lambda: tf.RaggedTensor.from_tensor([[1, 0], [2, 3]], padding=0),
}
for _name, _make in _CASES.items():
    observe(_name, _make)
