"""Weights after steps of every optimizer, from fixed weights and gradients, and after a fit."""
# /// skew
# when = "tensorflow >= 2.0"
# links = ["https://github.com/tensorflow/tensorflow/releases/tag/v2.11.0", "https://keras.io/api/optimizers/"]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

OPTIMIZERS = {
    "SGD": ("SGD", {}), "SGD momentum": ("SGD", {"momentum": 0.9}),
    "SGD nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}), "Adam": ("Adam", {}),
    "Adam amsgrad": ("Adam", {"amsgrad": True}), "Adam epsilon": ("Adam", {"epsilon": 0.1}),
    "AdamW": ("AdamW", {"weight_decay": 0.1}), "RMSprop": ("RMSprop", {}),
    "RMSprop centered": ("RMSprop", {"centered": True, "momentum": 0.5}), "Adagrad": ("Adagrad", {}),
    "Adadelta": ("Adadelta", {}), "Adamax": ("Adamax", {}), "Nadam": ("Nadam", {}),
    "Ftrl": ("Ftrl", {"l1_regularization_strength": 0.01}), "Lion": ("Lion", {}), "Adafactor": ("Adafactor", {}),
    "Lamb": ("Lamb", {}), "clipnorm": ("SGD", {"clipnorm": 0.25}),
    "global_clipnorm": ("SGD", {"global_clipnorm": 0.25}), "clipvalue": ("SGD", {"clipvalue": 0.2}),
    "SGD weight_decay": ("SGD", {"weight_decay": 0.1}),
    "SGD ema": ("SGD", {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 1}),
}


def _steps(optimizer, dtype="float32"):
    variable = tf.Variable(np.array([1, 2, -3], dtype))
    for _ in range(3):
        optimizer.apply_gradients([(tf.constant([0.5, -0.25, 0.0], dtype), variable)])
    return np.asarray(variable)


for _name, (_class, _arguments) in OPTIMIZERS.items():
    observe(f"{_name}/three steps",
            lambda: _steps(getattr(tf.keras.optimizers, _class)(learning_rate=0.1, **_arguments)))
for _class in ["SGD", "Adam", "RMSprop"]:
    observe(f"legacy {_class}/three steps",
            lambda: _steps(getattr(tf.keras.optimizers.legacy, _class)(learning_rate=0.1)))
observe("float64 variable", lambda: _steps(tf.keras.optimizers.Adam(0.1), "float64"))
observe("float16 variable", lambda: _steps(tf.keras.optimizers.SGD(0.1), "float16"))

_x = np.linspace(-1, 1, 8, dtype=np.float32).reshape(4, 2)
_y = _x.sum(axis=1, keepdims=True)


def _fit(optimizer, **arguments):
    dense = tf.keras.layers.Dense(1, kernel_initializer="ones")
    model = tf.keras.Sequential([tf.keras.layers.InputLayer(input_shape=(2,)), dense])
    model.compile(optimizer=optimizer, loss="mse", **arguments)
    model.fit(_x, _y * 2, batch_size=2, epochs=2, verbose=0, shuffle=False)
    return model.get_weights()


observe("fit SGD", lambda: _fit(tf.keras.optimizers.SGD(learning_rate=0.5)))
observe("fit schedule", lambda: _fit(
    tf.keras.optimizers.SGD(tf.keras.optimizers.schedules.ExponentialDecay(0.5, 2, 0.5)), run_eagerly=True))
del OPTIMIZERS
