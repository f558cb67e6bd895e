"""Values behind constants and aliases, default integer types, and where classes say that they live."""
# /// skew
# links = [
#     "https://numpy.org/doc/stable/numpy_2_0_migration_guide.html",
#     "https://numpy.org/doc/stable/release/2.0.0-notes.html",
# ]
# ///
import numpy as np
from skew import observe

for _name in "pi e euler_gamma inf nan newaxis little_endian True_ False_ NINF PZERO MAXDIMS CLIP BUFSIZE".split():
    observe("np.%s" % _name, lambda: getattr(np, _name))
for _name in """
        bool bool_ int int_ float float_ complex complex_ object object_ str str_ unicode_ string_ bytes_ long longlong
        intp intc uint ulong half single double longdouble cdouble cfloat character
        """.split():
    # The alias may be Python's own class, which is a dtype too.
    observe("np.%s is" % _name, lambda: "%s.%s" % (getattr(np, _name).__module__, getattr(np, _name).__name__))
for _name in "int_ uint long ulong intp int float complex bool str double longlong".split():
    observe("np.dtype(np.%s)" % _name, lambda: np.dtype(getattr(np, _name)).str)
for _code in "l L q Q p P n N ? O S U V M m a c A g T".split():
    observe("dtype code %s" % _code, lambda: np.dtype(_code).str)
for _text in """
        bool8 bool_ int int0 int_ uint uint0 long ulong float_ complex_ str0 str_ unicode unicode_ string bytes bytes0
        bytes_ object0 Float64 Bytes0 double longlong void0
        """.split():
    observe("dtype '%s'" % _text, lambda: np.dtype(_text).str)

observe("default integer", lambda: np.array([1]).dtype)
observe("default of arange", lambda: np.arange(3).dtype)
observe("default of zeros", lambda: np.zeros(1).dtype)
observe("sum of int8", lambda: np.array([1], np.int8).sum().dtype)
observe("integer beyond int64", lambda: np.array([2**63]).dtype)
observe("integer beyond uint64", lambda: np.array([2**64]).dtype)
observe("mixed signs beyond int64", lambda: np.array([2**63, -1]).dtype)
observe("np.typecodes", lambda: dict(np.typecodes))
observe("np.ScalarType", lambda: [cls.__name__ for cls in np.ScalarType])
observe("np.sctypeDict keys", lambda: sorted(str(key) for key in np.sctypeDict))
observe("np.sctypes", lambda: {key: [cls.__name__ for cls in value] for key, value in np.sctypes.items()})
for _name in """
        ndarray dtype ufunc add concatenate linalg.LinAlgError random.Generator random.RandomState ma.MaskedArray
        matrix memmap recarray ComplexWarning exceptions.AxisError exceptions.ComplexWarning busdaycalendar
        errstate lib.NumpyVersion lib.npyio.NpzFile fft.fft linalg.norm random.rand char.chararray
        """.split():
    def _module():
        place = np
        for part in _name.split("."):
            place = getattr(place, part)
        return getattr(place, "__module__", None) or type(place).__module__

    observe("np.%s.__module__" % _name, _module)
