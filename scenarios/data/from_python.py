"""NumPy values that Python functions hand to datasets: generators, numpy_function, py_function."""
# /// skew
# when = "tensorflow >= 2.0"
# links = [
#     "https://www.tensorflow.org/api_docs/python/tf/data/Dataset",
#     "https://www.tensorflow.org/api_docs/python/tf/numpy_function",
#     "https://numpy.org/neps/nep-0050-scalar-promotion.html",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe


def _from(values, signature):
    return list(tf.data.Dataset.from_generator(lambda: iter(values), output_signature=signature).as_numpy_iterator())


def _typed(values, *arguments):
    return list(tf.data.Dataset.from_generator(lambda: iter(values), *arguments).as_numpy_iterator())


_scalar, _vector = tf.TensorSpec((), tf.float32), tf.TensorSpec((2,), tf.float32)
for _name, _values, _signature in [
        ("float32", [np.float32(1.5)], _scalar), ("float64 as float32", [np.float64(1.5)], _scalar),
        ("int as float32", [np.int64(1)], _scalar), ("float as int32", [np.float32(1.5)], tf.TensorSpec((), tf.int32)),
        ("300 as uint8", [300], tf.TensorSpec((), tf.uint8)),
        ("np.int64 300 as uint8", [np.int64(300)], tf.TensorSpec((), tf.uint8)),
        ("-1 as uint8", [-1], tf.TensorSpec((), tf.uint8)), ("list as vector", [[1, 2]], _vector),
        ("wrong shape", [np.ones(3)], _vector), ("np.str_", [np.str_("a")], tf.TensorSpec((), tf.string)),
        ("object array", [np.array([1, 2], object)], _vector), ("None", [None], _scalar),
        ("ragged list", [[[1], [1, 2]]], tf.TensorSpec((2, None), tf.int32))]:
    observe(f"from_generator {_name}", lambda: _from(_values, _signature))
observe("from_generator types", lambda: _typed([np.array([1, 2])], tf.float32))
observe("from_generator NumPy types", lambda: _typed([np.array([1, 2])], np.float64))


def _mapped(call, function, dtype=tf.float32, values=(1.5, 2.5)):
    data = tf.data.Dataset.from_tensor_slices(np.array(values, np.float32))
    return list(data.map(lambda value: call(function, [value], dtype)).as_numpy_iterator())


FUNCTIONS = {
    "np.float32 + 0.5": lambda value: np.float32(value) + 0.5, "np.float64": lambda value: np.float64(value),
    "python int": lambda value: 1, "list": lambda value: [1.0, 2.0], "None": lambda value: None,
    "object array": lambda value: np.array([1.0], object), "text": lambda value: "a",
}
for _name, _function in FUNCTIONS.items():
    observe(f"map numpy_function {_name}", lambda: _mapped(tf.numpy_function, _function))
    observe(f"map py_function {_name}", lambda: _mapped(tf.py_function, _function))
    observe(f"eager numpy_function {_name}", lambda: tf.numpy_function(_function, [np.float32(1.5)], tf.float32))
    observe(f"eager py_function {_name}", lambda: tf.py_function(_function, [np.float32(1.5)], tf.float32))
observe("numpy_function of bfloat16", lambda: tf.numpy_function(
    lambda value: str(value.dtype), [tf.cast([1], tf.bfloat16)], tf.string))
observe("numpy_function changes its input", lambda: tf.numpy_function(
    lambda array: np.add(array, 1, out=array), [tf.constant([1.0])], tf.float32))
del FUNCTIONS
