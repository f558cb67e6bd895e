"""tf.keras.utils, tf.keras.preprocessing and tf.keras.backend: names, values, dtypes."""
# /// skew
# when = "tensorflow >= 2.0"
# links = ["https://keras.io/api/utils/", "https://keras.io/guides/migrating_to_keras_3/"]
# ///
import numpy as np
import tensorflow as tf
from skew import observe

_utils = tf.keras.utils
for _name, _labels in {
    "list": [0, 2, 1], "array": np.array([0, 2, 1]), "uint8": np.array([0, 2], np.uint8), "float": [0.0, 1.9],
    "column": [[0], [1]], "bool": [True, False], "negative": [0, -1], "tensor": tf.constant([0, 1]),
}.items():
    observe(f"to_categorical {_name}", lambda: _utils.to_categorical(_labels))
observe("to_categorical dtype=", lambda: _utils.to_categorical([0, 1], dtype="int8"))
observe("to_ordinal", lambda: _utils.to_ordinal([0, 2], 3))

_pad = {"": {}, " post": {"padding": "post", "truncating": "post"}, " float": {"dtype": "float32", "value": -1.5},
        " text": {"dtype": object, "value": "x"}}
for _name, _arguments in _pad.items():
    observe(f"utils.pad_sequences{_name}", lambda: _utils.pad_sequences([[1], [2, 3, 4]], maxlen=2, **_arguments))
    observe(f"preprocessing pad_sequences{_name}",
            lambda: tf.keras.preprocessing.sequence.pad_sequences([[1], [2, 3, 4]], maxlen=2, **_arguments))


def _tokenizer():
    tokenizer = tf.keras.preprocessing.text.Tokenizer()
    tokenizer.fit_on_texts(["A cat. A dog!"])
    return tokenizer.texts_to_matrix(["cat cat"], mode="count")


class _Sequence(tf.keras.utils.Sequence):
    # Keras 3 warns where super().__init__ is not called; many old programs do not.
    def __len__(self):
        return 2

    def __getitem__(self, index):
        return np.full((1, 2), index, np.float32), np.zeros((1, 1))


def _predict_sequence():
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, kernel_initializer="ones")])
    model.compile("sgd", "mse", run_eagerly=True)
    return model.predict(_Sequence(), verbose=0)


_preprocessing = tf.keras.preprocessing
observe("Tokenizer", _tokenizer)
_image = np.arange(12, dtype=np.float64).reshape(2, 2, 3)
observe("array_to_img", lambda: np.asarray(_preprocessing.image.array_to_img(_image)))
observe("ImageDataGenerator", lambda: next(
    _preprocessing.image.ImageDataGenerator(rescale=0.5).flow(_image[None], batch_size=1)))
observe("predict a Sequence", _predict_sequence)
observe("set_random_seed draws", lambda: (_utils.set_random_seed(5), np.random.rand(2))[1])
observe("get_custom_objects", lambda: len(_utils.get_custom_objects()))
observe("serialize_keras_object", lambda: _utils.serialize_keras_object(tf.keras.layers.ReLU(name="r")))
observe("wrappers", lambda: tf.keras.wrappers.scikit_learn.KerasClassifier.__name__)
observe("tf.keras version", lambda: int(tf.keras.__version__.split(".")[0]))

_x = np.array([[1, 2], [3, 4]], np.float32)
BACKEND = {
    "batch_dot": lambda k: k.batch_dot(_x, _x), "dtype": lambda k: k.dtype(tf.constant(_x)),
    "random_normal": lambda k: k.random_normal((2,), seed=1), "function": lambda k: k.function([], []),
    "learning_phase": lambda k: k.learning_phase(), "softmax": lambda k: k.softmax(_x),
}
for _name, _case in BACKEND.items():
    observe(f"backend.{_name}", lambda: _case(tf.keras.backend))
del BACKEND
