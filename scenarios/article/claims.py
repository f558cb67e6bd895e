"""The claims of the article on NumPy and TensorFlow, measured one by one."""
# /// skew
# links = ["https://www.tensorflow.org/guide/tensor", "https://www.tensorflow.org/api_docs/python/tf/constant"]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_ints = np.array([1, 2, 3])
_matrix = np.array([[1, 2], [3, 4]], dtype=np.int64)
_tenth = np.array([0.1])

# "Older TensorFlow versions might implicitly convert integers to int32."
observe("constant of an int array", lambda: tf.constant(_ints))
observe("constant of an int32 array", lambda: tf.constant(_ints.astype(np.int32)))
observe("constant of Python ints", lambda: tf.constant([1, 2, 3]))
observe("constant of a NumPy int", lambda: tf.constant(np.int64(1)))
observe("constant of an int array as float32", lambda: tf.constant(_ints, dtype=tf.float32))
observe("constant of a float array as int32", lambda: tf.constant(np.array([1.5]), dtype=tf.int32))
observe("constant of Python floats as int32", lambda: tf.constant([1.5], dtype=tf.int32))

# "More recent versions will often fail if a floating point operation is expected."
for _name in "sqrt exp sigmoid math.log nn.relu nn.softmax reduce_mean square math.reduce_std".split():
    def _applied():
        function = tf
        for part in _name.split("."):
            function = getattr(function, part)
        return function(tf.constant(_ints))

    observe("tf.%s of an int tensor" % _name, _applied)
observe("int tensor + 0.5", lambda: tf.constant(_ints) + 0.5)
observe("int tensor / int tensor", lambda: tf.constant(_ints) / tf.constant(_ints))
observe("int tensor + float tensor", lambda: tf.constant(_ints) + tf.constant([1.0, 2.0, 3.0]))
observe("int64 tensor + int32 tensor", lambda: tf.constant(_ints) + tf.constant([1, 2, 3]))
observe("int tensor + float array", lambda: tf.constant(_ints) + np.array([1.0, 2.0, 3.0]))
observe("float32 tensor + int array", lambda: tf.constant([1.0, 2.0, 3.0]) + _ints)
observe("float32 tensor + float64 array", lambda: tf.constant([1.0, 2.0, 3.0]) + np.array([1.0, 2.0, 3.0]))
observe("float64 array + float32 tensor", lambda: np.array([1.0, 2.0, 3.0]) + tf.constant([1.0, 2.0, 3.0]))
observe("matmul of int and float", lambda: tf.matmul(tf.constant(_matrix), tf.constant([[1.0], [2.0]])))
observe("matmul of int and float arrays", lambda: tf.matmul(_matrix, np.array([[1.0], [2.0]])))


# "Floating-point numbers are required for gradients."
def _gradient(values):
    x = tf.constant(values)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    return tape.gradient(y, x)


observe("gradient of floats", lambda: _gradient([1.0, 2.0]))
observe("gradient of ints", lambda: _gradient(_ints))

# "NumPy's reshape on a tensor will produce an error."
observe("np.reshape of a tensor", lambda: np.reshape(tf.constant(_matrix), (4,)))
observe("np.transpose of a tensor", lambda: np.transpose(tf.constant(_matrix)))
observe("np.sum of a tensor", lambda: np.sum(tf.constant(_matrix)))
observe("np.concatenate of tensors", lambda: np.concatenate([tf.constant(_matrix), tf.constant(_matrix)]))
observe("np.asarray of a tensor", lambda: np.asarray(tf.constant(_matrix)))
observe("tensor.reshape", lambda: tf.constant(_matrix).reshape((4,)))
observe("tf.reshape of an array", lambda: tf.reshape(_matrix, (4,)))

# "Similar problems occur when using indexing, slicing, or other idioms."
observe("tensor[0]", lambda: tf.constant(_matrix)[0])
observe("tensor[:, 1]", lambda: tf.constant(_matrix)[:, 1])
observe("tensor[..., None]", lambda: tf.constant(_matrix)[..., None])
observe("tensor[[0, 1]]", lambda: tf.constant(_matrix)[[0, 1]])
observe("tensor[np.array([0, 1])]", lambda: tf.constant(_matrix)[np.array([0, 1])])
observe("tensor[np.int64(1)]", lambda: tf.constant(_matrix)[np.int64(1)])
observe("tensor[tensor > 2]", lambda: tf.constant(_matrix)[tf.constant(_matrix) > 2])
observe("tensor[0] = 1", lambda: tf.constant(_matrix).__setitem__(0, 1))
observe("array[tensor]", lambda: _matrix[tf.constant(1)])
observe("broadcast array + tensor", lambda: _matrix + tf.constant(_ints[:2]))
observe("broadcast tensor + array", lambda: tf.constant(_ints[:2]) + _matrix)
observe("array == tensor", lambda: _ints == tf.constant(_ints))
observe("array @ tensor", lambda: _matrix @ tf.constant(_matrix))
observe("tensor @ array", lambda: tf.constant(_matrix) @ _matrix)
observe("for row in tensor", lambda: [row for row in tf.constant(_matrix)])
observe("len(tensor)", lambda: len(tf.constant(_matrix)))

# "Casting to a different NumPy data type can introduce problems if you later convert back."
observe("int64 to int32 and back", lambda: tf.constant(tf.constant(_matrix.astype(np.int32)).numpy().astype(np.int64)))
observe("2**40 cast to int32", lambda: tf.cast(tf.constant(np.array([2**40 + 1])), tf.int32))
observe("2**40 as int32 constant", lambda: tf.constant(2**40, tf.int32))
observe("2**40 without dtype", lambda: tf.constant(2**40))
observe("list of 2**40", lambda: tf.constant([2**40]))

# "Older versions may truncate to float32."
observe("constant of a float array", lambda: tf.constant(_tenth))
observe("constant of a float array as float64", lambda: tf.constant(_tenth, dtype=tf.float64))
observe("constant of a Python float", lambda: tf.constant(0.1))
observe("constant of a list of floats", lambda: tf.constant([0.1]))
observe("constant of a NumPy float64", lambda: tf.constant(np.float64(0.1)))
observe("variable of a float array", lambda: tf.Variable(_tenth).dtype)
observe("dataset of a float array", lambda: tf.data.Dataset.from_tensor_slices(_tenth))
observe("0.1 in float32 equals 0.1", lambda: tf.constant(_tenth) == tf.cast(tf.constant(0.1), tf.float64))
