"""What a GradientTape accepts and refuses: arrays, integers, unconnected sources, second orders, own gradients."""
# /// skew
# links = [
#     "https://www.tensorflow.org/api_docs/python/tf/GradientTape",
#     "https://www.tensorflow.org/api_docs/python/tf/custom_gradient",
#     "https://www.tensorflow.org/guide/advanced_autodiff",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_array = np.array([1.0, 2.0], np.float32)


def _tape(function, *sources, **arguments):
    """The gradients of a function of constants, with the arguments of gradient() or jacobian()."""
    sources = [tf.constant(source) for source in sources]
    how = arguments.pop("how", "gradient")
    with tf.GradientTape(persistent=arguments.pop("persistent", False)) as tape:
        tape.watch(sources)
        target = function(*sources)
    return getattr(tape, how)(target, sources, **arguments)


def _watched(value):
    with tf.GradientTape() as tape:
        tape.watch(value)
        target = tf.square(value)
    return tape.gradient(target, value)


def _variable(value, function=tf.square):
    variable = tf.Variable(value)
    with tf.GradientTape() as tape:
        target = function(variable)
    return tape.gradient(target, variable)


for _name, _value in {
    "array": _array, "list": [1.0, 2.0], "float": 1.5, "tensor": tf.constant(_array),
    "int tensor": tf.constant([1, 2]), "np.float32": np.float32(2),
}.items():
    observe(f"watch {_name}", lambda: _watched(_value))
for _name, _value in {
    "float32": _array, "float64": np.ones(1), "int": np.array([1]), "float16": np.ones(1, np.float16),
    "complex": np.array([1 + 1j]),
}.items():
    observe(f"variable {_name}", lambda: _variable(_value))
CASES = {
    "np.square": lambda: _tape(np.square, _array), "array * x": lambda: _tape(lambda x: _array * x, _array),
    "np.float64 * x": lambda: _tape(lambda x: np.float64(3) * x, _array),
    "np.multiply": lambda: _tape(lambda x: np.multiply(_array, x), _array),
    "unconnected": lambda: _tape(lambda x, y: x * 2, _array, _array),
    "unconnected zero": lambda: _tape(lambda x, y: x * 2, _array, _array, unconnected_gradients="zero"),
    "output_gradients": lambda: _tape(lambda x: x * 2, _array, output_gradients=tf.constant([1.0, 10.0])),
    "output_gradients array": lambda: _tape(lambda x: x * 2, _array, output_gradients=np.array([1, 10], np.float32)),
    "output_gradients float64": lambda: _tape(lambda x: x * 2, _array, output_gradients=np.array([1.0, 10.0])),
    "target int": lambda: _tape(lambda x: tf.cast(x, tf.int32), _array),
    "stop_gradient": lambda: _tape(lambda x: x * tf.stop_gradient(x), _array),
    "jacobian": lambda: _tape(lambda x: x * x, _array, how="jacobian"),
    "gradient of numpy_function": lambda: _tape(lambda x: tf.numpy_function(np.square, [x], tf.float32), _array),
    "gradient of py_function": lambda: _tape(lambda x: tf.py_function(tf.square, [x], tf.float32), _array),
    "while_loop": lambda: _tape(
        lambda x: tf.while_loop(lambda i, v: i < 3, lambda i, v: (i + 1, v * x), (0, x))[1], _array),
    "cond": lambda: _tape(lambda x: tf.cond(x[0] > 0, lambda: x * 2, lambda: x), _array),
    "gather IndexedSlices": lambda: _variable(_array, lambda v: tf.gather(v, [0, 0])),
    "embedding_lookup": lambda: type(_variable(np.ones((2, 1)), lambda v: tf.nn.embedding_lookup(v, [1]))).__name__,
}
for _name, _case in CASES.items():
    observe(_name, _case)


def _second():
    x = tf.constant(_array)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = tf.reduce_sum(x ** 3)
        first = inner.gradient(y, x)
    return outer.jacobian(first, x)


def _twice(persistent):
    x = tf.constant(_array)
    with tf.GradientTape(persistent=persistent) as tape:
        tape.watch(x)
        y, z = x * x, x * 3
    return tape.gradient(y, x), tape.gradient(z, x)


def _custom(gradient):
    @tf.custom_gradient
    def function(x):
        return tf.identity(x), gradient
    return _tape(function, _array)


observe("hessian", _second)
observe("twice persistent", lambda: _twice(True))
observe("custom_gradient", lambda: _custom(lambda upstream: upstream * 5))
observe("custom_gradient array", lambda: _custom(lambda upstream: np.ones(2, np.float32)))
observe("custom_gradient float64", lambda: _custom(lambda upstream: np.ones(2)))


def _symbolic(function, sources=1, **arguments):
    """What tf.gradients gives in a graph of TensorFlow 1."""
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        inputs = [tf.constant(_array) for _ in range(sources)]
        found = tf.gradients(function(*inputs), inputs, **arguments)
        return [None if part is None else session.run(part) for part in found]


observe("tf.gradients", lambda: _symbolic(lambda x: x * x))
observe("tf.gradients unconnected", lambda: _symbolic(lambda x, y: x * 2, 2))
observe("tf.gradients grad_ys", lambda: _symbolic(lambda x: x * 2, grad_ys=[np.array([1, 10], np.float32)]))


observe("tf.gradients eagerly", lambda: tf.gradients(tf.constant(_array), tf.constant(_array)))
del CASES
