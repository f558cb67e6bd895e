"""Arguments, defaults and methods of optimizers: renamed, silently ignored, removed."""
# /// skew
# when = "tensorflow >= 2.0"
# links = [
#     "https://github.com/tensorflow/tensorflow/releases/tag/v2.11.0",
#     "https://keras.io/guides/migrating_to_keras_3/",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_optimizers = tf.keras.optimizers
for _name in ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "Nadam", "Ftrl", "Lion"]:
    observe(f"{_name}/defaults", lambda: getattr(_optimizers, _name)().get_config())


def _rate(**arguments):
    return _optimizers.SGD(**arguments).get_config()["learning_rate"]


observe("SGD lr=0.5", lambda: _rate(lr=0.5))
observe("SGD learning_rate float32", lambda: _rate(learning_rate=np.float32(0.5)))
observe("SGD learning_rate int", lambda: _rate(learning_rate=1))
observe("SGD learning_rate array", lambda: _rate(learning_rate=np.array(0.5)))
observe("SGD learning_rate tensor", lambda: _rate(learning_rate=tf.constant(0.5)))
observe("SGD learning_rate callable", lambda: type(_rate(learning_rate=lambda: 0.5)).__name__)
observe("SGD learning_rate text", lambda: _rate(learning_rate="0.5"))
observe("SGD decay=", lambda: _optimizers.SGD(0.5, decay=0.01).get_config().get("decay"))
observe("SGD unknown=", lambda: _optimizers.SGD(0.5, unknown=1).get_config()["learning_rate"])
observe("Adam epsilon=None", lambda: _optimizers.Adam(epsilon=None).get_config()["epsilon"])
observe("SGD clipnorm=-1", lambda: _optimizers.SGD(clipnorm=-1).get_config()["clipnorm"])
observe("SGD clipnorm and clipvalue", lambda: sorted(
    k for k in _optimizers.SGD(clipnorm=1.0, clipvalue=1.0).get_config() if k.startswith("clip")))

observe("optimizer.lr", lambda: np.asarray(_optimizers.SGD(0.5).lr))
observe("optimizer.learning_rate class", lambda: type(_optimizers.SGD(0.5).learning_rate).__name__)
observe("optimizer.iterations dtype", lambda: _optimizers.SGD(0.5).iterations.dtype)
observe("optimizer.get_weights", lambda: _optimizers.Adam().get_weights())
observe("optimizer.variables()", lambda: len(_optimizers.Adam().variables()))
observe("optimizer.variables", lambda: len(_optimizers.Adam().variables))


def _assigned(value):
    optimizer = _optimizers.SGD(0.5)
    optimizer.learning_rate = value
    return np.asarray(optimizer.learning_rate)


def _minimized():
    variable = tf.Variable(3.0)
    _optimizers.SGD(0.1).minimize(lambda: variable * variable, [variable])
    return variable


def _applied(gradient, initial=1.0, **arguments):
    variable = tf.Variable(initial)
    _optimizers.SGD(0.5).apply_gradients([(gradient, variable)], **arguments)
    return variable


def _slots():
    optimizer, variable = _optimizers.Adam(), tf.Variable([1.0, 2.0], name="v")
    optimizer.apply_gradients([(tf.constant([1.0, 1.0]), variable)])
    return optimizer


def _unseen():
    optimizer, first, second = _optimizers.SGD(0.5), tf.Variable(1.0), tf.Variable(2.0)
    optimizer.apply_gradients([(tf.constant(1.0), first)])
    optimizer.apply_gradients([(tf.constant(1.0), second)])
    return second


observe("learning_rate = np.float64", lambda: _assigned(np.float64(0.25)))
observe("set_value of learning_rate", lambda: tf.keras.backend.set_value(_optimizers.SGD(0.5).learning_rate, 0.25))
observe("minimize", _minimized)
observe("apply float64 gradient", lambda: _applied(np.float64(1)))
observe("apply IndexedSlices", lambda: _applied(
    tf.IndexedSlices(tf.constant([[1.0]]), tf.constant([1]), tf.constant([2, 1])), [[1.0], [1.0]]))
observe("apply with name=", lambda: _applied(tf.constant(1.0), name="step"))
observe("apply to a variable not seen before", _unseen)
observe("slots", lambda: len(_slots().variables if not callable(_slots().variables) else _slots().variables()))
observe("slot names", lambda: _slots().get_slot_names())
observe("get by unknown name", lambda: tf.keras.optimizers.get("adagrab"))
observe("v1 optimizer in compile", lambda: tf.keras.Sequential([tf.keras.layers.Dense(1)]).compile(
    tf.compat.v1.train.AdamOptimizer(), "mse"))
for _name, _make in {
    "PiecewiseConstantDecay": lambda s: s.PiecewiseConstantDecay([2, 5], [0.1, 0.2, 0.3]),
    "InverseTimeDecay": lambda s: s.InverseTimeDecay(0.1, 10, 0.5), "CosineDecay": lambda s: s.CosineDecay(0.1, 10),
    "CosineDecay warmup": lambda s: s.CosineDecay(0.1, 10, warmup_target=0.2, warmup_steps=5),
}.items():
    observe(f"schedule {_name}", lambda: _make(_optimizers.schedules)(3))
