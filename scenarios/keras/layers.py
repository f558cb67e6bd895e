"""What layers compute from fixed weights, in training and inference."""
# /// skew
# when = "tensorflow >= 2.0"
# links = ["https://keras.io/api/layers/", "https://github.com/tensorflow/tensorflow/releases/tag/v2.9.0"]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_layers = tf.keras.layers
_rows = np.linspace(-1, 1, 12, dtype=np.float32).reshape(1, 4, 3)
_image = np.linspace(-1, 1, 32, dtype=np.float32).reshape(1, 4, 4, 2)
CASES = {
    "Dense": (lambda: _layers.Dense(2, "relu"), _rows),
    "EinsumDense": (lambda: _layers.EinsumDense("abc,cd->abd", (None, 2)), _rows),
    "Conv1D causal": (lambda: _layers.Conv1D(2, 2, padding="causal"), _rows),
    "Conv2D": (lambda: _layers.Conv2D(2, 3, padding="same", strides=2), _image),
    "Conv2D dilated": (lambda: _layers.Conv2D(1, 2, dilation_rate=2), _image),
    "Conv2D groups": (lambda: _layers.Conv2D(2, 2, groups=2), _image),
    "Conv2DTranspose": (lambda: _layers.Conv2DTranspose(1, 2, strides=2), _image[:, :2, :2]),
    "DepthwiseConv2D": (lambda: _layers.DepthwiseConv2D(2), _image),
    "SeparableConv2D": (lambda: _layers.SeparableConv2D(1, 2), _image),
    "Embedding": (lambda: _layers.Embedding(4, 2), np.array([[0, 3]])), "LSTM": (lambda: _layers.LSTM(2), _rows),
    "LSTM sequences": (lambda: _layers.LSTM(2, return_sequences=True, return_state=True), _rows),
    "GRU": (lambda: _layers.GRU(2), _rows),
    "GRU reset_after=False": (lambda: _layers.GRU(2, reset_after=False), _rows),
    "SimpleRNN backwards": (lambda: _layers.SimpleRNN(2, go_backwards=True), _rows),
    "Bidirectional": (lambda: _layers.Bidirectional(_layers.GRU(1)), _rows),
    "TimeDistributed": (lambda: _layers.TimeDistributed(_layers.Dense(1)), _rows),
    "GroupNormalization": (lambda: _layers.GroupNormalization(groups=1), _rows),
    "UnitNormalization": (lambda: _layers.UnitNormalization(), _rows),
}


def _ramp(shape):
    return np.linspace(0.1, 0.5, int(np.prod(shape)), dtype=np.float32).reshape(shape)


def _filled(make, x):
    layer = make()
    layer(x)
    layer.set_weights([_ramp(weight.shape) for weight in layer.get_weights()])
    return layer


for _name, (_make, _x) in CASES.items():
    observe(_name, lambda: _filled(_make, _x)(_x))


def _mha(**arguments):
    layer = _layers.MultiHeadAttention(1, 2)
    layer(_rows, _rows)
    layer.set_weights([_ramp(weight.shape) for weight in layer.get_weights()])
    return layer(_rows, _rows, **arguments)


observe("MultiHeadAttention", lambda: _mha())
observe("MultiHeadAttention causal", lambda: _mha(use_causal_mask=True))
observe("Attention causal", lambda: _layers.Attention()([_rows, _rows], use_causal_mask=True))


def _trained():
    layer = _layers.BatchNormalization(momentum=0.5)
    return [layer(_rows, training=True)] + layer.get_weights()


observe("BatchNormalization training", _trained)
for _name, _make in {
    "GlobalMaxPooling2D keepdims": lambda: _layers.GlobalMaxPooling2D(keepdims=True),
    "UpSampling2D bilinear": lambda: _layers.UpSampling2D(2, interpolation="bilinear"),
    "Permute": lambda: _layers.Permute((3, 1, 2)), "LeakyReLU": lambda: _layers.LeakyReLU(),
    "MaxPooling2D of one pixel": lambda: _layers.MaxPooling2D(5),
}.items():
    observe(_name, lambda: _make()(_image))
for _name in ["Add", "Subtract", "Multiply", "Average", "Maximum", "Concatenate"]:
    observe(_name, lambda: getattr(_layers, _name)()([_rows, _rows[:, ::-1]]))
observe("Dropout training, seeded", lambda: _layers.Dropout(0.5, seed=1)(np.ones((1, 8), np.float32), training=True))
observe("GaussianNoise training, seeded",
        lambda: _layers.GaussianNoise(1.0, seed=1)(np.zeros((1, 4), np.float32), training=True))
observe("AlphaDropout training, seeded",
        lambda: _layers.AlphaDropout(0.5, seed=1)(np.ones((1, 8), np.float32), training=True))
del CASES
