"""How tf.function sees NumPy arguments: traces, signatures, captured arrays, returned types."""
# /// skew
# when = "tensorflow >= 2.0"
# links = ["https://www.tensorflow.org/api_docs/python/tf/function", "https://www.tensorflow.org/guide/function"]
# ///
import numpy as np
import tensorflow as tf
from skew import observe


def _traces(*calls, **arguments):
    traced = []

    @tf.function(**arguments)
    def function(value):
        traced.append(type(value).__name__)
        return tf.convert_to_tensor(value) if not isinstance(value, tuple) else value[0]

    for call in calls:
        function(call)
    return traced


_ONE = np.ones(2, np.float32)
for _name, _calls in {
    "python ints": (1, 2, 1), "numpy scalars": (np.float32(1), np.float32(2)),
    "numpy ints": (np.int64(1), np.int64(2)), "int then np.int64": (1, np.int64(1)),
    "float then np.float64": (1.0, np.float64(1.0)), "arrays": (_ONE, _ONE * 2),
    "array then scalar": (_ONE, np.float32(1)), "float32 then float64": (_ONE, _ONE.astype("float64")),
    "array then tensor": (_ONE, tf.constant(_ONE)), "object array": (np.array([b"a"], object),),
    "shape": (tf.TensorShape([1]), tf.TensorShape([1])),
    "0-d array": (np.array(1), np.array(2)), "datetime": (np.datetime64("2024-01-31"),),
}.items():
    observe(f"traces of {_name}", lambda: _traces(*_calls))
observe("traces with reduce_retracing", lambda: len(_traces(np.ones(1), np.ones(2), np.ones(3), reduce_retracing=True)))
observe("traces with experimental_relax_shapes",
        lambda: len(_traces(np.ones(1), np.ones(2), np.ones(3), experimental_relax_shapes=True)))

_signature = [tf.TensorSpec([None], tf.float32)]
for _name, _value in {
    "float32": np.ones(2, np.float32), "float64": np.ones(2), "int64": np.ones(2, np.int64),
    "int32": np.ones(2, np.int32), "list": [1, 2], "list of float": [1.0, 2.0], "scalar": np.float32(1),
    "two dimensions": np.ones((1, 2), np.float32), "float64 tensor": tf.constant([1.0], tf.float64),
    "uint8": np.ones(2, np.uint8), "float16": np.ones(2, np.float16),
}.items():
    observe(f"input_signature float32, given {_name}", lambda: _traces(_value, input_signature=_signature))
    observe(f"concrete function float32, given {_name}",
            lambda: tf.function(lambda value: value + 1, input_signature=_signature).get_concrete_function()(_value))


def _returned(function):
    return tf.function(function)()


RETURNS = {
    "list": lambda: [1, np.float64(2)],
    "np.random": lambda: bool(np.all(np.random.RandomState(1).rand(2) == np.random.RandomState(1).rand(2))),
    "object array": lambda: np.array([1, "a"], object),
}
for _name, _function in RETURNS.items():
    observe(f"returned {_name}", lambda: _returned(_function))


def _captured():
    array = np.ones(2, np.float32)
    function = tf.function(lambda: array + tf.constant(0.0))
    function()
    array[0] = 9
    return function()


observe("captured array changed later", _captured)
observe("structured_input_signature",
        lambda: str(tf.function(lambda v: v).get_concrete_function(np.ones(2)).structured_input_signature))
observe("jit_compile and arrays", lambda: tf.function(lambda v: v * 2, jit_compile=True)(np.ones(2, np.float32)))
del RETURNS
