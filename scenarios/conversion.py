"""What comes back when a value goes from NumPy to TensorFlow and home again, for every dtype both know."""
import numpy as np
import tensorflow as tf
from skew import observe

for _name in ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
              "float16", "float32", "float64", "complex64", "complex128"]:
    _array = np.array([0, 1, 2]).astype(_name)
    observe(f"{_name}/tensor", lambda: tf.constant(_array))
    observe(f"{_name}/round trip", lambda: tf.convert_to_tensor(_array).numpy())
    observe(f"{_name}/as float32", lambda: tf.cast(_array, tf.float32))

observe("bfloat16/tensor", lambda: tf.cast([1.5, 2.25], tf.bfloat16))
observe("bfloat16/array", lambda: tf.cast([1.5, 2.25], tf.bfloat16).numpy())
observe("text", lambda: tf.constant(np.array(["a", "bc"])))
observe("bytes", lambda: tf.constant(np.array([b"a", b"bc"])))
observe("datetime", lambda: tf.constant(np.array(["2024-01-31"], "datetime64[D]")))
observe("structured", lambda: tf.constant(np.array([(1, 2.0)], [("a", "i4"), ("b", "f8")])))
observe("object", lambda: tf.constant(np.array([1, "a"], object)))
observe("ragged list", lambda: np.array([[1, 2], [3]]))
observe("array protocol", lambda: np.asarray(tf.constant([1.5])))
observe("array without copy", lambda: np.array(tf.constant([1.5]), copy=False))
