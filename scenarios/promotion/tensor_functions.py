"""TensorFlow's functions given operands of several dtypes, comparisons with foreign values, and opted-in promotion."""
# /// skew
# links = [
#     "https://www.tensorflow.org/guide/tf_numpy_type_promotion",
#     "https://www.tensorflow.org/api_docs/python/tf/experimental/numpy/experimental_enable_numpy_behavior",
#     "https://github.com/tensorflow/tensorflow/releases/tag/v2.15.0",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_f4, _i4 = tf.constant([0.5, 1.5]), tf.constant([1, 2])
_F8 = np.array([0.5, 1.5])
_CASES = {
    "where of float and 0": lambda: tf.where(_f4 > 1, _f4, 0),
    "where of float and array": lambda: tf.where(_f4 > 1, _f4, _F8),
    "where of array and float": lambda: tf.where(_f4 > 1, _F8, _f4),
    "concat of float and int": lambda: tf.concat([_f4, _i4], 0),
    "concat of float and array": lambda: tf.concat([_f4, _F8], 0),
    "concat of array and float": lambda: tf.concat([_F8, _f4], 0),
    "stack of float and int": lambda: tf.stack([_f4[0], 2]),
    "stack of int and float": lambda: tf.stack([2, _f4[0]]),
    "add of arrays of two dtypes": lambda: tf.add(_F8, np.array([1, 2])),
    "add of float64 and float32 arrays": lambda: tf.add(_F8, _F8.astype("f4")),
    "add of array and number": lambda: tf.add(_F8, 1),
    "add of numbers": lambda: tf.add(1, 2.5),
    "add of int and float64 scalar": lambda: tf.add(1, np.float64(2.5)),
    "divide of ints": lambda: tf.divide(7, 2),
    "pow of int by negative": lambda: tf.pow(2, -1),
    "pow of int and float": lambda: tf.pow(_i4, 0.5),
    "integer division by zero": lambda: _i4 // 0,
    "integer remainder by zero": lambda: _i4 % 0,
    "floormod of negative": lambda: tf.constant([-7, 7]) % tf.constant([3, -3]),
    "abs of the least int8": lambda: tf.abs(tf.constant([-128], tf.int8)),
    "uint8 overflow": lambda: tf.constant([200], tf.uint8) + tf.constant([100], tf.uint8),
    "reduce_sum of uint8": lambda: tf.reduce_sum(tf.constant([200, 100], tf.uint8)),
    "reduce_sum of bool": lambda: tf.reduce_sum([True, True]),
    "reduce_std of int": lambda: tf.math.reduce_std([1, 2]),
    "clip of uint8 to 300": lambda: tf.clip_by_value(tf.constant([1, 250], tf.uint8), 0, 300),
    "matmul of array and float": lambda: tf.matmul(np.array([[2.0]]), tf.constant([[1.0]])),
    "sqrt of int": lambda: tf.sqrt(_i4),
    "exp of array of ints": lambda: tf.exp(np.array([0, 0])),
    "gather by float": lambda: tf.gather(_f4, [1.0]),
    "gather by uint8": lambda: tf.gather(_f4, np.array([1], np.uint8)),
    "Variable += array": lambda: tf.Variable([1.0, 2.0]).assign_add(_F8),
    "Variable + float64 scalar": lambda: tf.Variable(1.5) + np.float64(0.1),
    "int tensor == 1.5": lambda: _i4 == 1.5,
    "int tensor == float tensor": lambda: _i4 == tf.constant([1.0, 2.0]),
    "int tensor == None": lambda: _i4 == None,  # noqa: E711
    "int tensor == text": lambda: _i4 == "a",
    "int tensor == array": lambda: _i4 == np.array([1, 3]),
    "array == int tensor": lambda: np.array([1, 3], np.int32) == _i4,
    "int tensor == 2**40": lambda: _i4 == 2**40,
    "uint8 tensor == 300": lambda: tf.constant([44], tf.uint8) == 300,
    "uint8 tensor < -1": lambda: tf.constant([44], tf.uint8) < -1,
    "shapes that do not match, ==": lambda: _i4 == tf.constant([1, 2, 3]),
    "shapes that do not match, !=": lambda: _i4 != tf.constant([1, 2, 3]),
    "bool tensor & int": lambda: tf.constant([True]) & 1,
}
for _name, _case in _CASES.items():
    observe(_name, _case)

# What comes last changes the process for good: operators that promote, by the rules of three modes.
_PAIRS = {
    "int32 + float": lambda: _i4 + 1.5,
    "int32 + float32": lambda: _i4 + _f4,
    "float32 + float64 array": lambda: _f4 + _F8,
    "uint8 + int8": lambda: tf.constant([1], tf.uint8) + tf.constant([-1], tf.int8),
    "uint8 + 300": lambda: tf.constant([1], tf.uint8) + 300,
    "float16 + bfloat16": lambda: tf.constant([1.0], tf.float16) + tf.constant([1.0], tf.bfloat16),
    "int64 + float32": lambda: tf.constant([1], tf.int64) + _f4[:1],
    "constant of float": lambda: tf.constant(1.5),
    "tnp.asarray of float": lambda: tf.experimental.numpy.asarray(1.5),
    "method astype": lambda: _f4.astype(np.int32),
}
for _mode in [None, "safe", "all"]:
    _options = {} if _mode is None else {"dtype_conversion_mode": _mode}
    observe("mode %s" % _mode, lambda: tf.experimental.numpy.experimental_enable_numpy_behavior(**_options))
    for _name, _case in _PAIRS.items():
        observe("mode %s, %s" % (_mode, _name), _case)
