"""What experimental_enable_numpy_behavior gives tensors, and what it changes for the rest of the program."""
# /// skew
# when = "tensorflow >= 2.5"
# links = ["https://www.tensorflow.org/api_docs/python/tf/experimental/numpy/experimental_enable_numpy_behavior"]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_two = np.array([[3.0, 1.0], [2.0, 4.0]], np.float32)
CASES = {
    "float32 + np.float64": lambda t: t + np.float64(1), "int32 + float": lambda t: tf.constant([1]) + 0.5,
    "float32 + float64 array": lambda t: t + np.ones(2), "t.T": lambda t: t.T, "t[list]": lambda t: t[[1, 0]],
    "int32 / int32": lambda t: tf.constant([1]) / tf.constant([2]),
    "uint8 + 300": lambda t: tf.constant([1], tf.uint8) + 300, "int32 ** -1": lambda t: tf.constant([2]) ** -1,
    "t.reshape pair": lambda t: t.reshape(4, 1), "t.mean axis": lambda t: t.mean(axis=0),
    "t.item": lambda t: t[0, 0].item(), "t.dtype": lambda t: t.dtype, "t[mask]": lambda t: t[t > 1.5],
    "t[array, array]": lambda t: t[np.array([0, 1]), np.array([1, 0])], "t[0:1, ::-1]": lambda t: t[0:1, ::-1],
    "t[9]": lambda t: t[9], "tf.add of other dtypes": lambda t: tf.add(t, np.ones(2)),
    "tf.concat of other dtypes": lambda t: tf.concat([t, np.ones((1, 2))], 0),
    "variable + float64": lambda t: tf.Variable([1.0]) + np.float64(1),
}
_tensor = tf.constant(_two)
for _name in ["float32 + float64 array", "t.T", "t[mask]", "t[list]", "int32 / int32"]:
    observe(f"before: {_name}", lambda: CASES[_name](_tensor))
for _name, _case in CASES.items():
    observe(_name, lambda: _case(_tensor))
for _mode in ["legacy", "safe", "all", "off"]:
    observe(f"mode {_mode}",
            lambda: tf.experimental.numpy.experimental_enable_numpy_behavior(dtype_conversion_mode=_mode))
    for _left, _right in [
            ("int32", "float32"), ("int64", "float32"), ("uint8", "int8"), ("bfloat16", "float16"), ("bool", "int32")]:
        observe(f"mode {_mode}: {_left} + {_right}", lambda: tf.constant(1, _left) + tf.constant(1, _right))
    observe(f"mode {_mode}: float32 + 1.5", lambda: tf.constant([1.0]) + 1.5)
    observe(f"mode {_mode}: float32 array + float64 array", lambda: tf.constant([1.0]) + np.ones(1))
del CASES
