"""A value given where another dtype is asked for: float64 for float32, Python numbers that do not fit, and so on."""
# /// skew
# links = [
#     "https://www.tensorflow.org/api_docs/python/tf/constant",
#     "https://www.tensorflow.org/api_docs/python/tf/convert_to_tensor",
#     "https://www.tensorflow.org/api_docs/python/tf/numpy_function",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_F8, _I8 = np.array([[0.1, 1.5], [2.5, 3.5]]), np.array([1, 300, -1])
_f4 = tf.constant([[1.0, 0.0], [0.0, 1.0]])
_NUMBERS = [
    (300, ["uint8", "int8", "float16"]), (-1, ["uint8", "uint32", "uint64", "bool"]),
    (2**31, ["int32", "int64", "float32"]), (2**63, ["int64", "uint64"]),
    (2**64, ["uint64", "float64"]), (1.5, ["int32", "bool", "complex64"]),
    (1e40, ["float32", "bfloat16"]), (1e5, ["float16"]), (True, ["int32", "float32"]), (1, ["bool", "string"]),
    (1j, ["float32"]), (None, ["float32"]), ("1", ["int32"]),
]
for _value, _dtypes in _NUMBERS:
    for _dtype in _dtypes:
        observe("constant of %r as %s" % (_value, _dtype), lambda: tf.constant(_value, _dtype))


@tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
def _signed(value):
    return value * 2


def _gradient(value):
    with tf.GradientTape() as tape:
        tape.watch(value)
        result = value * value
    return tape.gradient(result, value)


def _dense(value):
    layer = tf.keras.layers.Dense(1, kernel_initializer="ones")
    return layer(value).numpy()  # In a graph the weights would have to be initialised first.


_CASES = {
    "float64 array as float32": lambda: tf.constant(_F8, tf.float32),
    "float64 array as int32": lambda: tf.constant(_F8, tf.int32),
    "float64 scalar as float32": lambda: tf.constant(np.float64(0.1), tf.float32),
    "int64 array as int32": lambda: tf.constant(_I8, tf.int32),
    "int64 array as uint8": lambda: tf.constant(_I8, tf.uint8),
    "int64 array of 2**40 as int32": lambda: tf.constant(np.array([2**40]), tf.int32),
    "int64 array as float32": lambda: tf.constant(_I8, tf.float32),
    "list of 300 as uint8": lambda: tf.constant([1, 300], tf.uint8),
    "list of floats as int32": lambda: tf.constant([1.5, 2.0], tf.int32),
    "number array as string": lambda: tf.constant(_I8, tf.string),
    "object array as float32": lambda: tf.constant(np.array([1.5, 2], object), tf.float32),
    "convert float64 array to float32": lambda: tf.convert_to_tensor(_F8, tf.float32),
    "convert float32 tensor to float64": lambda: tf.convert_to_tensor(_f4, tf.float64),
    "convert list of tensors to float64": lambda: tf.convert_to_tensor([_f4, _f4], tf.float64),
    "constant of tensor as float64": lambda: tf.constant(_f4, tf.float64),
    "Variable of float64 array as float32": lambda: tf.Variable(_F8, dtype=tf.float32).read_value(),
    "assign of float64 array": lambda: tf.Variable(_f4).assign(_F8).read_value(),
    "assign of float64 tensor": lambda: tf.Variable(_f4).assign(tf.constant(_F8)),
    "matmul with float64 array": lambda: tf.matmul(_f4, _F8),
    "matmul with float64 tensor": lambda: tf.matmul(_f4, tf.constant(_F8)),
    "float64 array @": lambda: _F8 @ _f4,
    "conv2d with float64 filters": lambda: tf.nn.conv2d(tf.ones([1, 2, 2, 1]), np.ones((1, 1, 1, 1)), 1, "SAME"),
    "softmax of int array": lambda: tf.nn.softmax(np.array([1, 2])),
    "dropout of int": lambda: tf.nn.dropout(tf.constant([1, 2]), 0.0),
    "reshape by int16 shape": lambda: tf.reshape(_f4, np.array([4], np.int16)),
    "scatter of float64 updates": lambda: tf.tensor_scatter_nd_update(_f4, [[0]], np.ones((1, 2))),
    "segment_sum by int16": lambda: tf.math.segment_sum(_f4, np.array([0, 0], np.int16)),
    "function with signature, float64 array": lambda: _signed(np.array([0.1])),
    "function with signature, float64 tensor": lambda: _signed(tf.constant(np.array([0.1]))),
    "function with signature, ints": lambda: _signed([1, 2]),
    "function with signature, text": lambda: _signed(["a"]),
    "gradient of int": lambda: _gradient(tf.constant(3)),
    "cond of int": lambda: tf.cond(tf.constant(1), lambda: 1, lambda: 2),
    "cond of two dtypes": lambda: tf.function(lambda p: tf.cond(p, lambda: 1, lambda: 2.5))(tf.constant(True)),
    "numpy_function of float64 as float32": lambda: tf.numpy_function(np.sum, [_f4], tf.float64),
    "py_function of float64 as float32": lambda: tf.py_function(lambda x: x.numpy().astype("f8"), [_f4], tf.float32),
    "generator of float64 as float32": lambda: list(
        tf.data.Dataset.from_generator(lambda: iter([np.float64(0.1)]), tf.float32)),
    "Dense of float64 array": lambda: _dense(_F8),
}
for _name, _case in _CASES.items():
    observe(_name, _case)
