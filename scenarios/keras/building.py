"""How models are built: names, weights, shapes, configurations, summaries and dtype policies."""
# /// skew
# when = "tensorflow >= 2.0"
# links = [
#     "https://keras.io/guides/migrating_to_keras_3/",
#     "https://github.com/tensorflow/tensorflow/releases/tag/v2.16.1",
# ]
# ///
import tensorflow as tf
from skew import observe

_layers = tf.keras.layers


def _sequential():
    return tf.keras.Sequential([_layers.InputLayer(input_shape=(3,)), _layers.Dense(2), _layers.BatchNormalization()])


def _functional():
    entry = tf.keras.Input((3,), name="entry")
    return tf.keras.Model(entry, _layers.Dense(2, name="exit")(entry))


class _Subclass(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = _layers.Dense(2)

    def call(self, inputs):
        return self.dense(inputs)


def _called():
    model = _Subclass()
    model(tf.ones((1, 3)))
    return model


def _summary(model):
    lines = []
    model.summary(print_fn=lambda line, **_: lines.append(line))
    return "\n".join(lines)


_CASES = {
    "trainable names": lambda model: [weight.name for weight in model.trainable_weights],
    "weight paths": lambda model: [weight.path for weight in model.weights],
    "layer names": lambda model: [layer.name for layer in model.layers],
    "layer classes": lambda model: [type(layer).__name__ for layer in model.layers],
    "shapes": lambda model: [tuple(weight.shape) for weight in model.weights],
    "input_shape": lambda model: model.input_shape, "output_shape": lambda model: model.output_shape,
    "parameters": lambda model: model.count_params(), "input names": lambda model: model.input_names,
    "weight class": lambda model: type(model.weights[0]).__name__,
    "weight dtype": lambda model: model.weights[0].dtype, "config keys": lambda model: sorted(model.get_config()),
    "layer config": lambda model: model.layers[-1].get_config(), "summary": _summary,
}
for _kind, _build in [("sequential", _sequential), ("functional", _functional), ("subclass", _called)]:
    # Generated names hold counters, which would otherwise depend on what was built above.
    tf.keras.backend.clear_session()
    _model = _build()
    for _name, _case in _CASES.items():
        observe(f"{_kind}/{_name}", lambda: _case(_model))

observe("without input/weights", lambda: len(tf.keras.Sequential([_layers.Dense(2)]).weights))
observe("without input/summary", lambda: _summary(tf.keras.Sequential([_layers.Dense(2)])))
observe("slash in a name", lambda: _layers.Dense(1, name="a/b").name)
observe("layer.input_shape", lambda: _sequential().layers[-1].input_shape)
observe("layer.output.shape", lambda: _sequential().layers[-1].output.shape)
observe("layer.compute_output_shape", lambda: _layers.Dense(2).compute_output_shape((None, 3)))
observe("list instead of a shape", lambda: tf.keras.Input([3]).shape)
observe("number instead of a shape", lambda: tf.keras.Input(3).shape)
observe("layer dtype float64", lambda: _layers.Dense(1, dtype="float64")(tf.ones((1, 1))).dtype)
observe("layer dtype mixed_float16", lambda: _layers.Dense(1, dtype="mixed_float16")(tf.ones((1, 1))).dtype)
observe("policy class", lambda: type(tf.keras.mixed_precision.global_policy()).__name__)
observe("floatx float64", lambda: (tf.keras.backend.set_floatx("float64"), _layers.Dense(1)(tf.ones((1, 1))).dtype,
                                  tf.keras.backend.set_floatx("float32"))[1])
