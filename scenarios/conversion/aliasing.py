"""Whether an array and the tensor made from it share memory, so that changing one changes the other."""
# /// skew
# links = [
#     "https://www.tensorflow.org/guide/tensor",
#     "https://www.tensorflow.org/api_docs/python/tf/convert_to_tensor",
#     "https://www.tensorflow.org/api_docs/python/tf/Variable",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe


def _array(count=4, offset=0):
    """Zeros that begin `offset` bytes after a multiple of 64, since some kernels only share memory that is aligned."""
    raw = np.zeros(4 * count + 192, np.uint8)
    # skew: allow address, it only aligns the array
    start = -raw.ctypes.data % 64 + offset
    return raw[start : start + 4 * count].view(np.float32)


def _after_change(make, array):
    """The first element of what `make` returns after the array was changed."""
    made = make(array)
    array[0] = 7
    return np.asarray(made)[0]


_MAKERS = {
    "constant": tf.constant,
    "convert_to_tensor": tf.convert_to_tensor,
    "identity": tf.identity,
    "Variable": tf.Variable,
    "reshape": lambda array: tf.reshape(array, [-1]),
    "cast to its own dtype": lambda array: tf.cast(array, tf.float32),
    "numpy()": lambda array: tf.convert_to_tensor(array).numpy(),
    "assign": lambda array: tf.Variable([0.0] * len(array)).assign(array),
    "dataset": lambda array: next(iter(tf.data.Dataset.from_tensors(array))),
}
for _name, _make in _MAKERS.items():
    observe(_name + " of an aligned array", lambda: _after_change(_make, _array()))
for _name in ["constant", "convert_to_tensor", "Variable"]:
    observe(_name + " of an unaligned array", lambda: _after_change(_MAKERS[_name], _array(offset=4)))
observe("constant of a large array", lambda: _after_change(tf.constant, _array(100000)))
observe("convert_to_tensor of a large array", lambda: _after_change(tf.convert_to_tensor, _array(100000)))


def _traced():
    """A NumPy array captured by a function is a constant from its first call on."""
    array = _array()
    function = tf.function(lambda: array + 0.0)
    first = function()
    array[0] = 7
    return [first, function()]


def _written(view, write, tensor):
    """The tensor after writing to what NumPy got of it."""
    write(view(tensor))
    return tensor


def _changed_variable(read):
    variable = tf.Variable([1.0, 2.0])
    seen = read(variable)
    variable.assign_add([10.0, 10.0])
    return np.array(seen)


def _fill(array):
    array[...] = 7


def _new():
    return tf.constant([1.0, 2.0])


_tensor = _new()
observe("array captured by tf.function", _traced)
observe("numpy() writeable", lambda: _tensor.numpy().flags.writeable)
observe("asarray writeable", lambda: np.asarray(_tensor).flags.writeable)
observe("array writeable", lambda: np.array(_tensor).flags.writeable)
observe("Variable.numpy() writeable", lambda: tf.Variable([1.0]).numpy().flags.writeable)
observe("two numpy() share memory", lambda: np.shares_memory(_tensor.numpy(), _tensor.numpy()))
observe("two asarray share memory", lambda: np.shares_memory(np.asarray(_tensor), np.asarray(_tensor)))
observe("array, copy=True shares memory", lambda: np.shares_memory(np.array(_tensor, copy=True), np.asarray(_tensor)))
observe("array, copy=False shares memory", lambda: np.shares_memory(np.array(_tensor, copy=False), np.asarray(_tensor)))
observe("written through numpy()", lambda: _written(lambda t: t.numpy(), _fill, _new()))
observe("written through asarray", lambda: _written(np.asarray, _fill, _new()))
observe("written through memoryview", lambda: _written(lambda t: np.asarray(memoryview(t)), _fill, _new()))
observe("ufunc into numpy()", lambda: _written(lambda t: t.numpy(), lambda a: np.add(a, 1, out=a), _new()))
observe("identity shares memory", lambda: np.shares_memory(np.asarray(tf.identity(_tensor)), np.asarray(_tensor)))
observe("reshape shares memory", lambda: np.shares_memory(np.asarray(tf.reshape(_tensor, [2, 1])), np.asarray(_tensor)))
observe("Variable.numpy() after assign", lambda: _changed_variable(lambda v: v.numpy()))
observe("Variable.read_value() after assign", lambda: _changed_variable(lambda v: v.read_value()))
observe("asarray of Variable after assign", lambda: _changed_variable(np.asarray))
observe("Variable from Variable", lambda: _changed_variable(tf.Variable))
