"""One step of training with everything fixed, and arguments that changed their names."""
# /// skew
# when = "tensorflow >= 2.0"
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_x = np.linspace(-1, 1, 8, dtype=np.float32).reshape(4, 2)
_y = _x.sum(axis=1, keepdims=True)


def _model():
    dense = tf.keras.layers.Dense(1, kernel_initializer="ones", bias_initializer="zeros")
    return tf.keras.Sequential([tf.keras.layers.InputLayer(input_shape=(2,)), dense])


def _fit(optimizer):
    model = _model()
    model.compile(optimizer=optimizer, loss="mse")
    model.fit(_x, _y * 2, batch_size=4, epochs=1, verbose=0, shuffle=False)
    return model.get_weights()[0]


observe("sgd step", lambda: _fit(tf.keras.optimizers.SGD(learning_rate=0.5)))
observe("adam step", lambda: _fit(tf.keras.optimizers.Adam(learning_rate=0.5)))
# The old name of the argument: an error in some releases, silently ignored in others.
observe("sgd step with lr=", lambda: _fit(tf.keras.optimizers.SGD(lr=0.5)))
observe("predict", lambda: _model().predict(_x, verbose=0))
observe("layer weights", lambda: [w.shape for w in _model().get_weights()])


def _saved(name):
    model = _model()
    model.save(name)
    return tf.keras.models.load_model(name).count_params()


observe("save as .keras", lambda: _saved("model.keras"))
observe("save as .h5", lambda: _saved("model.h5"))
observe("save as a folder", lambda: _saved("model"))
