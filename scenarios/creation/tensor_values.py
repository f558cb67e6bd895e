"""The dtype that tf.constant, convert_to_tensor and tf.Variable choose for Python and NumPy values."""
# /// skew
# links = [
#     "https://www.tensorflow.org/api_docs/python/tf/constant",
#     "https://www.tensorflow.org/api_docs/python/tf/convert_to_tensor",
# ]
# ///
import datetime as _datetime
import decimal as _decimal

import numpy as np
import tensorflow as tf
from skew import observe

_VALUES = {
    "bool": True,
    "int": 7,
    "float": 1.5,
    "None": None,
    "str": "é",
    "bytes": b"\xff\0",
    "2**31": 2**31,
    "2**63": 2**63,
    "1e300": 1e300,
    "[1, 2**40]": [1, 2**40],
    "[1, 2.5]": [1, 2.5],
    "[True, 2]": [True, 2],
    "['a', 1]": ["a", 1],
    "['a', b'b']": ["a", b"b"],
    "[1, None]": [1, None],
    "empty list": [],
    "ragged list": [[1, 2], [3]],
    "range": range(3),
    "dict": {"a": 1},
    "bytearray": bytearray(b"ab"),
    "float32 and float": [np.float32(1.5), 0.1],
    "float and float64": [0.1, np.float64(0.1)],
    "int64 and int": [np.int64(1), 2],
    "uint8 and int": [np.uint8(1), 300],
    "list of arrays": [np.array([1, 2]), np.array([3, 4])],
    "np.str_": np.str_("ab"),
    "object array of ints": np.array([1, 2], object),
    "object array of str": np.array(["a", "bc"], object),
    "object array of both": np.array([1, "a"], object),
    "tf.Dimension or TensorShape": tf.TensorShape([2, 3]),
}
for _name, _value in _VALUES.items():
    observe(_name, lambda: tf.constant(_value))
for _name in ["int", "float", "2**31", "range", "float32 and float", "None"]:
    observe(_name + "/convert", lambda: tf.convert_to_tensor(_VALUES[_name]))
    observe(_name + "/variable", lambda: tf.Variable(_VALUES[_name]).dtype)
observe("list of tensors", lambda: tf.constant([tf.constant(1), tf.constant(2)]))
observe("list of tensors/convert", lambda: tf.convert_to_tensor([tf.constant(1.5), 2]))
observe("list of tensors of two dtypes", lambda: tf.convert_to_tensor([tf.constant(1.5), tf.constant(2)]))
observe("int with hint float32", lambda: tf.convert_to_tensor(1, dtype_hint=tf.float32))
observe("1.5 with hint int32", lambda: tf.convert_to_tensor(1.5, dtype_hint=tf.int32))
observe("array with hint float32", lambda: tf.convert_to_tensor(np.array([1.5]), dtype_hint=tf.float32))
observe("shape larger than value", lambda: tf.constant(1, shape=[2, 2]))
observe("shape of another size", lambda: tf.constant([1, 2, 3], shape=[2, 2]))
observe("is_tensor of an array", lambda: tf.is_tensor(np.array([1])))
