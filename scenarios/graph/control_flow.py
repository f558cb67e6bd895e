"""tf.cond, tf.while_loop, tf.map_fn and their kin with arrays as state, branches and conditions."""
# /// skew
# links = [
#     "https://www.tensorflow.org/api_docs/python/tf/while_loop",
#     "https://www.tensorflow.org/api_docs/python/tf/cond",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_ones = np.ones(2, np.float32)
CASES = {
    "cond branches of arrays": lambda: tf.cond(tf.constant(True), lambda: _ones, lambda: _ones.astype("float64")),
    "cond branches of other shapes": lambda: tf.cond(tf.constant(True), lambda: _ones, lambda: np.ones(3, np.float32)),
    "cond branches of other structure": lambda: tf.cond(tf.constant(True), lambda: _ones, lambda: [_ones, _ones]),
    "while shape changes": lambda: tf.while_loop(
        lambda a: tf.size(a) < 5, lambda a: [tf.concat([a, a], 0)], [_ones]),
    "while dtype changes": lambda: tf.while_loop(
        lambda a: tf.reduce_sum(a) < 5, lambda a: [tf.cast(a, tf.float64) * 2], [_ones]),
    "while np.int64": lambda: tf.while_loop(lambda i: i < 3, lambda i: [i + 1], [np.int64(0)]),
    "while np.int64 and 1": lambda: tf.while_loop(
        lambda i: i < np.int32(3), lambda i: [i + np.int64(1)], [np.int64(0)]),
    "while shape_invariants": lambda: tf.while_loop(
        lambda a: tf.size(a) < 5, lambda a: [tf.concat([a, a], 0)], [_ones], shape_invariants=[tf.TensorShape([None])]),
    "map_fn": lambda: tf.map_fn(lambda v: v * 2, np.array([1, 2])),
    "map_fn to float": lambda: tf.map_fn(lambda v: tf.cast(v, tf.float32) / 2, np.array([1, 2]), dtype=tf.float32),
    "map_fn fn_output_signature": lambda: tf.map_fn(
        lambda v: tf.cast(v, tf.float32), np.array([1, 2]), fn_output_signature=tf.float32),
    "map_fn of np function": lambda: tf.map_fn(lambda v: np.square(v), _ones),
    "vectorized_map": lambda: tf.vectorized_map(lambda v: v * 2, np.array([1.0, 2.0])),
    "TensorArray of float64": lambda: tf.TensorArray(tf.float32, 1).write(0, _ones.astype("float64")).stack(),
    "py_function float64 as float32": lambda: tf.py_function(lambda v: np.float64(v) + 0.5, [1.0], tf.float32),
    "py_function int as float32": lambda: tf.py_function(lambda v: 1, [1.0], tf.float32),
    "numpy_function float32 + 0.5": lambda: tf.numpy_function(
        lambda v: np.float32(v) + 0.5, [np.float32(1)], tf.float32),
    "numpy_function float64 as float32": lambda: tf.numpy_function(
        lambda v: np.float64(v) + 0.5, [np.float32(1)], tf.float32),
    "numpy_function uint8 + 1": lambda: tf.numpy_function(lambda v: np.uint8(v) + 1, [np.uint8(1)], tf.uint8),
    "v1 py_func": lambda: tf.compat.v1.py_func(lambda v: v + np.float32(0.5), [np.float32(1)], tf.float32),
    "group": lambda: tf.group(tf.constant(1)),
}
for _name, _case in CASES.items():
    observe(f"{_name}", _case)
# The same inside a traced function, where conditions are symbolic and dtypes are checked ahead.
for _name in ["cond branches of arrays", "cond branches of other shapes", "cond branches of other structure",
              "while np.int64", "while np.int64 and 1", "while shape changes", "while dtype changes",
              "numpy_function float32 + 0.5", "numpy_function float64 as float32", "py_function int as float32",
              "map_fn of np function", "TensorArray of float64"]:
    observe(f"traced {_name}", lambda: tf.function(CASES[_name])())
del CASES
