"""Arguments of layers and models that were renamed, removed, or newly checked."""
# /// skew
# when = "tensorflow >= 2.0"
# links = [
#     "https://keras.io/guides/migrating_to_keras_3/",
#     "https://github.com/tensorflow/tensorflow/releases/tag/v2.16.1",
# ]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_layers = tf.keras.layers
_two = tf.constant([[-2.0, 2.0]])
CASES = {
    "LeakyReLU alpha=": lambda: _layers.LeakyReLU(alpha=0.5)(_two),
    "LeakyReLU negative_slope=": lambda: _layers.LeakyReLU(negative_slope=0.5)(_two),
    "Dense input_shape=": lambda: _layers.Dense(1, input_shape=(2,)).units,
    "Dense input_dim=": lambda: _layers.Dense(1, input_dim=2).units,
    "Dense batch_input_shape=": lambda: _layers.Dense(1, batch_input_shape=(4, 2)).units,
    "Dense weights=": lambda: _layers.Dense(1, weights=[np.ones((2, 1)), np.zeros(1)])(_two),
    "Dense unknown=": lambda: _layers.Dense(1, unknown=3).units,
    "Dense float units": lambda: _layers.Dense(2.0)(_two).shape,
    "Dense NumPy units": lambda: _layers.Dense(np.int64(2))(_two).shape,
    "Dense array units": lambda: _layers.Dense(np.array(2))(_two).shape,
    "Dense negative units": lambda: _layers.Dense(-1).units, "Dense zero units": lambda: _layers.Dense(0)(_two).shape,
    "Dense of int input": lambda: _layers.Dense(1)(np.array([[1, 2]])).dtype,
    "Dense of float64 input": lambda: _layers.Dense(1)(np.array([[1.0, 2.0]])).dtype,
    "Dense of float16 input": lambda: _layers.Dense(1)(np.array([[1.0, 2.0]], np.float16)).dtype,
    "Dense of wrong width": lambda: (lambda layer: (layer(_two), layer(tf.ones((1, 3)))))(_layers.Dense(1)),
    "Dropout rate 1.5": lambda: _layers.Dropout(1.5).rate,
    "Dropout float seed": lambda: _layers.Dropout(0.5, seed=1.5).seed,
    "InputLayer input_shape=": lambda: _layers.InputLayer(input_shape=(2,)).name[:5],
    "InputLayer shape=": lambda: _layers.InputLayer(shape=(2,)).name[:5],
    "Input tensor=": lambda: tuple(tf.keras.Input(tensor=_two).shape),
    "Input ragged=": lambda: tuple(tf.keras.Input((None,), ragged=True).shape),
    "Input sparse=": lambda: tf.keras.Input((3,), sparse=True).dtype,
    "Input dtype=np.int32": lambda: tf.keras.Input((3,), dtype=np.int32).dtype,
    "Input dtype=int": lambda: tf.keras.Input((3,), dtype=int).dtype,
    "Input shape of np.int64": lambda: tuple(tf.keras.Input((np.int64(3),)).shape),
    "Embedding input_length=": lambda: _layers.Embedding(3, 2, input_length=4).output_dim,
    "BatchNormalization renorm=": lambda: _layers.BatchNormalization(renorm=True)(_two),
    "LSTM time_major=": lambda: _layers.LSTM(1, time_major=True).units,
    "LSTM cudnn default": lambda: _layers.LSTM(1).use_cudnn,
    "Attention causal=": lambda: _layers.Attention(causal=True).name[:9],
    "Attention use_scale weights": lambda: [w.shape for w in (lambda layer: (layer([_two, _two]), layer)[1])(
        _layers.Attention(use_scale=True)).get_weights()],
    "Conv2D channels_first": lambda: _layers.Conv2D(1, 1, data_format="channels_first")(tf.ones((1, 1, 2, 2))).shape,
    "Layer.add_weight positional": lambda: _layers.Layer().add_weight("w", (2,), initializer="ones"),
    "Layer.add_loss": lambda: _layers.Layer().add_loss(tf.constant(1.0)),
    "Layer.add_metric": lambda: _layers.Layer().add_metric(tf.constant(1.0), name="m"),
    "compile unknown": lambda: tf.keras.Sequential().compile("sgd", "mse", experimental_run_tf_function=False),
    "compile loss_weights array": lambda: tf.keras.Sequential().compile("sgd", "mse", loss_weights=np.array([1.0])),
    "experimental.preprocessing": lambda: _layers.experimental.preprocessing.Rescaling(0.5)(_two),
}
for _name, _case in CASES.items():
    observe(_name, _case)
del CASES
