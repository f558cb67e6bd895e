"""Callbacks: keys and types of logs, early stopping, checkpoints, schedules."""
# /// skew
# when = "tensorflow >= 2.0"
# links = ["https://keras.io/api/callbacks/", "https://github.com/tensorflow/tensorflow/releases/tag/v2.16.1"]
# ///
import os

import numpy as np
import tensorflow as tf
from skew import observe

_x = np.linspace(-1, 1, 8, dtype=np.float32).reshape(4, 2)
_y = _x.sum(axis=1, keepdims=True)
_callbacks = tf.keras.callbacks


def _fit(callbacks=None, rate=0.25, epochs=2, **arguments):
    dense = tf.keras.layers.Dense(1, kernel_initializer="ones")
    model = tf.keras.Sequential([tf.keras.layers.InputLayer(input_shape=(2,)), dense])
    model.compile(tf.keras.optimizers.SGD(rate), "mse", metrics=["mae"], run_eagerly=True)
    return model, model.fit(
        _x, _y * 2, batch_size=4, epochs=epochs, verbose=0, shuffle=False, callbacks=callbacks, **arguments)


class _Logger(tf.keras.callbacks.Callback):
    """Keeps what Keras tells: which method, with which keys and types."""
    def __init__(self):
        super().__init__()
        self.calls = []

    def on_train_begin(self, logs=None):
        self.calls.append(("train begin", sorted(logs or {}), sorted(self.params)))

    def on_batch_end(self, batch, logs=None):
        self.calls.append(("batch", batch, sorted((key, type(value).__name__) for key, value in (logs or {}).items())))

    def on_epoch_end(self, epoch, logs=None):
        self.calls.append(("epoch", epoch, sorted((key, type(value).__name__) for key, value in (logs or {}).items())))


def _logged():
    logger = _Logger()
    _fit([logger], epochs=1)
    return logger.calls


observe("calls and logs", _logged)
observe("EarlyStopping", lambda: len(_fit([_callbacks.EarlyStopping("loss", min_delta=10)], epochs=6)[1].epoch))
observe("EarlyStopping start_from_epoch", lambda: len(_fit(
    [_callbacks.EarlyStopping("loss", min_delta=10, start_from_epoch=2)], epochs=6)[1].epoch))
observe("EarlyStopping restores", lambda: _fit(
    [_callbacks.EarlyStopping("loss", patience=0, restore_best_weights=True)], rate=1.7, epochs=4)[0].get_weights()[0])
observe("TerminateOnNaN", lambda: len(_fit([_callbacks.TerminateOnNaN()], rate=np.inf, epochs=4)[1].epoch))
observe("LearningRateScheduler", lambda: _fit(
    [_callbacks.LearningRateScheduler(lambda epoch: 0.5 ** epoch)])[1].history)


def _files(callback):
    _fit([callback], epochs=1)
    return sorted(name for name in os.listdir(".") if name.startswith("saved"))


def _csv():
    _fit([_callbacks.CSVLogger("log.csv")], epochs=1)
    with open("log.csv") as lines:
        return lines.read()


observe("CSVLogger", _csv)
for _name, _path in [("h5", "saved.h5"), ("epoch", "saved{epoch}.keras")]:
    observe(f"ModelCheckpoint {_name}", lambda: _files(_callbacks.ModelCheckpoint(_path)))
for _name, _path in [("tf", "saved_weights"), ("weights.h5", "saved.weights.h5")]:
    observe(f"ModelCheckpoint weights {_name}",
            lambda: _files(_callbacks.ModelCheckpoint(_path, save_weights_only=True)))
observe("ModelCheckpoint period=", lambda: _callbacks.ModelCheckpoint("saved.h5", period=2).period)
