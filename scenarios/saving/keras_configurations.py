"""Models and layers as dictionaries, JSON and lists of arrays."""
# /// skew
# when = "tensorflow >= 2.0"
# links = ["https://keras.io/guides/serialization_and_saving/", "https://keras.io/guides/migrating_to_keras_3/"]
# ///
import json

import numpy as np
import tensorflow as tf
from skew import observe

_layers = tf.keras.layers


def _model():
    layers = [_layers.InputLayer(input_shape=(2,), name="in"), _layers.Dense(1, "relu", name="one")]
    return tf.keras.Sequential(layers, name="m")


def _set(*arrays):
    model = _model()
    model.set_weights(list(arrays))
    return model.get_weights()


_kernel, _bias = np.array([[1.0], [2.0]], np.float32), np.array([3.0], np.float32)
observe("to_json keys", lambda: sorted(json.loads(_model().to_json())))
observe("to_json layer", lambda: json.loads(_model().to_json())["config"]["layers"][-1])
observe("from_json", lambda: [layer.name for layer in tf.keras.models.model_from_json(_model().to_json()).layers])
observe("to_yaml", lambda: len(_model().to_yaml()))
observe("from_config", lambda: tf.keras.Sequential.from_config(_model().get_config()).count_params())
observe("clone_model", lambda: tf.keras.models.clone_model(_model()).count_params())
observe("layers.serialize keys", lambda: sorted(_layers.serialize(_layers.Dense(1, name="d"))))
# What an old version wrote, as Keras 2 kept it: units and activation only.
observe("layers.deserialize of Keras 2's", lambda: _layers.deserialize(
    {"class_name": "Dense", "config": {
        "name": "d", "trainable": True, "dtype": "float32", "units": 3, "activation": "linear"}}).units)
observe("get_weights types", lambda: [type(array).__name__ for array in _model().get_weights()])
observe("set_weights", lambda: _set(_kernel, _bias))
observe("set_weights lists", lambda: _set([[1.0], [2.0]], [3.0]))
observe("set_weights float64", lambda: _set(_kernel.astype("float64"), _bias))
observe("set_weights int", lambda: _set(_kernel.astype(int), _bias))
observe("set_weights tensors", lambda: _set(tf.constant(_kernel), tf.constant(_bias)))
observe("set_weights wrong shape", lambda: _set(_kernel.T, _bias))
observe("set_weights object array", lambda: _model().set_weights(np.array([_kernel, _bias], object)))
observe("weights as one array", lambda: np.array(_model().get_weights()))
observe("np.save of weights", lambda: np.save("weights.npy", _model().get_weights(), allow_pickle=True))
observe("weight assign array", lambda: _model().weights[0].assign(_kernel.astype("float64")))
observe("weight numpy()", lambda: _model().weights[1].numpy())
observe("weight as array", lambda: np.asarray(_model().weights[1]))
observe("weight + array", lambda: _model().weights[1] + _bias)
observe("array + weight", lambda: _bias + _model().weights[1])
observe("np.sum of a weight", lambda: np.sum(_model().weights[1]))
observe("tf.is_tensor of a weight", lambda: tf.is_tensor(_model().weights[0]))
observe("weight is a tf.Variable", lambda: isinstance(_model().weights[0], tf.Variable))
observe("config of NumPy arguments",
        lambda: json.loads(json.dumps(_layers.Dense(np.int64(2), name="d").get_config()))["units"])
