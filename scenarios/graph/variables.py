"""Variables and modules given arrays: creation, assignment, dtypes and shapes that do not match."""
# /// skew
# links = [
#     "https://www.tensorflow.org/api_docs/python/tf/Variable",
#     "https://www.tensorflow.org/api_docs/python/tf/Module",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe


def _after(change, initial=np.float32([1, 2]), **arguments):
    variable = tf.Variable(initial, **arguments)
    change(variable)
    return tf.identity(variable)


for _name, _value in {
    "int": 1, "list": [1, 2.5], "np.float64": np.float64(1), "float64 array": np.ones(1), "int array": np.array([1]),
    "uint8": np.ones(1, np.uint8),
}.items():
    observe(f"Variable of {_name}", lambda: tf.Variable(_value).dtype)
ASSIGN = {
    "list": [3, 4], "float64 array": np.array([3.0, 4.0]), "int array": np.array([3, 4]),
    "float16 array": np.array([3, 4], np.float16), "float64 tensor": tf.constant([3.0, 4.0], tf.float64),
    "wrong shape": np.ones(3, np.float32), "scalar": np.float32(3), "NaN": [np.nan, np.inf],
}
for _name, _value in ASSIGN.items():
    observe(f"assign {_name}", lambda: _after(lambda variable: variable.assign(_value)))
observe("assign 300 to uint8", lambda: _after(lambda variable: variable.assign([300, 1]), np.array([1, 2], np.uint8)))
observe("assign -1 to uint8", lambda: _after(
    lambda variable: variable.assign(np.array([-1, 1])), np.array([1, 2], np.uint8)))
observe("assign float to int", lambda: _after(lambda variable: variable.assign([1.5, 2.5]), np.array([1, 2])))
observe("assign an element", lambda: _after(lambda variable: variable[0].assign(np.float32(9))))
observe("assign_add float64 array", lambda: _after(lambda variable: variable.assign_add(np.ones(2))))
observe("assign an element float64", lambda: _after(lambda variable: variable[0].assign(np.float64(9))))
observe("Variable dtype too small", lambda: tf.Variable(300, dtype=tf.uint8))
observe("Variable dtype=np.float16", lambda: tf.Variable([1], dtype=np.float16).dtype)
observe("array of a variable", lambda: np.array(tf.Variable([1.5])))
observe("np.add variable", lambda: np.add(tf.Variable([1.5]), 1))
observe("array + variable", lambda: np.ones(1, np.float32) + tf.Variable([1.5]))
observe("variable == array", lambda: tf.Variable([1.5, 2]) == np.array([1.5, 0], np.float32))
observe("repr", lambda: repr(tf.Variable([1.5], name="v")))


class _Module(tf.Module):
    def __init__(self):
        super().__init__(name="module")
        self.array = np.ones(1)
        self.list = [tf.Variable(np.ones(1)), {"a": tf.Variable(2.0)}]

    @tf.Module.with_name_scope
    def scope(self):
        return tf.Variable(1.0, name="inner").name


observe("Module variables", lambda: [tuple(variable.shape) for variable in _Module().variables])
observe("Module name_scope", lambda: _Module().scope())


def _exported():
    module = tf.Module()
    module.array = tf.Variable(np.array([1, 2]))
    module.call = tf.function(lambda value: value * module.array, input_signature=[tf.TensorSpec([2], tf.int64)])
    tf.saved_model.save(module, "module")
    loaded = tf.saved_model.load("module")  # A function does not keep the variables that it refers to.
    return loaded.call(np.array([3, 4]))


observe("Module exported", _exported)
del ASSIGN
