"""Whether models saved in each format come back, with what inside, and what the files are."""
# /// skew
# when = "tensorflow >= 2.0"
# links = [
#     "https://keras.io/guides/serialization_and_saving/",
#     "https://github.com/keras-team/keras/issues/19330",
#     "https://github.com/tensorflow/tensorflow/releases/tag/v2.16.1",
# ]
# ///
import os

import numpy as np
import tensorflow as tf
from skew import observe

_x = np.array([[1, 2, 3]], np.float32)


def _model(loss=None, scale=1.0):
    model = tf.keras.Sequential([
        tf.keras.layers.InputLayer(input_shape=(3,)),
        tf.keras.layers.Dense(2, "relu", kernel_initializer=tf.keras.initializers.Constant(scale), name="one")])
    if loss:
        model.compile("adam", loss, metrics=["mae"])
    return model


def _predicted(model):
    return np.asarray(model(_x))


def _magic(name):
    """The first bytes tell HDF5 from zip; a folder has none."""
    if os.path.isdir(name):
        return sorted(os.listdir(name))
    with open(name, "rb") as saved:
        return saved.read(4)


def _saved(name, model=None, **arguments):
    (model or _model()).save(name, **arguments)
    return name


for _kind, _name in [(".keras", "m.keras"), (".h5", "m.h5"), ("a folder", "folder")]:
    observe(f"{_kind}/file", lambda: _magic(_saved(_name)))
    observe(f"{_kind}/loaded", lambda: _predicted(tf.keras.models.load_model(_name)))
observe("save_format=h5", lambda: _magic(_saved("format", save_format="h5")))
for _loss in ["mse", tf.keras.losses.MeanSquaredError()]:
    observe(f"compiled {_loss if isinstance(_loss, str) else 'object'}/.h5",
            lambda: type(tf.keras.models.load_model(_saved("compiled.h5", _model(_loss))).optimizer).__name__)
    observe(f"compiled {_loss if isinstance(_loss, str) else 'object'}/.keras",
            lambda: type(tf.keras.models.load_model(_saved("compiled.keras", _model(_loss))).optimizer).__name__)


class _Double(tf.keras.layers.Layer):
    def call(self, inputs):
        return inputs * 2


def _custom(name, **arguments):
    _saved(name, tf.keras.Sequential([tf.keras.layers.InputLayer(input_shape=(3,)), _Double(name="double")]))
    return _predicted(tf.keras.models.load_model(name, **arguments))


for _name in ["custom.keras", "custom.h5"]:
    # skew: allow flaky, Keras 3 puts the id of an object into this error's message
    observe(f"{_name}/without custom_objects", lambda: _custom(_name))
    observe(f"{_name}/custom_objects", lambda: _custom(_name, custom_objects={"_Double": _Double}))


def _lambda(name, **arguments):
    layers = [tf.keras.layers.InputLayer(input_shape=(3,)), tf.keras.layers.Lambda(lambda v: v + 1)]
    _saved(name, tf.keras.Sequential(layers))
    return _predicted(tf.keras.models.load_model(name, **arguments))


observe("lambda.keras", lambda: _lambda("lambda.keras"))
observe("lambda.keras unsafe", lambda: _lambda("unsafe.keras", safe_mode=False))
observe("lambda.h5", lambda: _lambda("lambda.h5"))


def _exported(save):
    save(_model(), "exported")
    loaded = tf.saved_model.load("exported")
    return sorted(loaded.signatures), list(loaded.signatures["serving_default"](tf.constant(_x)).values())


observe("tf.saved_model.save", lambda: _exported(tf.saved_model.save))
observe("TFSMLayer", lambda: (_model().export("layered", verbose=False), tf.keras.layers.TFSMLayer(
    "layered", call_endpoint="serving_default")(tf.constant(_x)))[1])


def _weights(name):
    _model(scale=3.0).save_weights(name)
    model = _model()
    model.load_weights(name)
    return _predicted(model), sorted(file for file in os.listdir(".") if file.startswith(name.split(".")[0]))


for _name in ["w1.weights.h5", "w2.h5", "w3", "w4.ckpt", "w5.keras"]:
    observe(f"weights {_name}", lambda: _weights(_name))
