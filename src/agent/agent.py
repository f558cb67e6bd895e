"""The agent of skew: runs one phase of one job inside the world that an engine made for it.

One file, standard library only, CPython 3.7 to 3.14. It reads one job, one line of JSON, from stdin and writes events,
one line of JSON each, to stdout; `mod.rs` beside this file is the contract. Three kinds of process share this source:

* the supervisor (no argument) owns the protocol, every limit and every timeout; it imports nothing of the environment;
* a zygote (`--zygote FD`) imports the wanted modules and forks one child per execution; it never runs an op,
  because forking after one hangs; a fresh execution is a zygote of its own that imported nothing;
* a child runs one scenario once and tells what it observed over a private pipe. Nothing that it says is believed
  unchecked: the supervisor validates each line, and whatever isn't the protocol makes that execution `protocol`.

Memory of the supervisor is bounded: one line of a child (LINE_MAX, PIECES_MAX) is held at a time, accepted lines go to a
spool that leaves memory beyond SPOOL_MEMORY, and outputs are kept as head and tail.
"""

import os
import sys


def library_bytecode():
    """(the standard library's folder, the place in the store for its bytecode); validity is still checked file by file."""
    known = os.stat(os.__file__)
    name = "%s-%x-%x-%x" % (sys.implementation.cache_tag, sys.hexversion, int(known.st_mtime), known.st_size)
    return os.path.dirname(os.__file__), os.path.join(os.environ.get("SKEW_ROOT", ""), "stdlib", name)


def use_library_bytecode():
    """Docker's images of Python have no bytecode of the standard library and are read-only here: without this every process
    would compile again what it imports of it. Comes before all other imports for that reason."""
    import _frozen_importlib_external as loader

    (library, kept), beside = library_bytecode(), loader.cache_from_source
    if os.path.isabs(kept) and os.path.isdir(kept):

        def cache_from_source(path, *arguments, **options):
            cached = beside(path, *arguments, **options)
            return kept + cached[len(library) :] if cached.startswith(library + "/") else cached

        loader.cache_from_source = cache_from_source


use_library_bytecode()

import ast
import base64
import bisect
import builtins
import contextlib
import errno
import fcntl
import functools
import gc
import hashlib
import json
import linecache
import marshal
import math
import mmap
import re
import resource
import select
import shutil
import signal
import socket
import stat
import struct
import subprocess
import tempfile
import threading
import time
import types
import warnings

try:
    import ctypes
except ImportError:  # An interpreter built without libffi: process groups must do.
    ctypes = None
try:
    import faulthandler
except ImportError:
    faulthandler = None

PROTOCOL = 1
SCRIPT = "<script>"
KIB, MIB = 1 << 10, 1 << 20
LINE_MAX = 60 * MIB  # Below the engines' limit of 64 MiB for one line.
PIECES_MAX = 2 * MIB  # Brackets and commas of one line: each may become an object of 64 bytes and more.
SPOOL_MEMORY = 4 * MIB
HEAD = 64 * KIB  # Of stderr, kept besides its end, because telling texts come first.
PREVIEW = 64  # Elements and parts that people see.
PARTS = 10000  # Parts of one observation's containers.
KEPT = 4096  # Elements kept of an array that is not sent whole.
TEXT = 64 * KIB  # Characters of a str or bytes.
TEXTS = 2 * MIB  # Characters of all texts of one observation, roughly.
REPR = 4 * KIB
JSON_DEPTH = 110  # serde_json refuses 128 levels; an observation within its event takes up to ten.
DIMENSIONS = 256  # TensorFlow's most are 254.
FRAMES = 40
WARNINGS = 200  # Distinct warnings of one observation.
DEEP = 10  # Levels of folders that are deleted where they are; so many names of any length fit into a path.
SAMPLE = 0.05  # Seconds between two looks at memory and processes.
EVALUATION = 20.0  # Seconds that evaluating graph tensors may take after a script's end.
IMPORT_TIMEOUT = 300.0
START_TIMEOUT = 60.0  # Seconds in which an interpreter comes up on any machine.
TRACE_SIGNAL = getattr(signal, "SIGRTMAX", 64) - 3  # Asks for tracebacks; nobody else uses it.
STARTED, ENDING, VALUED, SENT, LOST, FAILED = 1, 2, 3, 4, 5, 6  # How far a child came, in memory shared with its zygote.

SELF = use_library_bytecode.__code__.co_filename  # This source, also where its bytecode is what runs.
_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode
_os_write, _fstat, _getpid, _exit = os.write, os.fstat, os.getpid, os._exit


def blake(data=b""):
    return hashlib.blake2b(data, digest_size=16)


def canonical(value):
    """The text by which two descriptions are equal."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


# ---------------------------------------------------------------------------------------------------------------------
# Processes
# ---------------------------------------------------------------------------------------------------------------------


class Stop(BaseException):
    """The agent is to end now: its parent is gone or told it so."""


def prctl(option, argument):
    if ctypes is None:
        return
    try:
        ctypes.CDLL(None).prctl(option, ctypes.c_ulong(argument), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0))
    except (OSError, AttributeError):
        pass  # Not Linux; stdin's end and process groups remain.


def die_with_parent():
    prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def adopt_orphans():
    """Makes this process the parent of whatever its descendants leave behind, so that it can be found and killed."""
    prctl(36, 1)  # PR_SET_CHILD_SUBREAPER


def close_to_others(closed):
    """Closes, or opens again, this process's memory and descriptors (`/proc/PID/fd`) to others of the same user: without
    it a scenario could write events of its own onto the supervisor's way out. Nobody is kept out who may trace anyone."""
    prctl(4, 0 if closed else 1)  # PR_SET_DUMPABLE


def high_descriptor(fd):
    """A close-on-exec duplicate of `fd` out of the way of descriptors that programs count up to."""
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    base = 900 if soft == resource.RLIM_INFINITY else max(3, min(900, soft - 40))
    return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, base)


def read_text(path):
    try:
        with open(path, "rb") as file:
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


def children_of(pid):
    if not os.path.exists("/proc/self/task/%d/children" % _getpid()):  # A kernel without that list.
        return children_by_parent().get(pid, [])
    found = []
    try:
        tasks = os.listdir("/proc/%d/task" % pid)
    except OSError:
        return found
    for task in tasks:
        found.extend(int(child) for child in read_text("/proc/%d/task/%s/children" % (pid, task)).split())
    return found


def children_by_parent():
    found = {}
    for entry in os.listdir("/proc"):
        fields = read_text("/proc/%s/stat" % entry).rpartition(") ")[2].split() if entry.isdigit() else []
        if len(fields) > 1:
            found.setdefault(int(fields[1]), []).append(int(entry))
    return found


def descendants(roots):
    seen, todo = set(), list(roots)
    while todo:
        pid = todo.pop()
        if pid not in seen:
            seen.add(pid)
            todo.extend(children_of(pid))
    return seen


def kill(pid, group=False):
    for target in ([-pid] if group else []) + [pid]:
        try:
            os.kill(target, signal.SIGKILL)
        except OSError:
            pass


def memory_of(pids, limit):
    """Bytes that the processes hold. Their resident sizes count shared pages several times, so they only decide when
    they are below the limit; the proportional sizes, dearer to read, decide above it."""
    page = os.sysconf("SC_PAGE_SIZE")
    total = 0
    for pid in pids:
        fields = read_text("/proc/%d/statm" % pid).split()
        total += int(fields[1]) * page if len(fields) > 1 else 0
    if total <= limit:
        return total
    exact = 0
    for pid in pids:
        match = re.search(r"^Pss:\s+(\d+) kB", read_text("/proc/%d/smaps_rollup" % pid), re.M)
        if match is None:
            fields = read_text("/proc/%d/statm" % pid).split()
            exact += int(fields[1]) * page if len(fields) > 1 else 0
        else:
            exact += int(match.group(1)) * KIB
    return exact


class OomCounter:
    """The cgroup's count of processes killed for memory (v2, v1), where there is one."""

    def __init__(self):
        self.path = None
        own = {}
        for line in read_text("/proc/self/cgroup").splitlines():
            parts = line.split(":", 2)
            if len(parts) == 3:
                for controller in parts[1].split(","):
                    own[controller] = parts[2]
        candidates = []
        for root in ("/sys/fs/cgroup", "/sys/fs/cgroup/unified"):
            candidates += [root + own.get("", "/").rstrip("/") + "/memory.events", root + "/memory.events"]
        v1 = "/sys/fs/cgroup/memory"
        candidates += [v1 + own.get("memory", "/").rstrip("/") + "/memory.oom_control", v1 + "/memory.oom_control"]
        for path in candidates:
            if re.search(r"^oom_kill \d+", read_text(path), re.M):
                self.path = path
                break

    def read(self):
        match = re.search(r"^oom_kill (\d+)", read_text(self.path), re.M) if self.path else None
        return int(match.group(1)) if match else 0


# ---------------------------------------------------------------------------------------------------------------------
# Texts
# ---------------------------------------------------------------------------------------------------------------------

# All patterns that a scenario's process needs are compiled before it is forked.
SUFFIX = re.compile(r"_\d+(?=/|$)")
# What differs from run to run in any text, and what stands for it.
VOLATILE = [
    (re.compile(r"(?:<env>|<python>)?[^\s'\"(),;:=<>]*/(?:site|dist)-packages/"), "<env>/"),
    (re.compile(r"\b0x[0-9A-Fa-f]{5,16}\b"), "0x\u2026"),
    (re.compile(r"__autograph_generated_file\w+"), "__autograph_generated_file"),
    (re.compile(r"\btmp[a-z0-9_]{8}\b"), "tmp\u2026"),
    (re.compile(r"\x1b\[[0-9;]*m"), ""),  # Keras 3 colours its messages.
]
# Behind it TensorFlow 1 tells where each operation was made, with paths and lines of its own.
ORIGINS = re.compile(r"\n+(?:Errors may have originated from|Original stack trace for)")
# The numbers that generated operations carry in messages.
NUMBERED = [
    (re.compile(r"\[\[node ([\w./-]+)\s*(?:\(defined at [^\n]*\)\s*)?\]\]"), lambda m: "[[node %s]]" % SUFFIX.sub("", m.group(1))),
    (re.compile(r"(['\"]shared_object_id['\"]: )\d+"), "\\1\u2026"),
    (re.compile(r"\{\{(\w+) ([^{}]*)\}\}"), lambda m: "{{%s %s}}" % (m.group(1), SUFFIX.sub("", m.group(2)))),
    (re.compile(r"\b(name: ?)([\w./-]+)"), lambda m: m.group(1) + SUFFIX.sub("", m.group(2))),
    (re.compile(r"\b([A-Za-z][\w/.]*?)_\d+(:\d+)\b"), r"\1\2"),
    (re.compile(r"(__(?:inference|forward|backward)_\w+?)_\d+\b"), r"\1"),
]
# What `repr` says of where an object lies.
OBJECT = re.compile(r"<(?:[\w]+\.)+(?:<locals>\.)?(\w+) object at 0x\u2026")
NUMBER = re.compile(r"\b(id[=:] ?)\d{6,}")
# Texts that tell the true reason where the exception that follows misleads.
TELLING = [
    re.compile(r"A module that was compiled using NumPy 1\.x cannot be run in\s+NumPy [0-9][\w.]*"),
    re.compile(r"(?:RuntimeError: )?module compiled against (?:ABI|API) version \S+ but this version of numpy is \w+"),
    re.compile(r"numpy\.\w+ size changed, may indicate binary incompatibility[^\n]*"),
    re.compile(r"numpy\.core\.multiarray failed to import[^\n]*"),
    re.compile(r"(?:AttributeError: )?_ARRAY_API not found"),
    re.compile(r"Descriptors can ?not (?:not )?be created directly[^\n]*"),
]


def plain(text):
    """`text` without lone surrogates, which no reader of JSON accepts."""
    try:
        text.encode("utf-8")
        return str(text)
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode("utf-8")


def cut(text, limit):
    return text if len(text) <= limit else text[: limit - 1] + "\u2026"


def telling(text):
    for pattern in TELLING:
        match = pattern.search(text)
        if match:
            return " ".join(match.group(0).split())
    return None


def top_package(cls):
    module = getattr(cls, "__module__", None)
    top = module.split(".", 1)[0] if isinstance(module, str) else "builtins"
    return "tensorflow" if top == "tensorflow_core" else top  # TensorFlow 1.15 and 2.0 live in a package of that name.


def type_name(cls):
    top, name = top_package(cls), plain(str(cls.__name__))
    return name if top == "builtins" else top + "." + name


def qualified(cls):
    module = getattr(cls, "__module__", None)
    name = plain(str(getattr(cls, "__qualname__", cls.__name__)))
    return name if module in (None, "builtins") or not isinstance(module, str) else plain(module) + "." + name


class Names:
    """Turns what differs from run to run and from machine to machine into what does not."""

    def __init__(self, script=None, name=None, folder=None, work=None):
        self.script, self.name = script, name
        places = []
        if script:
            places.append((script, (name or "scenario") + ".py"))
        for path, word in ((folder, "<work>"), (work, "<work>"), (sys.prefix, "<env>"), (sys.base_prefix, "<python>")):
            if path and len(path) > 1:
                places += [(path, word), (os.path.realpath(path), word)]
        self.places = sorted(set(places), key=lambda place: -len(place[0]))
        self.folder = folder

    def text(self, text, limit=REPR):
        text = plain(text[: 16 * limit])
        for path, word in self.places:
            text = text.replace(path, word)
        for pattern, stands in VOLATILE:
            text = pattern.sub(stands, text)
        return cut(text, limit)

    def message(self, text):
        """An error's or warning's message: besides, without the numbers that generated operations carry."""
        text = self.text(ORIGINS.split(text, 1)[0])
        for pattern, stands in NUMBERED:
            text = pattern.sub(stands, text)
        return text

    def repr(self, value):
        cls = type(value)
        if cls.__repr__ is object.__repr__:
            return "<%s object>" % type_name(cls)
        text = self.text(cls.__repr__(value) if isinstance(value, type) else repr(value))
        text = OBJECT.sub(r"<\1 object", text)
        return NUMBER.sub("\\1\u2026", text.replace(" at 0x\u2026", ""))

    def file(self, path):
        """A source file: relative to the folder that it was imported from."""
        if path == self.script:
            return (self.name or "scenario") + ".py"
        best = ""
        for entry in sys.path:
            if isinstance(entry, str) and entry and path.startswith(entry.rstrip("/") + "/") and len(entry) > len(best):
                best = entry.rstrip("/")
        return plain(path[len(best) + 1 :]) if best else self.text(path)

    def origin(self, path, module=None):
        """Whose file a warning is attributed to; `module` names the module of code that has no file."""
        if path == self.script:
            return "scenario"
        if path.startswith("<frozen "):
            return "importlib"
        if path.startswith("<"):
            return module.split(".", 1)[0] if isinstance(module, str) and module else "unknown"
        name = self.file(path).split("/", 1)[0]
        name = name[:-3] if name.endswith(".py") else name
        return "tensorflow" if name == "tensorflow_core" else name or "unknown"

    def frames(self, trace):
        """(deepest line in the scenario, texts of the frames), oldest first, the agent's own left out."""
        line, texts = None, []
        while trace is not None:
            code, number = trace.tb_frame.f_code, trace.tb_lineno
            if code.co_filename == self.script:
                line = number
            if code.co_filename != SELF and not code.co_filename.startswith("<frozen importlib"):
                source = linecache.getline(code.co_filename, number or 0).strip()
                text = "%s:%s in %s" % (self.file(code.co_filename), number, code.co_name)
                texts.append(plain(cut(text + (": " + source if source else ""), 400)))
            trace = trace.tb_next
        if len(texts) > FRAMES:
            half = FRAMES // 2
            texts = texts[:half] + ["\u2026 %d frames left out" % (len(texts) - FRAMES + 1)] + texts[-half + 1 :]
        return line, texts

    def raised(self, error, source=None):
        """An exception as `Raised`. `source` is the scenario's text."""
        cls = type(error)
        line, trace = self.frames(error.__traceback__)
        if isinstance(error, SyntaxError) and getattr(error, "filename", None) == self.script and self.script:
            line = error.lineno
        fact = {
            "type": qualified(cls),
            "bases": [qualified(base) for base in cls.__mro__[1:] if base is not object],
            "message": self.message(printed(error)),
            "line": line if isinstance(line, int) and line > 0 else None,
            "source": None,
            "traceback": trace,
            "cause": self.cause(error),
        }
        if fact["line"] and source is not None:
            lines = source.splitlines()
            if fact["line"] <= len(lines):
                fact["source"] = plain(cut(lines[fact["line"] - 1].strip(), 400))
        return fact

    def cause(self, error):
        chain, seen = [], {id(error)}
        link, explicit = error, False
        while len(chain) < 10:
            parent = link.__cause__ if link.__cause__ is not None else None if link.__suppress_context__ else link.__context__
            if parent is None or id(parent) in seen:
                break
            explicit = link.__cause__ is not None
            seen.add(id(parent))
            chain.append("%s: %s" % (type_name(type(parent)), self.message(printed(parent))))
            link = parent
        own = telling(printed(error))
        for text in chain:
            found = telling(text)
            if found and found != own:
                return found
        if chain and explicit and isinstance(error, ImportError):
            return cut(chain[-1], KIB)
        return None


def printed(error):
    """str() of an exception, whatever it does."""
    try:
        return str(error)
    except BaseException as trouble:  # Scenarios may raise anything here.
        return "<unprintable: %s>" % type(trouble).__name__


# ---------------------------------------------------------------------------------------------------------------------
# Values
# ---------------------------------------------------------------------------------------------------------------------


def float_preview(number):
    return "nan" if number != number else number if -math.inf < number < math.inf else "inf" if number > 0 else "-inf"


def int_preview(number):
    return number if -(1 << 53) <= number <= 1 << 53 else int_text(number)


def int_text(number):
    try:
        return str(number)
    except ValueError:  # Beyond sys.set_int_max_str_digits.
        return hex(number)


def finite(number):
    number = float(number)
    return number if math.isfinite(number) else None


def dtype_name(dtype):
    """NumPy's name; byte order is left out, because the bytes are sent little-endian."""
    if dtype.names is not None:  # Spelled here, because str() varies between NumPy's releases.
        return plain("[" + ", ".join("(%r, %s)" % (field, field_name(dtype.fields[field][0])) for field in dtype.names) + "]")
    if dtype.kind in "US":
        return dtype.newbyteorder("=").str
    return plain(str(getattr(dtype, "name", dtype)))


def field_name(dtype):
    if dtype.subdtype is not None:
        return "%s, %r" % (field_name(dtype.subdtype[0]), tuple(dtype.subdtype[1]))
    return dtype_name(dtype) if dtype.names is not None else repr(str(dtype.newbyteorder("=").str))


class Budget:
    """Bytes of array content that one scenario may still send: whole arrays, and as much again for heads of large ones."""

    def __init__(self, size):
        # One observation may take all of both, in base64, and has to fit into one line.
        self.whole = self.heads = min(size, LINE_MAX // 3)


class Unevaluated(Exception):
    """A tensor of a graph that could not be evaluated: what eager execution would have raised in the script."""

    def __init__(self, error):
        Exception.__init__(self, error)
        self.error = error


class Describer:
    """Reduces Python values to `Value`s. With `evaluate`, tensors of a graph are evaluated in a session."""

    def __init__(self, names, budget):
        self.names, self.budget = names, budget
        self.evaluate, self.symbolic, self.parts, self.stack, self.room, self.sessions = False, False, 0, [], 0, {}

    def describe(self, value, evaluate=False):
        self.evaluate, self.symbolic, self.parts, self.stack, self.room = evaluate, False, PARTS, [], TEXTS
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            np = sys.modules.get("numpy")
            if hasattr(np, "errstate"):
                with np.errstate(all="ignore"):
                    return self.value(value, 0)
            return self.value(value, 0)

    def value(self, value, depth):
        try:
            return self.adapt(value, depth)
        except Unevaluated:
            raise
        except BaseException as error:  # Whatever a value's own methods raise is about the value.
            return self.other(value, "%s: %s" % (type_name(type(error)), self.names.message(printed(error))))

    def other(self, value, note=None):
        try:
            text = self.names.repr(value)
        except BaseException as error:
            text = "<unprintable: %s: %s>" % (type_name(type(error)), self.names.message(printed(error)))
        text = cut(text, REPR if self.room >= REPR else KIB // 4)
        self.room -= len(text)
        described = {"kind": "other", "type": type_name(type(value)), "preview": text}
        if note:
            described["preview"] = cut(described["preview"] + " <not converted: " + note + ">", REPR)
        return described

    def adapt(self, value, depth):
        cls = type(value)
        if value is None:
            return {"kind": "none", "type": "NoneType", "preview": None}
        if cls in (bool, int, float, complex):
            return self.scalar(value, cls.__name__)
        if cls is str or cls in (bytes, bytearray):
            return self.text(value)
        np = sys.modules.get("numpy")
        if isinstance(getattr(np, "ndarray", None), type):
            if isinstance(value, np.ma.MaskedArray if "numpy.ma" in sys.modules else ()):
                return self.masked(np, value, depth)
            if isinstance(value, (np.ndarray, np.generic)):
                return self.array(np, value, type_name(cls))
            if isinstance(value, np.dtype):
                return {"kind": "dtype", "type": "numpy.dtype", "preview": dtype_name(value)}
        tensor = self.tensor(np, value, depth)
        if tensor is not None:
            return tensor
        if isinstance(value, (list, tuple, set, frozenset)) or type_name(cls) in ("collections.deque", "dict_keys", "dict_values", "dict_items"):
            return self.sequence(value, type_name(cls), depth)
        if isinstance(value, dict):
            return self.mapping(value, type_name(cls), depth)
        if isinstance(value, (int, float, complex)) and "enum" not in {top_package(base) for base in cls.__mro__}:
            return self.scalar(value, type_name(cls))
        if isinstance(value, (str, bytes, bytearray)) and "enum" not in {top_package(base) for base in cls.__mro__}:
            return self.text(value, type_name(cls))
        if np is not None and hasattr(cls, "__array__") and hasattr(value, "dtype") and hasattr(value, "shape"):
            return self.array(np, np.asarray(value), type_name(cls))
        return self.other(value)

    def scalar(self, value, name):
        if isinstance(value, bool):
            preview = bool(value)
        elif isinstance(value, int):
            preview = int_preview(int(value))
        elif isinstance(value, float):
            preview = float_preview(float(value))
        else:
            preview = [float_preview(value.real), float_preview(value.imag)]
        return {"kind": "scalar", "type": name, "preview": preview}

    def text(self, value, name=None):
        described = {"kind": "text" if isinstance(value, str) else "bytes", "type": name or type(value).__name__}
        # A container of long texts would otherwise outgrow what it was made from.
        kept = TEXT if self.room >= TEXT else KIB
        if isinstance(value, str):
            shown = plain(str(value)[: kept + 1])
            folder = self.names.folder
            shown = shown.replace(folder, "<work>") if folder else shown  # The agent's own folder is not the scenario's doing.
        else:
            kept //= 4  # An escaped byte takes four characters.
            shown = repr(bytes(value[:kept]))
        self.room -= len(shown)
        described["preview"] = cut(shown, TEXT)
        if len(value) > kept:
            raw = value.encode("utf-8", "backslashreplace") if isinstance(value, str) else value
            described["digest"] = blake(raw).hexdigest()
            described["truncated"] = {"bytes": len(raw), "kept": kept, "min": None, "max": None, "mean": None, "nan": 0}
        return described

    # Containers

    def part(self, value, depth):
        self.parts -= 1
        return self.value(value, depth)

    def enter(self, value, depth):
        """Why the parts of a container are not looked at, or None."""
        if any(value is open_container for open_container in self.stack):
            return "<cycle>"
        return "<too deep>" if depth > JSON_DEPTH else None

    def sequence(self, value, name, depth):
        refusal = self.enter(value, depth)
        if refusal:
            return {"kind": "other", "type": name, "preview": refusal}
        self.stack.append(value)
        items, rest = [], None
        for element in value:
            if self.parts > 0 and rest is None:
                items.append(self.part(element, depth + 2))
            else:
                rest = rest or Rest(items)
                rest.add(element)
        self.stack.pop()
        if isinstance(value, (set, frozenset)):
            items.sort(key=canonical)
        described = {"kind": "sequence", "type": name, "preview": [item.get("preview") for item in items[:PREVIEW]], "items": items}
        if rest is not None:
            rest.note(described, len(items))
        return described

    def mapping(self, value, name, depth):
        refusal = self.enter(value, depth)
        if refusal:
            return {"kind": "other", "type": name, "preview": refusal}
        self.stack.append(value)
        entries, rest = [], None
        for key, element in value.items():
            if self.parts > 0 and rest is None:
                text = plain(key[:KIB]) if type(key) is str else cut(self.names.repr(key), KIB)
                entries.append([text, self.part(element, depth + 3)])
            else:
                rest = rest or Rest(entries)
                rest.add(key)
                rest.add(element)
        self.stack.pop()
        preview = {key: element.get("preview") for key, element in entries[:PREVIEW]}
        described = {"kind": "mapping", "type": name, "preview": preview, "entries": entries}
        if rest is not None:
            rest.note(described, len(entries))
        return described

    def composite(self, name, parts, depth, preview=None):
        items = [self.part(part, depth + 2) for part in parts]
        return {"kind": "sequence", "type": name, "preview": [item.get("preview") for item in items] if preview is None else preview, "items": items}

    # Arrays and tensors

    def tensor(self, np, value, depth):
        """TensorFlow's and Keras's values, and whatever else has `numpy()`, `dtype` and `shape`; None if it is none."""
        cls = type(value)
        names = {base.__name__ for base in cls.__mro__ if top_package(base) in ("tensorflow", "keras")}
        if "TensorShape" in names or "TensorShapeV1" in names:
            dims = value.as_list() if value.rank is not None else None
            return {"kind": "shape", "type": type_name(cls), "preview": dims}
        if "DType" in names:
            return {"kind": "dtype", "type": type_name(cls), "preview": plain(str(value.name))}
        if names & {"RaggedTensor", "RaggedTensorValue"}:
            described = self.composite(type_name(cls), [value.values, value.row_splits], depth)
            if "RaggedTensor" in names and hasattr(value.row_splits, "numpy") or "RaggedTensorValue" in names:
                described["preview"] = self.shallow(value.to_list())
            return described
        if names & {"SparseTensor", "SparseTensorValue"}:
            return self.composite(type_name(cls), [value.indices, value.values, value.dense_shape], depth)
        if "IndexedSlices" in names:
            return self.composite(type_name(cls), [value.values, value.indices], depth)
        if names & {"KerasTensor", "SymbolicTensor"}:
            return self.other(value)
        if names & {"Tensor", "Variable", "VariableV1"} and "EagerTensor" not in names:
            graph = getattr(value, "graph", None) if not self.eager(value) else None
            if graph is not None:
                if type(graph).__name__ != "Graph":
                    return self.other(value)
                if not self.evaluate:
                    self.symbolic = True
                    return self.other(value)
                # Nothing that eager execution would have: what is only fed, or lives in a branch.
                if getattr(value.op, "type", "").startswith("Placeholder") or not graph.is_fetchable(value):
                    return self.other(value)
                session = self.session(graph)
                try:
                    content = session.run(value)
                except Exception as error:
                    # Variables that nobody initialised are no failure of the script; neighbours in a container count.
                    if depth > 0 or type(error).__name__ == "FailedPreconditionError":
                        raise
                    raise Unevaluated(error)
                return self.content(np, content, value, cls)
        if callable(getattr(cls, "numpy", None)) and hasattr(value, "dtype") and hasattr(value, "shape"):
            return self.content(np, value.numpy(), value, cls)
        return None

    @staticmethod
    def eager(value):
        try:
            graph = value.graph
        except Exception:
            return True  # Eager tensors refuse to name a graph.
        if graph is None:
            return True
        return hasattr(value, "numpy") and type(graph).__name__ != "Graph" and not type(value).__name__ == "Tensor"

    def content(self, np, content, value, cls):
        name = type_name(cls)
        kind = getattr(value.dtype, "name", None)
        if isinstance(content, (bytes, str)):
            content = np.array(content, dtype=object)
        if not isinstance(content, (np.ndarray, np.generic)):
            content = np.asarray(content)
        described = self.array(np, content, name)
        if kind == "string":
            described["dtype"] = "string"
        return described

    def session(self, graph):
        if id(graph) not in self.sessions:
            tf = sys.modules["tensorflow"]
            default = tf.compat.v1.get_default_session()
            own = default is not None and default.graph is graph
            self.sessions[id(graph)] = default if own else tf.compat.v1.Session(graph=graph)
        return self.sessions[id(graph)]

    def shallow(self, value, depth=0):
        """A preview of nested plain lists."""
        if isinstance(value, (list, tuple)) and depth < 8:
            return [self.shallow(part, depth + 1) for part in value[:PREVIEW]]
        return self.value(value, 0).get("preview")

    def masked(self, np, value, depth):
        described = self.array(np, value.filled(0) if value.dtype.kind in "biufc" else np.asarray(value), "numpy.ndarray")
        mask = self.array(np, np.ma.getmaskarray(value), "numpy.ndarray")
        flat = [None if hidden is True else shown for shown, hidden in zip(self.listed(described), self.listed(mask))]
        return {
            "kind": "sequence",
            "type": type_name(type(value)),
            "dtype": described["dtype"],
            "shape": described["shape"],
            "preview": flat if described["shape"] else (flat or [None])[0],
            "digest": blake((described["digest"] + mask["digest"]).encode()).hexdigest(),
            "items": [described, mask],
        }

    @staticmethod
    def listed(described):
        return described["preview"] if described["shape"] else [described["preview"]]

    def array(self, np, value, name):
        array = np.asarray(value)
        dtype = array.dtype
        described = {"kind": "array", "type": name, "dtype": dtype_name(dtype), "shape": list(array.shape)}
        first = array[()] if array.ndim == 0 else None
        if array.ndim == 0:
            described["preview"] = self.element(np, first, dtype)
        else:
            described["preview"] = [self.element(np, element, dtype) for element in array.flat[:PREVIEW]]
        if dtype.hasobject or dtype.kind == "T":
            rest = Rest([])
            for index, element in enumerate(array.flat):
                rest.add(element if index >= PARTS else canonical(self.part(element, 0)) if self.parts > 0 else element)
            described["digest"] = rest.hash.hexdigest()
            return described
        array = self.normal(np, array, dtype)
        size = array.size * array.itemsize
        described["digest"] = self.digest(np, array)
        if size <= self.budget.whole:
            self.budget.whole -= size
            described["data"] = base64.b64encode(array.tobytes()).decode("ascii")
            return described
        kept = min(KEPT, array.size, self.budget.heads // max(1, array.itemsize))
        head = array.flat[:kept] if kept else array.reshape(-1)[:0]
        self.budget.heads -= kept * array.itemsize
        described["data"] = base64.b64encode(head.tobytes()).decode("ascii")
        described["truncated"] = self.statistics(np, array, size, kept)
        return described

    @staticmethod
    def normal(np, array, dtype):
        """The array with little-endian elements and without bytes that mean nothing (padding)."""
        if dtype.byteorder == ">" or dtype.names is not None or (dtype.byteorder == "=" and sys.byteorder == "big"):
            try:
                array = array.astype(dtype.newbyteorder("<"), copy=False)
            except (TypeError, ValueError):
                pass
        if dtype.names is not None:
            packed = np.dtype([(field, dtype.fields[field][0].newbyteorder("<")) for field in dtype.names])
            if packed.itemsize != dtype.itemsize:
                repacked = np.empty(array.shape, packed)
                for field in dtype.names:
                    repacked[field] = array[field]
                array = repacked
        if dtype.kind in "fc" and dtype.itemsize in (16, 32) and dtype.type in (np.longdouble, np.clongdouble):
            if np.finfo(dtype).nmant == 63:  # x87: 10 bytes of number in 16 bytes of memory.
                copied = np.array(array, order="C", copy=True)
                raw = copied.reshape(-1).view(np.uint8).reshape(-1, 16)
                raw[:, 10:] = 0
                array = raw.reshape(-1).view(array.dtype).reshape(array.shape)
        return array

    @staticmethod
    def chunks(np, array):
        """The elements in C order, in pieces, without a second copy of the array."""
        if array.size == 0:
            return
        if array.flags.c_contiguous:
            flat = array.reshape(-1)
            for start in range(0, flat.size, MIB):
                yield flat[start : start + MIB]
        elif array.size <= MIB:
            yield np.ascontiguousarray(array.reshape(-1))  # A flattened view may still have strides.
        else:
            for start in range(0, array.size, MIB):
                yield array.flat[start : start + MIB]

    def digest(self, np, array):
        digest = blake()
        for chunk in self.chunks(np, array):
            digest.update(memoryview(chunk.view(np.uint8)) if chunk.itemsize else b"")
        return digest.hexdigest()

    def statistics(self, np, array, size, kept):
        known = {"bytes": size, "kept": kept, "min": None, "max": None, "mean": None, "nan": 0}
        numeric = array.dtype.kind in "biuf" or array.dtype.kind == "V" and array.dtype.names is None and "float" in dtype_name(array.dtype)
        if not numeric:
            return known
        low, high, total, count = math.inf, -math.inf, 0.0, 0
        for chunk in self.chunks(np, array):
            chunk = chunk.astype(np.float64)
            there = chunk[~np.isnan(chunk)]
            known["nan"] += int(chunk.size - there.size)
            if there.size:
                low, high = min(low, float(there.min())), max(high, float(there.max()))
                total, count = total + float(there.sum()), count + int(there.size)
        if count:
            known.update(min=finite(low), max=finite(high), mean=finite(total / count))
        return known

    def element(self, np, element, dtype):
        kind = dtype.kind
        if kind == "b":
            return bool(element)
        if kind in "iu":
            return int_preview(int(element))
        if kind == "f":
            number = float(element)
            return str(element) if math.isinf(number) and not np.isinf(element) else float_preview(number)
        if kind == "c":
            return [float_preview(float(element.real)), float_preview(float(element.imag))]
        if kind in "UT":
            return cut(plain(str(element)), KIB)
        if kind == "S":
            return cut(repr(bytes(element)), KIB)
        if kind in "mM":
            return str(element)
        if dtype.names is not None:
            return [self.element(np, element[field], dtype.fields[field][0]) if dtype.fields[field][0].subdtype is None else self.value(element[field], 0)["preview"] for field in dtype.names]
        if kind == "O":
            return self.value(element, 0).get("preview")
        if issubclass(dtype.type, np.void):
            return cut(repr(bytes(element)), KIB)
        number = float(element)  # bfloat16, float8 and their like.
        return int(number) if "int" in dtype_name(dtype) and math.isfinite(number) else float_preview(number)


class Rest:
    """What is known of parts that are not described: a digest over their texts."""

    PLAIN = (int, float, bool, str, bytes, type(None), complex)

    def __init__(self, described):
        self.hash, self.size = blake(canonical(described).encode("utf-8", "replace")), 0

    def add(self, element):
        text = repr(element) if type(element) in self.PLAIN else type_name(type(element))
        raw = text.encode("utf-8", "backslashreplace") + b"\n"
        self.size += len(raw)
        self.hash.update(raw)

    def note(self, described, kept):
        described["digest"] = self.hash.hexdigest()
        described["truncated"] = {"bytes": self.size, "kept": kept, "min": None, "max": None, "mean": None, "nan": 0}


# ---------------------------------------------------------------------------------------------------------------------
# The scenario's source
# ---------------------------------------------------------------------------------------------------------------------


class Bindings:
    """Where a script's module level binds which names."""

    def __init__(self, source):
        self.last = {}  # Name → (line, how): `value`, `import` or `definition`.
        self.statements = []  # (first line, names whose values it binds), by line.
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
        self.block(tree.body)
        self.statements.sort(key=lambda entry: entry[0])
        self.lines = [entry[0] for entry in self.statements]

    def block(self, body):
        for node in body:
            self.statement(node)

    def statement(self, node):
        names, line = [], node.lineno
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            line = min([line] + [decorator.lineno for decorator in node.decorator_list])
            self.last[node.name] = (node.lineno, "definition")
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                self.last[alias.asname or alias.name.split(".")[0]] = (line, "import")
        else:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, (ast.expr, ast.withitem)):
                    names += self.expression(child)
                elif type(child).__name__ == "match_case":
                    names += self.pattern(child.pattern)
            for name in names:
                self.last[name] = (line, "value")
        self.statements.append((line, names))
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.stmt):
                    self.statement(child)
                elif type(child).__name__ in ("ExceptHandler", "match_case"):
                    self.block(child.body)

    def expression(self, node):
        """Names that an expression binds: targets, and `:=` anywhere outside a lambda's body."""
        names = []
        if isinstance(node, ast.Lambda):
            return names
        if isinstance(node, ast.comprehension):
            parts = [node.iter] + node.ifs  # Its targets are its own.
        else:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.append(node.id)
            parts = ast.iter_child_nodes(node)
        for child in parts:
            names += self.expression(child)
        return names

    @staticmethod
    def pattern(node):
        names = []
        for child in ast.walk(node):
            for field in ("name", "rest"):
                name = getattr(child, field, None)
                if isinstance(name, str) and type(child).__name__.startswith("Match"):
                    names.append(name)
        return names

    def at(self, line):
        """Names bound by the statement at a line."""
        index = bisect.bisect_right(self.lines, line) - 1 if self.statements else -1
        return self.statements[index][1] if index >= 0 else []


def sets_environment_first(source, imports):
    """Whether the source changes `os.environ` before it imports one of `imports`."""
    if not re.search("environ|putenv|unsetenv", source):
        return False  # Parsing it takes longer than all else that is asked here.
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    tops = {name.split(".")[0] for name in imports}
    changed = imported = math.inf

    def environ(node):
        return isinstance(node, ast.Attribute) and node.attr == "environ" or isinstance(node, ast.Name) and node.id == "environ"

    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and any(alias.name.split(".")[0] in tops for alias in node.names):
            imported = min(imported, node.lineno)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in tops:
            imported = min(imported, node.lineno)
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, (ast.Store, ast.Del)) and environ(node.value):
            changed = min(changed, node.lineno)
        elif isinstance(node, ast.AugAssign) and environ(node.target):
            changed = min(changed, node.lineno)
        elif isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", None)
            mutates = name in ("update", "setdefault", "pop", "clear", "__setitem__") and isinstance(called, ast.Attribute) and environ(called.value)
            if mutates or name in ("putenv", "unsetenv"):
                changed = min(changed, node.lineno)
    return changed < imported


# ---------------------------------------------------------------------------------------------------------------------
# Child: one execution of one scenario
# ---------------------------------------------------------------------------------------------------------------------


class ChannelLost(Exception):
    """The private pipe is gone or is something else now."""


class Channel:
    """Writes records to the supervisor; each carries the execution's token."""

    def __init__(self, fd, token, progress):
        self.fd, self.token, self.progress = fd, token, progress
        self.identity = self.identify()
        self.owner, self.lock = _getpid(), threading.Lock()

    def identify(self):
        known = _fstat(self.fd)
        return known.st_dev, known.st_ino, stat.S_IFMT(known.st_mode)

    def send(self, record):
        data = (_encode(dict(record, t=self.token)) + "\n").encode("ascii")
        if len(data) > LINE_MAX and "o" in record:
            fact = {"value": {"kind": "other", "type": "object", "preview": "<too large to record: %d MiB>" % (len(data) // MIB)}}
            fact["value"]["digest"] = blake(_encode(record["o"]["fact"]).encode("ascii")).hexdigest()
            record = dict(record, o=dict(record["o"], fact=fact))
            data = (_encode(dict(record, t=self.token)) + "\n").encode("ascii")
        with self.lock:
            try:
                # The scenario may have closed the descriptor and opened a file of its own at that number.
                if self.identify() != self.identity:
                    raise OSError(errno.EBADF, "another file")
                view = memoryview(data)
                while view:
                    view = view[_os_write(self.fd, view) :]
            except OSError:
                self.progress[0] = LOST
                raise ChannelLost()


class Warned:
    """Collects warnings: while `observe` calls something for that observation, else for the names that the running
    statement binds, else for the script."""

    def __init__(self, names, bindings, code, quiet):
        self.names, self.bindings, self.code, self.quiet = names, bindings, code, quiet
        self.by_name, self.observing = {}, []

    def show(self, message, category, filename, lineno, file=None, line=None):
        try:
            self.record(message, category, filename)
            text = warnings.formatwarning(message, category, filename, lineno, line)
            (sys.stderr if file is None else file).write(text)
        except Exception:
            pass  # What a scenario does to warnings or stderr must not change its course.

    def record(self, message, category, filename):
        if issubclass(category, ResourceWarning):
            return  # They come when garbage is collected, not where something is done.
        line, module, frame = None, None, sys._getframe(2)
        while frame is not None:
            if module is None and frame.f_code.co_filename == filename:
                module = frame.f_globals.get("__name__")
            if frame.f_code is self.code:
                line = frame.f_lineno
            elif frame.f_code.co_name == "_find_and_load" and frame.f_code.co_filename.startswith("<frozen importlib"):
                # The pre-import tells these; a fresh process would tell them once more, a fork would not.
                if frame.f_locals.get("name") in self.quiet:
                    return
            frame = frame.f_back
        if self.observing:
            targets = self.observing[-1:]
        else:
            targets = [name for name in (self.bindings.at(line) if line else []) if not name.startswith("_")] or [SCRIPT]
        warned = warned_as(self.names, message, category, filename, module)
        for target in targets:
            known = self.by_name.setdefault(target, [])
            if warned not in known and len(known) < WARNINGS:
                known.append(warned)

    def of(self, name):
        return self.by_name.get(name, [])


def warned_as(names, message, category, filename, module=None):
    origin = names.origin(str(filename), module)
    return {"category": plain(category.__name__), "message": names.message(printed(message)), "origin": origin}


class Observer:
    """The scenario's `observe`, and what is recorded at its end."""

    def __init__(self, channel, names, describer, warned, source):
        self.channel, self.names, self.describer, self.warned, self.source = channel, names, describer, warned, source
        self.seen, self.deferred = set(), []

    def observe(self, name, value):
        """Records a value, or, of a function, what it returns or raises. Returns the value, None after an error.

        Other objects that can be called (a polynomial, a layer of Keras) are values: called without arguments, all would
        tell the same error.
        """
        if not isinstance(name, str) or not name or len(name) > KIB or name == SCRIPT:
            raise ValueError("observe() needs a name of 1 to %d characters other than %s, not %r" % (KIB, SCRIPT, name))
        if _getpid() != self.channel.owner:
            raise RuntimeError("observe() was called in another process than the scenario's")
        if name in self.seen:
            raise ValueError("observe() was called twice with the name %r" % name)
        self.seen.add(name)
        line = self.line()
        error = None
        if is_function(value):
            self.warned.observing.append(name)
            try:
                value = value()
            except Exception as raised:
                value, error = None, raised
            finally:
                self.warned.observing.pop()
        if error is not None:
            self.send(name, {"error": self.names.raised(error, self.source)}, line)
        else:
            self.record(name, value, line)
        return value

    def line(self):
        frame = sys._getframe(2)
        while frame is not None and frame.f_code.co_filename != self.names.script:
            frame = frame.f_back
        return frame.f_lineno if frame is not None else None

    def record(self, name, value, line):
        described = self.describer.describe(value)
        if self.describer.symbolic:
            self.deferred.append((name, value, line))
        self.send(name, {"value": described}, line)

    def send(self, name, fact, line, event="obs"):
        observation = {"name": plain(name), "fact": fact, "warnings": self.warned.of(name), "line": line}
        self.channel.send({"e": event, "o": observation})

    def bound(self, namespace, bindings):
        """Records every public name that the script bound."""
        for name in list(namespace):
            if not isinstance(name, str) or name.startswith("_") or name in self.seen:
                continue
            line, how = bindings.last.get(name, (None, "value"))
            if how == "value" and not left_out(namespace[name]):
                self.record(name, namespace[name], line)

    def evaluate(self):
        """Evaluates tensors of graphs. It may fail or kill: what was sent before stands then."""
        for name, value, line in self.deferred:
            try:
                fact = {"value": self.describer.describe(value, evaluate=True)}
            except Unevaluated as failed:
                if name not in self.seen:
                    continue  # The script bound a tensor and came to its end: only who asks for a value is told of the error.
                fact = {"error": self.names.raised(failed.error, self.source)}
                fact["error"]["line"] = line
            self.send(name, fact, line, "again")


FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType)
WRAPPERS = (types.MethodWrapperType, functools.partial, type(functools.lru_cache()(len)))


def is_a(value, classes):
    """`isinstance`, also of a proxy whose class is that of something which cannot be had."""
    try:
        return isinstance(value, classes)
    except BaseException:
        return issubclass(type(value), classes)


def is_function(value):
    """Whether something is a function: Python's, a method, one that is wrapped or compiled."""
    cls = type(value)
    return is_a(value, FUNCTIONS + WRAPPERS) or cls.__name__ == "cython_function_or_method" or is_graph(cls)


def is_graph(cls):
    """Whether it is the class of what `tf.function` makes."""
    return cls.__name__ in ("Function", "PolymorphicFunction", "ConcreteFunction") and top_package(cls) == "tensorflow"


def left_out(value):
    """Modules, functions, classes and typing's objects aren't observations."""
    cls = type(value)
    if is_a(value, FUNCTIONS + (staticmethod, classmethod)) or issubclass(cls, (types.ModuleType, type)):
        return True
    if cls.__module__ in ("typing", "_typing", "__future__") or cls.__name__ in ("GenericAlias", "ufunc", "UnionType"):
        return True
    return is_graph(cls)


class Seeds:
    """Seeds the random generators of whatever is imported, now or later."""

    def __init__(self, seed):
        self.seed = seed

    def numpy(self, module):
        module.random.seed(self.seed)

    def tensorflow(self, module):
        if str(module.__version__).startswith(("0.", "1.")):
            module.compat.v1.set_random_seed(self.seed)
        else:
            module.random.set_seed(self.seed)

    def apply(self, name, module):
        try:
            getattr(self, name)(module)
        except Exception:
            pass  # A package that is broken will tell the scenario itself.

    def install(self):
        if "random" in sys.modules:
            sys.modules["random"].seed(self.seed)
        else:
            import random

            random.seed(self.seed)
        later = [name for name in ("numpy", "tensorflow") if name not in sys.modules]
        for name in ("numpy", "tensorflow"):
            if name in sys.modules:
                self.apply(name, sys.modules[name])
        if later:
            sys.meta_path.insert(0, ImportHook(dict.fromkeys(later, self.after)))

    def after(self, execute, module):
        """A package is seeded as soon as a process has imported it."""
        execute(module)
        self.apply(module.__name__, module)


class ImportHook:
    """Finds nothing itself: takes part when one of some modules is executed for the first time."""

    def __init__(self, hooks):
        self.hooks = hooks  # {name: function(execute, module)}

    def find_spec(self, name, path=None, target=None):
        hook = self.hooks.pop(name, None)  # Not there while the others search: they may come back here.
        if hook is None:
            return None
        try:
            for finder in sys.meta_path:
                find = getattr(finder, "find_spec", None)
                spec = find(name, path, target) if finder is not self and find else None
                if spec is not None:
                    self.wrap(name, spec.loader, hook)
                    return spec
            return None
        finally:
            self.hooks[name] = hook

    def wrap(self, name, loader, hook):
        original = getattr(loader, "exec_module", None)

        def exec_module(module):
            self.hooks.pop(name, None)
            hook(original, module)

        try:
            loader.exec_module = exec_module
        except AttributeError:
            pass


def raising(error):
    """A hook for an import that has failed in this process before: the first attempt meets that failure, as the first
    attempt at one that has succeeded gets the module. What a second attempt does is up to the package."""

    def hook(_execute, _module):
        raise error

    return hook


def run_child(request, fds, progress, failed):
    """Runs the scenario of a request. `failed` holds the errors of imports, by module. Never returns."""
    status = 1
    try:
        os.setsid()
        die_with_parent()
        close_to_others(False)  # What is closed belongs to root: this process's own files in /proc too.
        try:
            with open("/proc/self/oom_score_adj", "w") as file:
                file.write("1000")
        except OSError:
            pass
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if request["pids"]:
            limit_processes(request["pids"])
        channel, (out, err) = high_descriptor(fds[0]), fds[1:]
        os.dup2(out, 1)
        os.dup2(err, 2)
        for fd in fds:
            os.close(fd)
        child = Child(request, Channel(channel, request["token"], progress), progress, failed)
        status = child.run()
    except BaseException as error:
        try:
            os.write(2, ("skew: the agent failed in a scenario's process: %r\n" % (error,)).encode("utf-8", "replace"))
        except OSError:
            pass
    finally:
        _exit(status)


def limit_processes(pids):
    """A backstop against fork bombs between two samples. The kernel counts all processes and threads of the user, so the
    limit proper is the supervisor's."""
    uid, threads = os.getuid(), 0
    for entry in os.listdir("/proc"):
        try:
            if entry.isdigit() and os.stat("/proc/" + entry).st_uid == uid:
                threads += len(os.listdir("/proc/%s/task" % entry))
        except OSError:
            pass
    hard = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    wanted = threads + max(4 * pids, 4096)
    if hard == resource.RLIM_INFINITY or wanted < hard:
        resource.setrlimit(resource.RLIMIT_NPROC, (wanted, hard))


class Child:
    def __init__(self, request, channel, progress, failed):
        self.request, self.channel, self.progress, self.failed = request, channel, progress, failed
        self.path, self.source = request["path"], request["source"]
        self.names = Names(self.path, request["name"], request["folder"], request["work"])
        self.bindings = Bindings(self.source)
        self.code = self.compile_error = None

    def prepare(self):
        request = self.request
        if faulthandler is not None:
            self.trace = open(request["trace"], "wb")  # Stays open: crashes write to it.
            fd = high_descriptor(self.trace.fileno())
            self.trace.close()
            faulthandler.enable(file=fd)
            faulthandler.register(TRACE_SIGNAL, file=fd, all_threads=True)
        os.chdir(request["cwd"])
        for variable, place in (("HOME", request["home"]), ("TMPDIR", request["tmp"])):
            if variable not in request["env"]:
                os.environ[variable] = place
        os.environ.pop("PWD", None)
        tempfile.tempdir = None
        sys.path.insert(0, request["cwd"])
        sys.argv = [self.path]
        sys.dont_write_bytecode = True
        sys.path_importer_cache.pop(request["cwd"], None)
        seed = request["seed"]
        Seeds(int.from_bytes(os.urandom(4), "little") if seed is None else seed).install()
        if self.failed:
            sys.meta_path.insert(0, ImportHook({name: raising(error) for name, error in self.failed.items()}))

    def run(self):
        self.prepare()
        main = types.ModuleType("__main__")
        main.__file__ = self.path
        main.__builtins__ = builtins
        sys.modules["_skew_agent"] = sys.modules["__main__"]  # Keeps this module alive.
        sys.modules["__main__"] = main
        code = failure = None
        try:
            with warnings.catch_warnings(record=True) as compiling:
                warnings.simplefilter("always")
                code = compile(self.source, self.path, "exec", dont_inherit=True)
        except Exception as error:
            failure = error
        warned = Warned(self.names, self.bindings, code, set(self.request["imports"]))
        describer = Describer(self.names, Budget(self.request["value_bytes"]))
        observer = Observer(self.channel, self.names, describer, warned, self.source)
        skew = types.ModuleType("skew", "Injected by the agent of skew.")
        skew.observe = observer.observe
        sys.modules["skew"] = skew
        warnings.showwarning = warned.show
        for note in compiling:
            entry = warned_as(self.names, note.message, note.category, note.filename)
            names = [name for name in self.bindings.at(note.lineno) if not name.startswith("_")]
            for name in names or [SCRIPT]:
                warned.by_name.setdefault(name, []).append(entry)
        saved, depth = dict(vars(builtins)), sys.getrecursionlimit()
        self.progress[0] = STARTED
        if failure is None:
            try:
                exec(code, main.__dict__)
            except BaseException as error:
                failure = error
        # First of all, and not in a function: a trace function would be called there, and may raise.
        sys.settrace(None)
        try:
            sys.setprofile(None)
        except Exception:
            pass
        if _getpid() != self.channel.owner:
            _exit(0)  # A process that the scenario forked, and let run into the end.
        if self.progress[0] != LOST:
            self.progress[0] = ENDING
        builtins.__dict__.update(saved)
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.setrecursionlimit(max(depth, 1000))
        try:
            self.finish(main, observer, failure)
        except ChannelLost:
            return 1
        except Exception:
            self.progress[0] = FAILED
            raise
        finally:
            for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
                try:
                    stream.flush()
                except Exception:
                    pass
        return 0

    def finish(self, main, observer, failure):
        status, code = "ran", None
        fact = {"value": {"kind": "none", "type": "NoneType", "preview": None}}
        if failure is not None:
            fact = {"error": self.names.raised(failure, self.source)}
            status = "exited" if isinstance(failure, SystemExit) else "raised"
            if status == "exited":
                code = 0 if failure.code is None else failure.code if isinstance(failure.code, int) else 1
                code = int(code) & 0xFF
            self.print_error(failure)
        self.channel.send({"e": "script", "status": status, "code": code})
        observer.bound(main.__dict__, self.bindings)
        observer.send(SCRIPT, fact, None)
        self.channel.send({"e": "valued"})
        if self.progress[0] == ENDING:
            self.progress[0] = VALUED
        observer.evaluate()
        self.channel.send({"e": "end"})
        if self.progress[0] == VALUED:
            self.progress[0] = SENT

    @staticmethod
    def print_error(failure):
        """What the interpreter would print."""
        try:
            if isinstance(failure, SystemExit):
                text = "" if failure.code is None or isinstance(failure.code, int) else "%s\n" % (failure.code,)
            else:
                import traceback

                trace = failure.__traceback__
                trace = trace.tb_next if trace is not None else None  # Without the agent's own frame.
                text = "".join(traceback.format_exception(type(failure), failure, trace))
            sys.stderr.write(text)
        except Exception:
            pass


# ---------------------------------------------------------------------------------------------------------------------
# Zygote: imports, then forks
# ---------------------------------------------------------------------------------------------------------------------


def send_message(sock, message, fds=()):
    body = json.dumps(message).encode("ascii")
    header = struct.pack("!I", len(body))
    ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("%di" % len(fds), *fds))] if fds else []
    sock.sendmsg([header], ancillary)
    sock.sendall(body)


def receive_message(sock):
    """(message, descriptors), or (None, []) at the end."""
    header, ancillary, _, _ = sock.recvmsg(4, socket.CMSG_SPACE(8 * 4))
    fds = []
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            count = len(data) // 4
            fds.extend(struct.unpack("%di" % count, data[: 4 * count]))
    while header and len(header) < 4:
        more = sock.recv(4 - len(header))
        if not more:
            return None, fds
        header += more
    if not header:
        return None, fds
    size, body = struct.unpack("!I", header)[0], bytearray()
    while len(body) < size:
        more = sock.recv(min(MIB, size - len(body)))
        if not more:
            return None, fds
        body += more
    return json.loads(body.decode("ascii")), fds


# Allocations that no import comes near; a collection waits for so many.
NO_COLLECTION = 1 << 30


class Zygote:
    def __init__(self, fd):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fd)
        # SKEW_WORK stays: engines find by it what outlived even the agent.
        self.names = Names(work=os.environ.get("SKEW_WORK"))
        os.environ.pop("SKEW_ROOT", None)
        self.warned, self.failed = [], {}

    def show(self, message, category, filename, lineno, file=None, line=None):
        if issubclass(category, ResourceWarning):
            return
        warned = warned_as(self.names, message, category, filename)
        if warned not in self.warned and len(self.warned) < WARNINGS:
            self.warned.append(warned)

    def serve(self):
        die_with_parent()
        close_to_others(True)
        if faulthandler is not None:
            faulthandler.enable(file=high_descriptor(2))
        own = os.path.dirname(os.path.abspath(sys.argv[0]))
        sys.path[:] = [entry for entry in sys.path if entry != own or entry in os.environ.get("PYTHONPATH", "").split(os.pathsep)]
        sys.dont_write_bytecode = True
        # In front before anything is imported: filters that packages set come before it, in a fork as in a fresh process.
        warnings.simplefilter("always")
        warnings.showwarning = self.show
        send_message(self.sock, {"up": True})
        while True:
            message, fds = receive_message(self.sock)
            if message is None:
                return
            if message["op"] == "import":
                send_message(self.sock, self.import_module(message["module"]))
            else:
                self.fork(message, fds)

    def import_module(self, name):
        self.warned, error, version = [], None, None
        # One that failed before is not tried again by those that need it: its second attempt may fail in another way.
        held = ImportHook({failed: raising(error) for failed, error in self.failed.items()})
        if self.failed:
            sys.meta_path.insert(0, held)
        # An import makes hundreds of thousands of objects that stay, and the collector would look at all of them over and
        # over; afterwards they are set aside, so that no child does either. By its threshold rather than by `gc.disable`, so
        # that a package that switches the collector off, or sets a threshold, has its way.
        threshold = gc.get_threshold()
        gc.set_threshold(NO_COLLECTION)
        begun = time.monotonic()
        try:
            __import__(name)
            version = getattr(sys.modules[name], "__version__", None)
        except BaseException as raised:
            error, self.failed[name] = self.names.raised(raised), raised
        seconds = time.monotonic() - begun
        if gc.get_threshold()[0] == NO_COLLECTION:
            gc.set_threshold(*threshold)
        gc.freeze()
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not held]
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:
                pass
        return {
            "version": plain(version) if isinstance(version, str) else None,
            "seconds": seconds,
            "warnings": self.warned,
            "error": error,
        }

    def fork(self, request, fds):
        try:
            progress = mmap.mmap(-1, mmap.PAGESIZE)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Python 3.12 warns of threads that imports have started.
                pid = os.fork()
        except OSError as error:  # No memory, or no process more.
            for fd in fds:
                os.close(fd)
            send_message(self.sock, {"refused": str(error)})
            return
        if pid == 0:
            self.sock.close()
            run_child(request, fds, progress, self.failed)
        for fd in fds:
            os.close(fd)
        send_message(self.sock, {"pid": pid})
        _, status, usage = os.wait4(pid, 0)
        send_message(self.sock, {"exit": status, "max_rss": usage.ru_maxrss * KIB, "progress": progress[0]})
        progress.close()


# ---------------------------------------------------------------------------------------------------------------------
# Supervisor: what a child says is checked here
# ---------------------------------------------------------------------------------------------------------------------


class Violation(Exception):
    """A line of a child is not the protocol."""


def check(condition, what):
    if not condition:
        raise Violation(what)


def is_text(value):
    if not isinstance(value, str):
        return False
    try:
        value.encode("utf-8")
        return True
    except UnicodeEncodeError:
        return False


def is_count(value, limit=1 << 63):
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < limit


def is_text_or_none(value):
    return value is None or is_text(value)


def is_texts(value):
    return isinstance(value, list) and all(is_text(part) for part in value)


def check_json(value, depth=0):
    """Any JSON that every reader accepts."""
    check(depth <= JSON_DEPTH + 6, "a value that nests too deeply")
    if isinstance(value, dict):
        for key, part in value.items():
            check(is_text(key), "a key that is not UTF-8")
            check_json(part, depth + 1)
    elif isinstance(value, list):
        for part in value:
            check_json(part, depth + 1)
    elif isinstance(value, str):
        check(is_text(value), "a text that is not UTF-8")
    elif isinstance(value, float):
        check(math.isfinite(value), "a number that is not finite")


KINDS = {"none", "scalar", "text", "bytes", "array", "dtype", "shape", "sequence", "mapping", "other"}
VALUE_KEYS = {"kind", "type", "dtype", "shape", "preview", "data", "digest", "truncated", "items", "entries"}
RAISED_KEYS = {"type", "bases", "message", "line", "source", "traceback", "cause"}


def check_value(value, depth=0):
    check(isinstance(value, dict) and set(value) <= VALUE_KEYS, "a value with unknown fields")
    check(depth <= JSON_DEPTH + 6, "a value that nests too deeply")
    check(value.get("kind") in KINDS and is_text(value.get("type")), "a value without kind and type")
    for key in ("dtype", "data", "digest"):
        check(key not in value or is_text(value[key]), "a value whose %s is not a text" % key)
    check_json(value.get("preview"), depth)
    if value["kind"] == "array":
        check("dtype" in value and "shape" in value and "digest" in value, "an array without dtype, shape or digest")
    if "shape" in value:
        check(isinstance(value["shape"], list) and all(is_count(size) for size in value["shape"]), "a shape that is none")
        check(len(value["shape"]) <= DIMENSIONS, "a shape of %d dimensions" % len(value["shape"]))
    if "truncated" in value:
        check(isinstance(value["truncated"], dict), "truncated that is no object")
        known = value["truncated"]
        check(set(known) == {"bytes", "kept", "min", "max", "mean", "nan"}, "truncated with other fields")
        check(all(is_count(known[key]) for key in ("bytes", "kept", "nan")), "truncated without counts")
        for key in ("min", "max", "mean"):
            check(known[key] is None or isinstance(known[key], float) and math.isfinite(known[key]), "truncated with bad statistics")
    if "data" in value:
        check(value["kind"] == "array", "content of what is no array")
        check_content(value)
    for part in check_list(value, "items"):
        check_value(part, depth + 2)
    for entry in check_list(value, "entries"):
        check(isinstance(entry, list) and len(entry) == 2 and is_text(entry[0]), "an entry that is no pair")
        check_value(entry[1], depth + 3)


def check_content(value):
    """The bytes of an array are as many as its dtype and shape, or what is kept of it, say."""
    elements = 1
    for size in value["shape"]:
        elements *= size
    kept = value["truncated"]["kept"] if "truncated" in value else elements
    check(kept <= elements, "more elements than the shape has")
    try:
        size = len(base64.b64decode(value["data"], validate=True))
    except ValueError:
        raise Violation("content that is not base64")
    numbers = re.fullmatch(r"(?:u?int|b?float|complex|datetime|timedelta)(\d{1,4})(?:_\w+|\[.*\])?", value["dtype"])
    if numbers or value["dtype"] == "bool":
        fits = size == kept * max(1, int(numbers.group(1)) // 8 if numbers else 1)
    else:  # Texts, records and what NumPy has not invented yet: all elements have one size.
        fits = size % kept == 0 if kept else size == 0
    check(fits, "content of %d bytes for %d elements of %s" % (size, kept, cut(value["dtype"], 80)))


def check_list(value, key):
    check(key not in value or isinstance(value[key], list), "%s that are no list" % key)
    return value.get(key, [])


def check_raised(raised):
    check(isinstance(raised, dict) and set(raised) == RAISED_KEYS, "an error with other fields")
    check(is_text(raised["type"]) and is_text(raised["message"]), "an error without type and message")
    check(is_texts(raised["bases"]) and is_texts(raised["traceback"]), "an error without bases and traceback")
    check(raised["line"] is None or is_count(raised["line"], 1 << 32), "an error whose line is no number")
    check(is_text_or_none(raised["source"]) and is_text_or_none(raised["cause"]), "an error with a bad source or cause")


def check_observation(observation):
    check(isinstance(observation, dict), "an observation that is no object")
    check(set(observation) == {"name", "fact", "warnings", "line"}, "an observation with other fields")
    check(is_text(observation["name"]) and observation["name"], "an observation without a name")
    check(observation["line"] is None or is_count(observation["line"], 1 << 32), "a line that is no number")
    check(isinstance(observation["warnings"], list), "warnings that are no list")
    for warned in observation["warnings"]:
        check(isinstance(warned, dict) and set(warned) == {"category", "message", "origin"}, "a warning with other fields")
        check(all(is_text(text) for text in warned.values()), "a warning that is no text")
    fact = observation["fact"]
    check(isinstance(fact, dict) and set(fact) in ({"value"}, {"error"}), "a fact that is neither value nor error")
    if "value" in fact:
        check_value(fact["value"])
    else:
        check_raised(fact["error"])


def refuse_constant(_):
    raise ValueError("not finite")


def short_int(text):
    """Reading thousands of digits takes some interpreters hours; the agent writes such numbers as texts."""
    check(len(text) <= 20, "a number of %d digits" % len(text))
    return int(text)


_decode = json.JSONDecoder(parse_constant=refuse_constant, parse_int=short_int).decode


class Record:
    """What one execution said: checked, spooled, bounded."""

    def __init__(self, token, limits, folder, repeated):
        self.token, self.limits, self.repeated = token, limits, repeated
        self.spool = tempfile.SpooledTemporaryFile(SPOOL_MEMORY, dir=folder)
        self.places = {}  # Name → (offset, length, digest of the fact, whether it is an error), in the order of observing.
        self.size, self.pending = 0, bytearray()
        self.script = None  # The child's word on how the script ended.
        self.valued = self.ended = False
        # Whole arrays and heads in base64, twice because graph tensors may come again, and room for texts.
        self.size_max = 6 * limits["value_bytes"] + 256 * MIB

    def feed(self, data):
        if b"\n" not in data:
            self.pending += data
        else:
            first, *lines = data.split(b"\n")
            self.line(bytes(self.pending) + first)
            for line in lines[:-1]:
                self.line(line)
            self.pending = bytearray(lines[-1])
        check(len(self.pending) <= LINE_MAX, "a line of more than %d MiB" % (LINE_MAX // MIB))

    def line(self, line):
        check(not self.ended, "something after the end")
        check(len(line) <= LINE_MAX, "a line of more than %d MiB" % (LINE_MAX // MIB))
        check(sum(map(line.count, (b"[", b"{", b","))) <= PIECES_MAX, "a line of more than %d pieces" % PIECES_MAX)
        try:
            record = _decode(line.decode("utf-8"))
        except (ValueError, RecursionError):
            raise Violation("a line that is not JSON: %r" % line[:80])
        check(isinstance(record, dict) and record.get("t") == self.token, "a line that the agent did not write")
        event = record.get("e")
        if event in ("obs", "again"):
            try:
                self.observation(record.get("o"), event == "again")
            except RecursionError:
                raise Violation("a value that nests too deeply")
        elif event == "script":
            check(self.script is None, "two ends of the script")
            check(record.get("status") in ("ran", "raised", "exited"), "an unknown status")
            check(record.get("code") is None or is_count(record["code"], 256), "an exit code that is none")
            self.script = record
        elif event == "valued":
            check(self.script is not None and SCRIPT in self.places and not self.valued, "the end of values out of place")
            self.valued = True
        elif event == "end":
            check(self.valued, "the end before the values")
            self.ended = True
        else:
            raise Violation("an unknown event")

    def observation(self, observation, again):
        check_observation(observation)
        name = observation["name"]
        if again:
            check(self.valued and name in self.places, "a second look at nothing")
        else:
            check(name not in self.places, "two observations named %s" % cut(name, 80))
            check(not self.valued, "an observation after the values")
            count = len(self.places) + (name != SCRIPT)
            check(count <= self.limits["max_observations"], "more than %d observations" % self.limits["max_observations"])
        if not observation["warnings"]:
            del observation["warnings"]
        data = _encode(observation).encode("ascii")
        self.size += len(data)
        check(self.size <= self.size_max, "observations of more than %d MiB" % (self.size_max // MIB))
        self.spool.seek(0, 2)
        offset = self.spool.tell()
        self.spool.write(data)
        fact = observation["fact"]
        self.places[name] = (offset, len(data), digest_of(fact) if self.repeated else None, "error" in fact)

    def observations(self):
        """Of each its name, digest (None where nothing is repeated), whether it is an error, and its JSON."""
        for name, (offset, length, digest, failed) in self.places.items():
            self.spool.seek(offset)
            yield name, digest, failed, self.spool.read(length)

    def close(self):
        try:
            self.spool.close()
        except OSError:
            pass  # What could not be written any more was not believed either.


def digest_of(fact):
    """By what two repeats are compared: an error without its traceback, which may run through caches."""
    if "error" in fact:
        fact = {key: fact["error"][key] for key in ("type", "message", "line")}
    return blake(canonical(fact).encode("ascii")).digest()


class Capture:
    """The end of what is written to a pipe, and, with `head`, its beginning."""

    def __init__(self, fd, keep, head=0):
        self.fd, self.keep, self.head_size = fd, keep, head
        self.head, self.tail = bytearray(), bytearray()
        os.set_blocking(fd, False)

    def read(self):
        """Takes what is there; False at the end."""
        for _ in range(16):
            try:
                data = os.read(self.fd, 64 * KIB)
            except BlockingIOError:
                return True
            except OSError:
                return False
            if not data:
                return False
            if len(self.head) < self.head_size:
                self.head += data[: self.head_size - len(self.head)]
            self.tail += data
            if len(self.tail) > 2 * self.keep + 64 * KIB:
                del self.tail[: len(self.tail) - self.keep]
        return True

    def text(self):
        return bytes(self.tail[-self.keep :] if self.keep else b"").decode("utf-8", "replace")

    def everything(self):
        return bytes(self.head).decode("utf-8", "replace") + "\n" + bytes(self.tail).decode("utf-8", "replace")


class Host:
    """What every phase needs: the way out for events, stdin to watch, a scratch folder."""

    def __init__(self):
        self.out = high_descriptor(1)
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(2 if descriptor_open(2) else null, 1)
        os.close(null)
        self.watch_stdin = self.stdin_attached()
        self.early = b""
        given = os.environ.get("SKEW_WORK")
        self.made = None if given else tempfile.mkdtemp(prefix="skew-")
        self.work = os.path.abspath(given or self.made)
        os.makedirs(self.work, exist_ok=True)

    @staticmethod
    def stdin_attached():
        """Only of a pipe, socket or terminal does the end mean that the parent is gone."""
        mode = os.fstat(0).st_mode
        return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(0)

    def job(self):
        data = bytearray()
        while b"\n" not in data:
            more = os.read(0, MIB)
            if not more:
                break
            data += more
        line = bytes(data).split(b"\n", 1)[0]
        return json.loads(line.decode("utf-8")) if line.strip() else None

    def emit(self, event, **fields):
        self.write(json.dumps(dict(fields, event=event), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))

    def observed(self, scenario, repeat, observation):
        """Tells an observation that is JSON already."""
        self.write(b'{"event":"observed","scenario":%d,"repeat":%d,"observation":%b}' % (scenario, repeat, observation))

    def write(self, line):
        data = memoryview(line + b"\n")
        try:
            while data:
                data = data[os.write(self.out, data) :]
        except BrokenPipeError:
            raise Stop()

    def wait(self, fds, timeout):
        """Descriptors that can be read, after at most `timeout` seconds."""
        poll = select.poll()
        for fd in fds:
            poll.register(fd, select.POLLIN)
        if self.watch_stdin:
            poll.register(0, select.POLLIN)
        ready = {fd for fd, _ in poll.poll(max(0, math.ceil(timeout * 1000)))}
        if 0 in ready and self.watch_stdin and 0 not in fds and not os.read(0, 64 * KIB):
            raise Stop()
        return ready

    def close(self):
        if self.made:
            shutil.rmtree(self.made, ignore_errors=True)


def descriptor_open(fd):
    try:
        os.fstat(fd)
        return True
    except OSError:
        return False


def cpu():
    """(name, features that numerical kernels dispatch on)"""
    name, flags = "", set()
    for line in read_text("/proc/cpuinfo").splitlines():
        key, _, value = line.partition(":")
        key = key.strip()
        if key in ("model name", "Model", "Processor") and not name:
            name = value.strip()
        elif key in ("flags", "Features") and not flags:
            flags = set(value.split())
    wanted = re.compile(r"sse3|pni|ssse3|sse4_[12]|avx\w*|fma|f16c|amx\w*|asimd\w*|sve\w*|sme2?|fphp|bf16|i8mm|neon|vfpv\d")
    return name, sorted(flag for flag in flags if wanted.fullmatch(flag))


def libc():
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (ValueError, OSError):
        return "musl" if any(name.startswith("ld-musl") for name in os.listdir("/lib")) else ""


def hello(host):
    name, features = cpu()
    host.emit(
        "hello",
        protocol=PROTOCOL,
        python=".".join(str(part) for part in sys.version_info[:3]),
        implementation=sys.implementation.name,
        machine=os.uname().machine,
        cpu=name,
        cpu_features=features,
        libc=libc(),
    )


# ---------------------------------------------------------------------------------------------------------------------
# Supervisor: executing
# ---------------------------------------------------------------------------------------------------------------------


class Gone(Exception):
    """A zygote ended."""


class Unstarted(Exception):
    """No zygote comes up: nothing can be said of any package."""


class Nursery:
    """A zygote process as the supervisor sees it."""

    def __init__(self, host, zygotes, extra=None):
        self.host, self.zygotes = host, zygotes
        self.sock, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        out, out_w = os.pipe()
        err, err_w = os.pipe()
        env = dict(os.environ, PYTHONHASHSEED="0", TZ="UTC", LC_ALL="C.UTF-8", PYTHONDONTWRITEBYTECODE="1", SKEW_WORK=host.work)
        # Packages read settings below HOME while they are imported: the user's are no part of the cell.
        for variable, name in (("HOME", "home"), ("TMPDIR", "tmp")):
            env[variable] = os.path.join(host.work, name)
            os.makedirs(env[variable], exist_ok=True)
        env.setdefault("OMP_NUM_THREADS", "1")
        env.update(extra or {})
        flags = interpreter_flags()
        try:
            self.process = subprocess.Popen(
                [sys.executable] + flags + [own_program(), "--zygote", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=out_w,
                stderr=err_w,
                env=env,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                cwd=host.work,
            )
        finally:
            theirs.close()
            os.close(out_w)
            os.close(err_w)
        zygotes.add(self.process.pid)
        self.out, self.err = Capture(out, 0), Capture(err, 64 * KIB, HEAD)
        self.open = {out: self.out, err: self.err}
        self.up = self.late = None

    def comes_up(self):
        """Waits until the zygote hears. What keeps it from that is no fault of what it would have been asked for."""
        if self.up is None:
            limit = float(os.environ.get("SKEW_START_TIMEOUT", START_TIMEOUT))
            try:
                self.up = self.message(time.monotonic() + limit) is not None
                if not self.up:
                    self.late = "not up after %g s" % limit
            except Gone:
                self.up = False
                self.err.read()
        return self.up

    def unheard(self, ending=None):
        """What kept it from coming up, and what it said."""
        how, said = self.late or ending, last_words(self.err.text())
        return "%s: %s" % (how, said) if how else said

    def drain(self, ready):
        for fd in ready & set(self.open):
            if not self.open[fd].read():
                del self.open[fd]

    def message(self, deadline):
        """The next message of the zygote; None when the time is over."""
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            ready = self.host.wait([self.sock.fileno()] + list(self.open), left)
            self.drain(ready)
            if self.sock.fileno() in ready:
                return self.receive()

    def receive(self):
        try:
            message, _ = receive_message(self.sock)
        except OSError:
            message = None
        if message is None:
            raise Gone()
        return message

    def close(self):
        """Kills what is left and returns how the zygote ended."""
        kill(self.process.pid, group=True)
        code = self.process.wait()
        self.zygotes.discard(self.process.pid)
        for capture in (self.out, self.err):
            while capture.fd in self.open and capture.read() and self.host_ready(capture.fd):
                pass
            os.close(capture.fd)
        self.open = {}
        self.sock.close()
        return code

    @staticmethod
    def host_ready(fd):
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        return any(event & select.POLLIN for _, event in poll.poll(0))


def own_bytecode():
    """(the file for the bytecode of this source, whether it is there)"""
    cached = bytecode_of(os.path.abspath(SELF))[2]
    return cached, is_whole(cached)


def own_program():
    """What a process like this one is started with: bytecode is found by itself only for what is imported."""
    cached, there = own_bytecode()
    return cached if there else os.path.abspath(SELF)


def is_own(path):
    """Whether a source file is this one, wherever the store was when it was compiled."""
    return path.split(os.sep)[-2:] == os.path.abspath(SELF).split(os.sep)[-2:]


def interpreter_flags():
    try:
        return [flag for flag in subprocess._args_from_interpreter_flags() if not flag.startswith("-W")]
    except AttributeError:
        return ["-I"] if sys.flags.isolated else []


def signal_name(number):
    try:
        return signal.Signals(number).name
    except ValueError:
        return "signal %d" % number


def last_words(text):
    """What a process said before its end."""
    fatal = re.findall(r"Fatal Python error[^\n]*", text)
    return fatal[-1] if fatal else text.strip().rsplit("\n", 1)[-1] or "it says nothing"


def hold_environment():
    """Keeps whoever makes room from removing the environment in which this runs; kept open as long as it runs."""
    file = attempt(open, os.path.join(sys.prefix, COMPLETE), "rb")
    if file is not None:
        attempt(fcntl.flock, file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    return file


class Executor:
    def __init__(self, host, job):
        self.host, self.job = host, job
        self.oom = OomCounter()
        self.names = Names(work=host.work)
        self.nursery = None
        self.fresh_only = False
        self.import_errors = {}
        self.zygotes = set()
        self.held = hold_environment()

    def run(self):
        adopt_orphans()
        try:
            self.import_all()
            for index, scenario in enumerate(self.job["scenarios"]):
                self.scenario(index, scenario)
        finally:
            if self.nursery is not None:
                self.nursery.close()
            self.kill_orphans()

    # Importing

    def import_all(self):
        limit = float(os.environ.get("SKEW_IMPORT_TIMEOUT", IMPORT_TIMEOUT))
        self.nursery = Nursery(self.host, self.zygotes)
        for module in self.job["imports"]:
            if self.nursery is None:
                self.nursery = Nursery(self.host, self.zygotes)
            if not self.import_one(module, limit):
                self.fresh_only = True
        if self.fresh_only and self.nursery is not None:
            self.nursery.close()
            self.nursery = None

    def import_one(self, module, limit, quiet=False):
        """Whether the zygote has outlived the import. One that merely failed stays as it is, and so do its traces: forks
        meet the failure without importing again."""
        nursery, died, told = self.nursery, None, None
        before = self.oom.read()
        if not nursery.comes_up():
            ending = self.ending(nursery.close(), before)
            self.nursery = None
            raise Unstarted(nursery.unheard(ending))
        begun = time.monotonic()
        try:
            send_message(nursery.sock, {"op": "import", "module": module})
            told = nursery.message(begun + limit)
            died = "timeout" if told is None else None
        except (Gone, OSError):
            died = "gone"
        seconds = time.monotonic() - begun
        if died:
            code = nursery.close()
            self.nursery = None
            self.kill_orphans()
            if died == "gone":
                died = self.ending(code, before)
        else:
            nursery.err.read()
        stderr, everything = nursery.err.text(), nursery.err.everything()
        nursery.err.head.clear()
        nursery.err.tail.clear()
        told = told or {"version": None, "seconds": seconds, "warnings": [], "error": None}
        if told["error"] is not None:
            self.attach_cause(told["error"], everything)
            self.import_errors[told["error"]["type"], told["error"]["message"]] = told["error"]["cause"]
        if not quiet:
            fields = dict(told, module=module, died=died, stderr=stderr)
            self.host.emit("imported", **fields)
        return died is None

    def ending(self, code, kills):
        """How a zygote ended; `kills` are those for lack of memory before it began."""
        if code == -signal.SIGKILL and self.oom.read() > kills:
            return "SIGKILL (out of memory)"
        return signal_name(-code) if code < 0 else "exit code %d" % code

    @staticmethod
    def attach_cause(raised, stderr):
        """The telling text on stderr, for an error that arose in an import."""
        if raised["cause"] is None and any(" in <module>" in frame for frame in raised["traceback"]):
            found = telling(stderr)
            if found and found not in " ".join(raised["message"].split()):
                raised["cause"] = found

    # Scenarios

    def scenario(self, index, scenario):
        fork = scenario["fork"]
        if fork is None:
            fork = not sets_environment_first(scenario["source"], self.job["imports"])
        fork = fork and not scenario["env"] and not self.fresh_only
        first = None
        for repeat in range(max(1, scenario["repeats"])):
            begin = functools.partial(self.host.emit, "started", scenario=index, repeat=repeat)
            outcome, forked, fork_only = self.execute(scenario, fork, begin)
            digests, known = {}, False
            for name, digest, failed, data in outcome.observed():
                digests[name] = digest
                if failed:
                    observation = json.loads(data.decode("ascii"))
                    error = observation["fact"]["error"]
                    same = error["type"], error["message"]
                    known = known or name == SCRIPT and same in self.import_errors
                    self.attach_cause(error, outcome.stderr)
                    # A fork does not print again what the import printed.
                    error["cause"] = error["cause"] or self.import_errors.get(same)
                    data = _encode(observation).encode("ascii")
                if first is None or first.get(name) != digest:
                    self.host.observed(index, repeat, data)
            outcome.record.close()
            missing = [] if first is None else [name for name in first if name not in digests]
            ending = dict(outcome.ending, fork_only=fork_only)
            self.host.emit("ended", scenario=index, repeat=repeat, missing=missing, ending=ending)
            first = digests if first is None else first
            fork = forked
            # Waiting as long once more would tell nothing new; nor would an import that has failed in the same way twice,
            # before the scenarios and in this one.
            if ending["status"] == "timeout" or known:
                break

    def execute(self, scenario, fork, begin):
        """(outcome, whether it was a fork's, whether only a fork ended badly). `begin` tells that an execution starts; of
        a fork and the fresh process that confirms its end, both are told, and the last one counts."""
        if fork and self.nursery is None and not self.revive():
            fork = False
        begin(fork=fork)
        if not fork:
            return self.fresh(scenario), False, False
        outcome = self.once(self.nursery, scenario)
        if outcome.ending["status"] not in ("crash", "timeout"):
            return outcome, True, False
        outcome.record.close()
        begin(fork=False)
        confirmed = self.fresh(scenario)
        return confirmed, False, confirmed.ending["status"] not in (outcome.ending["status"], "infra")

    def revive(self):
        """A new zygote in place of one that a scenario has killed."""
        limit = float(os.environ.get("SKEW_IMPORT_TIMEOUT", IMPORT_TIMEOUT))
        self.nursery = Nursery(self.host, self.zygotes)
        try:
            if all(self.nursery is not None and self.import_one(module, limit, quiet=True) for module in self.job["imports"]):
                return True
        except Unstarted:
            pass  # What follows runs in fresh processes, and tells if none of those comes up either.
        self.fresh_only = True
        if self.nursery is not None:
            self.nursery.close()
        self.nursery = None
        return False

    def fresh(self, scenario):
        nursery = Nursery(self.host, self.zygotes, scenario["env"])
        try:
            return self.once(nursery, scenario)
        finally:
            nursery.close()
            self.kill_orphans()

    def once(self, nursery, scenario):
        execution = Execution(self, nursery, scenario)
        try:
            return execution.run()
        except Stop:
            execution.kill()
            raise
        finally:
            execution.clean()
            if nursery is self.nursery and execution.zygote_gone:
                nursery.close()
                self.nursery = None

    def orphans(self):
        """What scenarios have left behind: whatever became this process's child and is no zygote."""
        return [pid for pid in children_of(os.getpid()) if pid not in self.zygotes]

    def kill_orphans(self):
        for _ in range(50):
            orphans = self.orphans()
            if not orphans:
                return
            for pid in descendants(orphans):
                kill(pid)
            for pid in orphans:
                self.reap(pid)

    @staticmethod
    def reap(pid):
        try:
            os.waitpid(pid, 0)
        except OSError:
            pass


class Outcome:
    def __init__(self, record, ending, stderr, keep):
        self.record, self.ending, self.stderr, self.keep = record, ending, stderr, keep

    def observed(self):
        return self.record.observations() if self.keep else ()


class Execution:
    """One execution of one scenario, from the request to the last process's death."""

    def __init__(self, executor, nursery, scenario):
        self.executor, self.host, self.job = executor, executor.host, executor.job
        self.nursery, self.scenario = nursery, scenario
        self.pid, self.exit, self.refused, self.zygote_gone = None, None, None, False
        self.timed_out, self.violation, self.memory, self.processes = False, None, None, None
        self.captures, self.proto = {}, None
        self.token = os.urandom(8).hex()
        self.folder = self.make_folder()
        self.record = Record(self.token, self.job, self.host.work, scenario["repeats"] > 1)

    def make_folder(self):
        # The same name each time, so that values that hold paths repeat.
        folder = os.path.join(self.host.work, "run")
        remove(folder)
        number = 0
        while os.path.lexists(folder):
            number += 1
            folder = os.path.join(self.host.work, "run%d" % number)
        for name in ("cwd", "home", "tmp"):
            os.makedirs(os.path.join(folder, name))
        return folder

    def request(self):
        base = re.sub(r"[^\w.-]", "_", self.scenario["name"].rsplit("/", 1)[-1]) or "scenario"
        path = os.path.join(self.folder, base + ".py")
        with open(path, "wb") as file:
            file.write(self.scenario["source"].encode("utf-8", "replace"))
        self.trace = os.path.join(self.folder, "trace")
        return {
            "op": "run",
            "token": self.token,
            "name": self.scenario["name"],
            "source": self.scenario["source"],
            "path": path,
            "folder": self.folder,
            "work": self.host.work,
            "cwd": os.path.join(self.folder, "cwd"),
            "home": os.path.join(self.folder, "home"),
            "tmp": os.path.join(self.folder, "tmp"),
            "trace": self.trace,
            "seed": self.job["seed"],
            "imports": self.job["imports"],
            "env": self.scenario["env"],
            "value_bytes": self.job["value_bytes"],
            "pids": self.job["pids"],
        }

    def run(self):
        up = self.nursery.comes_up()
        pipes = [os.pipe() for _ in range(3)]
        before, begun = self.executor.oom.read(), time.monotonic()
        try:
            if up:
                send_message(self.nursery.sock, self.request(), [write for _, write in pipes])
        except OSError:
            up = False
        finally:
            for _, write in pipes:
                os.close(write)
        self.zygote_gone = not up
        self.proto = pipes[0][0]
        os.set_blocking(self.proto, False)
        keep = self.job["output_bytes"]
        self.stdout, self.stderr = Capture(pipes[1][0], keep), Capture(pipes[2][0], keep, HEAD)
        self.captures = {self.stdout.fd: self.stdout, self.stderr.fd: self.stderr}
        self.supervise(begun + self.scenario["timeout"])
        self.kill()
        self.drain(time.monotonic() + 1.0)
        seconds = time.monotonic() - begun
        oom = self.executor.oom.read() > before
        ending, keep = self.conclude(seconds, oom)
        for fd in [self.proto] + [capture.fd for capture in (self.stdout, self.stderr)]:
            os.close(fd)
        return Outcome(self.record, ending, self.stderr.everything(), keep)

    def supervise(self, deadline):
        sampled, evaluating = time.monotonic() + SAMPLE, False
        sampling = self.job["memory_bytes"] is not None or self.job["pids"] is not None
        control = self.nursery.sock.fileno()
        open_fds = {self.proto} | set(self.captures)
        while self.exit is None and not self.refused and not self.zygote_gone:
            now = time.monotonic()
            if self.record.valued and not evaluating:
                evaluating, deadline = True, min(deadline, now + EVALUATION)
            if now >= deadline:
                self.timed_out = True
                return self.ask_for_trace()
            until = min(deadline, sampled) if sampling else deadline
            ready = self.host.wait([control] + list(open_fds) + list(self.nursery.open), until - now)
            self.nursery.drain(ready)
            for fd in ready & open_fds:
                if not self.read(fd):
                    open_fds.discard(fd)
            if self.violation:
                return None
            if control in ready:
                try:
                    self.told(self.nursery.receive())
                except Gone:
                    self.zygote_gone = True
            if sampling and time.monotonic() >= sampled and self.pid is not None and self.exit is None:
                sampled = time.monotonic() + SAMPLE
                if self.sample():
                    return None
        return None

    def told(self, message):
        if "pid" in message:
            self.pid = message["pid"]
        elif "refused" in message:
            self.refused = message["refused"]
        else:
            self.exit = message

    def read(self, fd):
        """Takes what a pipe holds; False at its end."""
        if fd != self.proto:
            return self.captures[fd].read()
        try:
            data = os.read(fd, MIB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if not data:
            return False
        if not self.violation:
            try:
                self.record.feed(data)
            except Violation as violation:
                self.violation = str(violation)
            except OSError as error:  # The scenario shares the scratch folder's space, and may have used it up.
                self.violation = "more than the scratch folder could hold: %s" % error
        return True

    def sample(self):
        """Looks at memory and processes; True when a limit is passed."""
        pids = descendants([self.pid] + self.executor.orphans())
        if self.job["pids"] is not None and len(pids) > self.job["pids"]:
            self.processes = len(pids)
            return True
        limit = self.job["memory_bytes"]
        if limit is not None and memory_of(pids, limit) > limit:
            self.memory = limit
            return True
        return False

    def ask_for_trace(self):
        """Lets the hanging child write its tracebacks before it is killed."""
        if self.pid is None:
            return
        try:
            os.kill(self.pid, TRACE_SIGNAL)
        except OSError:
            return
        size, until = -1, time.monotonic() + 0.5
        while time.monotonic() < until:
            self.drain(time.monotonic() + 0.05)
            now = os.stat(self.trace).st_size if os.path.exists(self.trace) else 0
            if now and now == size:
                return
            size = now

    def kill(self):
        """Kills the child, its group, and whatever it has left behind."""
        if self.pid is not None:
            if self.exit is None:
                tree = descendants([self.pid])
                kill(self.pid, group=True)
                for pid in tree:
                    kill(pid)
            else:
                try:
                    os.killpg(self.pid, signal.SIGKILL)
                except OSError:
                    pass
        if not self.zygote_gone and self.exit is None:
            until = time.monotonic() + 10
            try:
                while self.exit is None and not self.refused:
                    message = self.nursery.message(until)
                    if message is None:
                        self.zygote_gone = True
                        break
                    self.told(message)
                    if "pid" in message:
                        kill(self.pid, group=True)
            except Gone:
                self.zygote_gone = True
        self.executor.kill_orphans()

    def drain(self, deadline):
        """Reads what is left in the pipes."""
        open_fds = {self.proto} | set(self.captures)
        while open_fds:
            left = deadline - time.monotonic()
            ready = self.host.wait(list(open_fds), left) if left > 0 else ()
            if not ready:
                return
            for fd in set(ready) & open_fds:
                if not self.read(fd):
                    open_fds.discard(fd)

    # How it ended

    def conclude(self, seconds, oom):
        """(ending, whether the observations count)"""
        record, exit_status = self.record, self.exit["exit"] if self.exit else None
        progress = self.exit["progress"] if self.exit else None
        killed_by = os.WTERMSIG(exit_status) if exit_status is not None and os.WIFSIGNALED(exit_status) else None
        ending = {
            "status": None,
            "seconds": seconds,
            "max_rss": self.exit["max_rss"] if self.exit else None,
            "signal": None,
            "exit_code": None,
            "cause": None,
            "trace": [],
            "stdout": self.stdout.text(),
            "stderr": self.stderr.text(),
        }
        if not self.nursery.up:
            said = self.nursery.unheard()
            return self.end(ending, "infra", "the agent could not start an interpreter for the scenario: " + said, False)
        if self.refused:
            return self.end(ending, "infra", "the system gives the scenario no process: " + self.refused, False)
        if self.violation:
            return self.end(ending, "protocol", "the scenario's protocol pipe carried " + self.violation, False)
        if self.zygote_gone and not record.ended:
            return self.end(ending, "protocol", "the scenario ended the agent's process that had forked it", False)
        if record.valued and not record.ended and (self.timed_out or self.memory or self.processes or killed_by):
            # The script was done; only evaluating its graph tensors was not.
            how = "took more than %g s" % EVALUATION if self.timed_out else signal_name(killed_by or signal.SIGKILL)
            return self.done(ending, "evaluating tensors of its graph ended it: " + how)
        if self.memory:
            return self.end(ending, "oom", "more than %d MiB" % (self.memory // MIB), True)
        if self.processes:
            ending["signal"] = "SIGKILL"
            return self.end(ending, "crash", "more than %d processes" % self.job["pids"], True)
        if oom and not (record.ended and record.script["status"] == "ran"):
            # Whatever came of it, a hang or an error of its own, began with the kernel's killing one of its processes.
            return self.end(ending, "oom", "killed by the kernel at the memory limit", True)
        if self.timed_out and not record.ended:
            ending["trace"] = self.trace_frames()
            return self.end(ending, "timeout", "longer than %g s%s" % (self.scenario["timeout"], self.where(ending)), True)
        if killed_by is not None and not record.ended:
            ending["signal"] = signal_name(killed_by)
            ending["trace"] = self.trace_frames()
            return self.end(ending, "crash", self.crash_cause(ending), True)
        if record.ended:
            if record.pending:
                return self.end(ending, "protocol", "the scenario's protocol pipe carried something after the end", False)
            return self.done(ending, None)
        if record.pending:
            return self.end(ending, "protocol", "the scenario's protocol pipe carried half a line", False)
        if progress == FAILED:
            told = last_words(self.stderr.text())
            return self.end(ending, "protocol", "the scenario left no working interpreter to record its values with: " + told, False)
        if progress in (ENDING, VALUED, SENT, LOST):
            return self.end(ending, "protocol", "the scenario closed or replaced the agent's protocol pipe", False)
        code = os.WEXITSTATUS(exit_status) if exit_status is not None else None
        if progress != STARTED:
            return self.end(ending, "infra", "the agent could not start the scenario: exit code %s" % code, False)
        ending["exit_code"] = code
        return self.end(ending, "exited", "ended the interpreter itself with exit code %s" % code, True)

    @staticmethod
    def end(ending, status, cause, keep):
        ending["status"], ending["cause"] = status, cut(cause, KIB) if cause else None
        return ending, keep

    def done(self, ending, note):
        status = self.record.script["status"]
        cause = note
        if status != "ran":
            offset, length = self.record.places[SCRIPT][:2]
            self.record.spool.seek(offset)
            error = json.loads(self.record.spool.read(length).decode("ascii"))["fact"].get("error")
            if error is not None and cause is None:
                line = " (line %d)" % error["line"] if error["line"] else ""
                cause = cut("%s: %s" % (error["type"], error["message"].split("\n", 1)[0]), 300) + line
        if status == "exited":
            ending["exit_code"] = self.record.script["code"]
        return self.end(ending, status, cause, True)

    def crash_cause(self, ending):
        """The signal, where, and what a failed assertion printed."""
        cause = ending["signal"] + self.where(ending)
        said = re.findall(r"(?:Check failed|Fatal Python error|terminate called|Assertion)[^\n]*", self.stderr.everything())
        if said:
            cause += ": " + self.names().message(said[-1])
        return cause

    def where(self, ending):
        """The scenario's own line, if the trace shows it, else the innermost frame."""
        own = [frame for frame in ending["trace"] if frame.startswith(self.scenario["name"] + ".py:")]
        return " in " + (own or ending["trace"])[0] if ending["trace"] else ""

    def names(self):
        path = os.path.join(self.folder, re.sub(r"[^\w.-]", "_", self.scenario["name"].rsplit("/", 1)[-1]) + ".py")
        return Names(path, self.scenario["name"], self.folder, self.host.work)

    def trace_frames(self):
        """Frames of faulthandler's trace, newest first, of the thread that ran; of the main one after a timeout."""
        try:
            with open(self.trace, "rb") as file:
                text = file.read(256 * KIB).decode("utf-8", "replace")
        except OSError:
            return []
        names, blocks = self.names(), []
        for line in text.splitlines():
            match = re.match(r'\s+File "(.*)", line (\d+|\?\?\?) in (.*)', line)
            if "most recent call first" in line:
                blocks.append(("Current thread" in line, []))
            elif match and blocks:
                if not is_own(match.group(1)):
                    blocks[-1][1].append("%s:%s in %s" % (names.file(match.group(1)), match.group(2), match.group(3)))
        current = [frames for is_current, frames in blocks if is_current and frames]
        chosen = current or [frames for _, frames in blocks[-1:]]
        return [cut(frame, 400) for frame in chosen[0][:FRAMES]] if chosen else []

    def clean(self):
        remove(self.folder)


def remove(folder):
    """Deletes a folder whatever its permissions are and however deep it is: what lies deep is moved up first, so that
    neither paths nor the stack grow with the depth. What can't be deleted stays."""
    if not os.path.isdir(folder) or os.path.islink(folder):
        attempt(os.unlink, folder)
        return
    mark, moved, todo = os.urandom(6).hex(), 0, [(folder, 0, False)]
    while todo:
        current, depth, emptied = todo.pop()
        if emptied:
            attempt(os.rmdir, current)
            continue
        todo.append((current, depth, True))
        attempt(os.chmod, current, 0o700)
        for entry in attempt(listed, current) or ():
            if not entry.is_dir(follow_symlinks=False):
                attempt(os.unlink, entry.path)
            elif depth < DEEP:
                todo.append((entry.path, depth + 1, False))
            else:
                moved += 1
                place = os.path.join(folder, "%s-%d" % (mark, moved))
                attempt(os.chmod, entry.path, 0o700)
                attempt(os.rename, entry.path, place)
                todo.append((place, 1, False))


def listed(folder):
    with os.scandir(folder) as entries:
        return list(entries)


def attempt(function, *arguments):
    """What a function returns; None where the system refuses."""
    try:
        return function(*arguments)
    except OSError:
        return None


# ---------------------------------------------------------------------------------------------------------------------
# Provisioning
# ---------------------------------------------------------------------------------------------------------------------

UNCUT = "# skew: resolved without a cut-off date"
LOCKED = "# skew: whole\n"  # Ends a lock that is kept; one that lost its end is made again.
WHOLE = b"skew"  # Ends bytecode.
BYTECODE = "bytecode"  # In the store: the same bytecode as in the packages, by source.
COMPLETE = ".skew-complete"  # In an environment: that it is whole, and the packages that it links to.
STDERR = 16 * KIB
LIBRARY_LEFT_OUT = {"__pycache__", "site-packages", "test", "tests", "idlelib", "idle_test", "lib2to3", "turtledemo"}


class Failed(Exception):
    """A step ended the provisioning; its event says why."""


class Provisioner:
    def __init__(self, host, job):
        self.host, self.job = host, job
        self.root = os.path.abspath(os.environ["SKEW_ROOT"])
        self.lock = os.path.join(host.work, "skew.lock.txt")
        self.missing = os.path.join(host.work, "skew.missing.txt")
        self.room = Room(host, self.root, job["room"])
        self.environment = None
        self.variables = dict(os.environ, **{key: self.fill(value) for key, value in job["env"].items()})
        self.variables.pop("SKEW_WORK", None)

    def fill(self, text):
        known = {"root": self.root, "python": sys.executable, "work": self.host.work, "lock": self.lock, "missing": self.missing}
        known["environment"] = self.environment
        return re.sub(r"\{(root|python|work|lock|missing|environment)\}", lambda match: known[match.group(1)] or match.group(0), text)

    def run(self):
        for name, text in self.job["files"].items():
            path = os.path.join(self.host.work, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(text.encode("utf-8"))
        try:
            with self.room.used():
                uncut = self.resolve()
                locked = locked_packages(read_text(self.lock))
                digest, final = self.identity(locked)
                told = {"digest": digest, "python": "{root}/envs/%s/bin/python" % os.path.basename(final), "uncut": uncut}
                if self.reuse(final):
                    self.compile(reused=True)
                    self.host.emit("provisioned", packages=installed_packages(final, locked), reused=True, added_bytes=0, **told)
                    return
            self.make_room()
            with self.room.used():
                added = self.make(final, locked)
                self.compile(reused=False)
                self.host.emit("provisioned", packages=installed_packages(final, locked), reused=False, added_bytes=added, **told)
        except Failed:
            pass

    def compile(self, reused):
        """Puts bytecode into the store that every process of the agent would make anew: that of the agent itself; and as soon
        as the store serves a second time, that of the standard library, where the interpreter comes without it."""
        cached, there = own_bytecode()
        if not there:
            attempt(compile_self, cached)
        library, kept = library_bytecode()
        if os.path.isdir(kept) or has_bytecode(library) or not (reused or self.serves_again()):
            return
        begun = time.monotonic()
        with FileLock(self.host, kept + ".lock"):
            # Without it everything works as well, only slower.
            compiled = attempt(compile_library, library, kept, self.host)
        if compiled:
            self.room.add([kept])
        note = "no room for bytecode of the standard library" if compiled is None else "%d files of the standard library compiled" % compiled
        self.told("compile", 0, time.monotonic() - begun, note)

    def serves_again(self):
        """Whether the store has more environments than the one that this has made."""
        return sum(os.path.exists(os.path.join(entry.path, COMPLETE)) for entry in listed(os.path.join(self.root, "envs"))) > 1

    def make_room(self):
        begun = time.monotonic()
        removed, trouble = self.room.make()
        if removed or trouble:
            self.told("room", 1 if trouble else 0, time.monotonic() - begun, trouble or "%d environments removed" % removed)
        if trouble:
            raise Failed()

    def step(self, name, argv):
        """Runs one step; (exit code or None, stderr, seconds), its event told."""
        begun = time.monotonic()
        code, stderr = self.command([self.fill(part) for part in argv])
        self.told(name, code, time.monotonic() - begun, stderr)
        return code, stderr

    def told(self, name, code, seconds, stderr="", reused=False):
        self.host.emit("step", name=name, code=code, seconds=seconds, reused=reused, stderr=stderr)

    def command(self, argv):
        err, err_w = os.pipe()
        capture = Capture(err, STDERR)
        try:
            process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=err_w, env=self.variables, cwd=self.host.work, start_new_session=True
            )
        except OSError as error:
            os.close(err_w)
            os.close(err)
            return None, "could not start %s: %s" % (argv[0], error)
        os.close(err_w)
        deadline, open_err = time.monotonic() + self.job["step_timeout"], True
        try:
            while process.poll() is None and time.monotonic() < deadline:
                # Until its stderr ends the process runs; after that its exit is near.
                ready = self.host.wait([err] if open_err else [], min(1.0, deadline - time.monotonic()) if open_err else 0.05)
                open_err = open_err and (err not in ready or capture.read())
            if process.poll() is None:
                kill(process.pid, group=True)
                process.wait()
                return None, capture.text() + "\nstopped after %g s" % self.job["step_timeout"]
            kill(process.pid, group=True)
            capture.read()
            return process.returncode, capture.text()
        finally:
            if process.poll() is None:
                kill(process.pid, group=True)
                process.wait()
            os.close(err)

    def resolve(self):
        """Writes the lock; whether it needed the uncut index."""
        kept = os.path.join(self.root, "locks", self.job["lock_key"]) if self.job["lock_key"] else None
        text = read_text(kept) if kept else ""
        if text.endswith(LOCKED):
            write_whole(self.lock, text)
            self.told("resolve", 0, 0.0, reused=True)
            return text.startswith(UNCUT)
        code, stderr = self.step("resolve", self.job["resolve"])
        uncut = False
        if code != 0:
            if code is None or not self.job["resolve_uncut"] or any(sign in stderr.lower() for sign in self.job["trouble"]):
                raise Failed()
            code, _ = self.step("resolve-uncut", self.job["resolve_uncut"])
            uncut = True
            if code != 0:
                raise Failed()
        if kept:
            write_whole(kept, (UNCUT + "\n" if uncut else "") + read_text(self.lock) + LOCKED)
        return uncut

    def identity(self, locked):
        """(digest, folder) of the environment that holds exactly these packages."""
        lines = [interpreter()]
        lines += ["%s==%s %s" % (name, of, " ".join(hashes)) for (name, of), hashes in sorted(locked.items())]
        digest = blake("\n".join(lines).encode("utf-8")).hexdigest()
        name = "py%d.%d-%s" % (sys.version_info[0], sys.version_info[1], digest)
        os.makedirs(os.path.join(self.root, "envs"), exist_ok=True)
        return digest, os.path.join(self.root, "envs", name)

    def reuse(self, final):
        """Whether the environment is there; it is marked as used just now then."""
        with FileLock(self.host, final + ".lock"):
            there = self.usable(final)
            if there:
                os.utime(os.path.join(final, COMPLETE))
                for step in ("create", "install", "link"):
                    self.told(step, 0, 0.0, reused=True)
        return there

    def make(self, final, locked):
        """Makes the environment, unless another cell was faster; the bytes that it added."""
        with FileLock(self.host, final + ".lock"):
            if self.usable(final):
                return 0
            sweep(os.path.dirname(final), os.path.basename(final))
            made = self.build(final, locked)
        self.room.add(made)
        return sum(map(occupied, made))

    def usable(self, final):
        """Whether an environment and all that it links to are there."""
        complete = os.path.join(final, COMPLETE)
        linked = [os.path.join(self.root, Packages.FOLDER, name) for name in read_text(complete).splitlines()]
        return all(map(os.path.exists, [complete, os.path.join(final, "bin", "python")] + linked))

    def build(self, final, locked):
        """Makes the environment beside its place and moves it there; the folders that there are now and were not before."""
        self.environment = "%s.partial-%d" % (final, os.getpid())
        packages = Packages(self.host, self.root, self.environment, locked)
        try:
            code, _ = self.step("create", self.job["create"])
            if code != 0:
                raise Failed()
            missing = packages.missing()
            if missing:
                self.install(packages, missing)
            else:
                self.told("install", 0, 0.0, reused=True)
            begun = time.monotonic()
            linked = packages.link()
            self.told("link", 0, time.monotonic() - begun, "%d packages linked" % len(linked))
            write_whole(os.path.join(self.environment, COMPLETE), "".join(os.path.basename(place) + "\n" for place in linked))
            remove(final)
            os.rename(self.environment, final)
        except BaseException:
            remove(self.environment)
            raise
        return [final] + packages.kept

    def install(self, packages, names):
        """Installs distributions and moves them into the store; those that got into each other's way there, one by one."""
        write_whole(self.missing, packages.requirements(names))
        code, _ = self.step("install", self.job["install"])
        if code != 0:
            raise Failed()
        begun = time.monotonic()
        mixed, note = packages.keep(names)
        self.told("keep", 0, time.monotonic() - begun, note)
        for name in mixed:
            self.install(packages, [name])


def sweep(folder, name):
    """Removes what dead builders of anything in `folder` have left. Of `name` the lock is held; of others it is tried."""
    for entry in os.listdir(folder):
        target, mark, _ = entry.partition(".partial-")
        if not mark:
            continue
        if target == name:
            remove(os.path.join(folder, entry))
            continue
        with open(os.path.join(folder, target + ".lock"), "ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            remove(os.path.join(folder, entry))


def interpreter():
    return "%s %s" % (sys.implementation.name, ".".join(str(part) for part in sys.version_info[:3]))


def write_whole(path, content):
    """Writes bytes, or a text, so that nobody sees half of them."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    partial = "%s.%d.partial" % (path, os.getpid())
    try:
        with open(partial, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode("utf-8"))
        os.replace(partial, path)
    except BaseException:
        attempt(os.unlink, partial)
        raise


class FileLock:
    def __init__(self, host, path, shared=False):
        self.host, self.path, self.kind = host, path, fcntl.LOCK_SH if shared else fcntl.LOCK_EX

    def __enter__(self):
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        self.file = open(self.path, "ab")
        while True:
            try:
                fcntl.flock(self.file, self.kind | fcntl.LOCK_NB)
                return self
            except BlockingIOError:
                self.host.wait([], 0.2)  # Not blocking, so that stdin's end is seen.

    def __exit__(self, *_):
        self.file.close()


class Room:
    """The room that the store has. `min_free` bytes stay free on its disk, and it keeps within `limit` bytes, by removing
    environments that were used longest ago, the packages that no other one links to, and the installer's copies of those.

    Who installs holds the store's lock shared; who removes holds it alone, so nothing goes that is being linked to. Who
    executes in an environment holds that one's own."""

    def __init__(self, host, root, wanted):
        self.host, self.root, self.wanted = host, root, wanted
        self.envs, self.packages = os.path.join(root, "envs"), os.path.join(root, Packages.FOLDER)
        self.record = os.path.join(root, "room.size")

    def lock(self, name, shared=False):
        return FileLock(self.host, os.path.join(self.root, "room.%s.lock" % name), shared)

    @contextlib.contextmanager
    def used(self):
        with contextlib.ExitStack() as held:
            with self.lock("turn"):  # Who waits to be alone keeps others from coming in before it.
                held.enter_context(self.lock("use", shared=True))
            yield

    def free(self):
        about = os.statvfs(self.root)
        return about.f_bavail * about.f_frsize

    def size(self):
        """Bytes of the store as of the last time that they were counted, and what was added since; None if they never were."""
        text = read_text(self.record)
        return int(text) if text.isdigit() else None

    def add(self, folders):
        if self.size() is not None:
            self.count(sum(map(measured, folders)))

    def count(self, more):
        """Corrects what was counted, whether this run has a limit or not; where nothing was, a later run counts all."""
        with self.lock("size"):
            known = self.size()
            if known is not None:
                write_whole(self.record, "%d" % max(0, known + more))

    def surplus(self):
        """Bytes that have to go."""
        limit = self.wanted["limit"]
        if limit is not None and self.size() is None:
            write_whole(self.record, "%d" % measured(self.root))
        beyond = self.size() - limit if limit is not None else 0
        return max(beyond, self.wanted["min_free"] - self.free())

    def make(self):
        """(environments removed, why there is no room all the same)."""
        if self.surplus() <= 0:
            return 0, None
        removed = 0
        with self.lock("turn"), self.lock("use"):
            for environment in self.oldest_first():
                if self.surplus() <= 0:
                    break
                if self.remove(environment):
                    removed += 1
                    self.count(-self.remove_packages() - self.remove_copies())
            if self.wanted["limit"] is not None:
                write_whole(self.record, "%d" % measured(self.root))
        if self.free() >= self.wanted["min_free"]:
            return removed, None
        return removed, (
            "%s free, min_free_disk is %s: remove what is not needed, all environments by `skew clean --cache`, or lower it under `cache:`. "
            "%d environments were removed, others are in use or wanted, in %s"
            % (size_text(self.free()), size_text(self.wanted["min_free"]), removed, self.root)
        )

    def oldest_first(self):
        """Environments, those aside that were asked for last: somebody is about to execute in them."""
        found = []
        for entry in attempt(listed, self.envs) or ():
            known = attempt(os.stat, os.path.join(entry.path, COMPLETE))
            if known:
                found.append((known.st_mtime, entry.path))
        return [path for _, path in sorted(found)][: -self.wanted["spare"] or None]

    def remove(self, environment):
        """Removes an environment that nobody executes in; whether it did."""
        try:
            with open(os.path.join(environment, COMPLETE), "rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                away = "%s.partial-%d" % (environment, os.getpid())
                os.rename(environment, away)
        except OSError:
            return False
        remove(away)
        return True

    def remove_packages(self):
        """Removes packages that no environment links to, and bytecode that no package has; their bytes."""
        linked = set()
        for entry in listed(self.envs):
            linked.update(read_text(os.path.join(entry.path, COMPLETE)).splitlines())
        gone = discard(self.packages, lambda entry: entry.name in linked or ".partial-" in entry.name)
        for folder in attempt(listed, os.path.join(self.root, BYTECODE)) or ():
            for entry in listed(folder.path):
                known = entry.stat(follow_symlinks=False)
                if known.st_nlink == 1:
                    os.unlink(entry.path)
                    gone += 512 * known.st_blocks
        return gone

    def remove_copies(self):
        """Removes what the installer keeps unpacked and no package links to any more; its bytes."""
        return discard(os.path.join(self.root, "uv-cache", "archive-v0"), lambda entry: linked_to(entry.path))


def discard(folder, stays):
    """Removes the folders in one, those aside that stay; their bytes."""
    gone = 0
    for entry in attempt(listed, folder) or ():
        if entry.is_dir(follow_symlinks=False) and not stays(entry):
            gone += occupied(entry.path)
            remove(entry.path)
    return gone


def linked_to(folder):
    """Whether a file in a folder has another name elsewhere."""
    for place, _, names in os.walk(folder):
        if any(os.lstat(os.path.join(place, name)).st_nlink > 1 for name in names):
            return True
    return False


def measured(folder):
    """Bytes on disk of a folder, those of a file with several names once."""
    seen, blocks = set(), 0
    for place, _, names in os.walk(folder):
        for known in (attempt(os.lstat, os.path.join(place, name)) for name in names):
            if known and (known.st_nlink == 1 or known.st_ino not in seen):
                seen.add(known.st_ino)
                blocks += known.st_blocks
    return 512 * blocks


def size_text(size):
    return "%.1f GiB" % (size / 2**30) if size >= 2**30 else "%.0f MiB" % (size / 2**20)


def normal_name(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def locked_packages(text):
    """{(name, version): sorted hashes} of a lock in the form of requirements."""
    locked = {}
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        line = line.split(" #", 1)[0].strip()
        if not line or line.startswith(("#", "-")):
            continue
        # A wheel from the store is locked as its path alone.
        line = re.sub(r"^(?=\S*/([A-Za-z0-9][\w.]*)-\S+\.whl)", r"\1 @ file://", line)
        match = re.match(r"([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*(?:==\s*([^\s;]+)|@\s*(\S+))", line)
        if match:
            version = match.group(2) or match.group(3)
            locked[(normal_name(match.group(1)), version)] = sorted(re.findall(r"--hash=(\w+:\w+)", line))
    return locked


def site_packages(environment):
    return os.path.join(environment, "lib", "python%d.%d" % sys.version_info[:2], "site-packages")


def distributions(environment):
    """(name, version, folder of its metadata) of what is installed."""
    site = site_packages(environment)
    for entry in sorted(os.listdir(site)) if os.path.isdir(site) else []:
        if entry.endswith(".dist-info"):
            fields = {}
            for line in read_text(os.path.join(site, entry, "METADATA")).splitlines():
                key, colon, value = line.partition(":")
                if not colon:
                    break
                fields.setdefault(key.strip().lower(), value.strip())
            if fields.get("name") and fields.get("version"):
                yield normal_name(fields["name"]), fields["version"], os.path.join(site, entry)


def installed_packages(environment, locked):
    known = {name: (of, found) for (name, of), found in locked.items()}
    packages = []
    for name, version, _ in sorted(distributions(environment)):
        of, hashes = known.get(name, (version, []))
        packages.append({"name": name, "version": version, "hashes": hashes, "url": of if "://" in of else None})
    return packages


class Packages:
    """The distributions of an environment. Each is kept once per interpreter, bytecode included, and environments link
    to it: to its folders as folders, to single files by hard links. So an environment costs a few links, however large
    its packages are.

    A distribution's place, `{root}/packages/NAME`, is moved there whole and never changed. Below `tree` it looks as in
    an environment of its own; `beyond` names what its shared libraries look for in other distributions."""

    FOLDER = "packages"

    def __init__(self, host, root, environment, locked):
        self.host, self.root, self.environment = host, root, environment
        self.folder = os.path.join(root, self.FOLDER)
        self.locked, self.places, self.kept = {}, {}, []
        for (name, version), hashes in sorted(locked.items()):
            self.locked[name] = (version, hashes)
            about = [interpreter(), os.uname().machine, libc(), name, version] + hashes
            label = "py%d.%d-%s-%s" % (sys.version_info[0], sys.version_info[1], name, cut(re.sub(r"[^\w.+-]", "_", version), 60))
            self.places[name] = os.path.join(self.folder, "%s-%s" % (label, blake("\n".join(about).encode("utf-8")).hexdigest()))
        self.site = os.path.relpath(site_packages(environment), environment)

    def missing(self):
        return [name for name, place in self.places.items() if not os.path.isdir(place)]

    def requirements(self, names):
        lines = []
        for name in names:
            version, hashes = self.locked[name]
            lines.append(" ".join([name + (" @ " if "://" in version else "==") + version] + ["--hash=" + known for known in hashes]))
        return "\n".join(lines) + "\n"

    def keep(self, names):
        """Moves what was installed of `names` into the store; (those of which a file is another's, a note). What they
        are must not depend on who else was installed with them."""
        files = {name: self.files(info) for name, _, info in distributions(self.environment) if name in names}
        claims = {}
        for name, recorded in files.items():
            for path in recorded:
                claims.setdefault(path, []).append(name)
        mixed, compiled, failed = [], 0, 0
        for name, recorded in files.items():
            if all(len(claims[path]) == 1 or self.as_recorded(path, known) for path, known in recorded.items()):
                done, undone = self.store(self.places[name], list(recorded))
                compiled, failed = compiled + done, failed + undone
            else:
                mixed.append(name)
        folders = set()
        for path in claims:
            attempt(os.unlink, os.path.join(self.environment, path))
            while os.path.dirname(path):
                path = os.path.dirname(path)
                folders.add(path)
        for path in sorted(folders, key=len, reverse=True):
            attempt(os.rmdir, os.path.join(self.environment, path))  # Stays where something else is in it.
        note = "%d packages kept, %d files compiled, %d left as they are" % (len(files) - len(mixed), compiled, failed)
        return mixed, note

    def files(self, info):
        """{path in the environment: its recorded hash} of a distribution, `info` being the folder of its metadata."""
        import csv

        metadata = os.path.relpath(info, self.environment)
        found = {os.path.join(metadata, entry.name): "" for entry in listed(info) if entry.is_file()}
        for row in csv.reader(read_text(os.path.join(info, "RECORD")).splitlines()):
            path = os.path.normpath(os.path.join(self.site, row[0])) if row else ".."
            if not path.startswith(("..", "/")) and os.path.isfile(os.path.join(self.environment, path)):
                found[path] = row[1] if len(row) > 1 else ""
        return found

    def as_recorded(self, path, recorded):
        with open(os.path.join(self.environment, path), "rb") as file:
            digest = base64.urlsafe_b64encode(hashlib.sha256(file.read()).digest())
        return recorded == "sha256=" + digest.decode("ascii").rstrip("=")

    def store(self, place, paths):
        """Makes a distribution's place; how many of its sources were compiled and how many do not compile. Its own tests,
        half of NumPy's source and of SciPy's, are left to whoever imports them."""
        with FileLock(self.host, place + ".lock"):
            if os.path.isdir(place):
                return 0, 0  # Another cell was faster.
            sweep(self.folder, os.path.basename(place))
            partial = "%s.partial-%d" % (place, os.getpid())
            tree = os.path.join(partial, "tree")
            try:
                for path in paths:
                    target = os.path.join(tree, path)
                    os.makedirs(os.path.dirname(target), exist_ok=True)
                    link(os.path.join(self.environment, path), target)
                sources = [path for path in paths if path.endswith(".py") and path.startswith(self.site + "/") and "/tests/" not in path]
                jobs = [bytecode_of(os.path.join(tree, path), os.path.join(place, "tree", path)) for path in sources]
                compiled = compile_all(jobs, self.host, shared_bytecode(self.root))
                write_whole(os.path.join(partial, "beyond"), "".join(path + "\n" for path in beyond(tree)))
                os.rename(partial, place)
            except BaseException:
                remove(partial)
                raise
        self.kept.append(place)
        return compiled, len(sources) - compiled

    def link(self):
        """Gives the environment its packages; their places."""
        places = sorted(filter(os.path.isdir, self.places.values()))
        os.makedirs(site_packages(self.environment), exist_ok=True)
        trees = []
        for place in places:
            sought = read_text(os.path.join(place, "beyond")).splitlines()
            alone = not any(os.path.lexists(os.path.join(other, "tree", path)) for path in sought for other in places)
            trees.append((os.path.join(place, "tree"), alone))
        unite(trees, self.environment)
        return places


def unite(folders, target):
    """Makes `target` hold what the folders of (folder, whether it may be linked to) hold. One that nobody shares becomes
    a link; where several have the same file the first one's counts."""
    found = {}
    for folder, linkable in folders:
        for entry in listed(folder):
            found.setdefault(entry.name, []).append((entry, linkable))
    for name, entries in sorted(found.items()):
        path = os.path.join(target, name)
        inner = [(entry.path, linkable) for entry, linkable in entries if entry.is_dir()]
        if len(inner) == 1 and inner[0][1] and not os.path.lexists(path):
            os.symlink(os.path.relpath(inner[0][0], target), path)
        elif inner:
            os.makedirs(path, exist_ok=True)
            unite(inner, path)
        elif not os.path.lexists(path):
            link(entries[0][0].path, path)


def link(source, target):
    """Gives a file a second name, or a copy where the file system has no hard links."""
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EMLINK, errno.EXDEV, errno.ENOSYS, errno.EOPNOTSUPP):
            raise
        shutil.copy2(source, target)


def beyond(tree):
    """Paths below `tree` that the shared libraries in it search for others and that are not there. The loader goes up from a
    library's folder the way the system does: from the place that a link leads to."""
    found = set()
    for folder, _, names in os.walk(tree):
        for path in (os.path.join(folder, name) for name in names if re.search(r"\.so(\.|$)", name)):
            for entry in search_path(path):
                sought = os.path.normpath(re.sub(r"\$(?:ORIGIN|\{ORIGIN\})", lambda _: folder, entry))
                if sought.startswith(tree + "/") and "\n" not in sought and not os.path.exists(sought):
                    found.add(os.path.relpath(sought, tree))
    return sorted(found)


def search_path(path):
    """The folders that a shared library has searched for those it needs: DT_RPATH and DT_RUNPATH of a 64-bit ELF file."""
    with open(path, "rb") as file:
        head = file.read(64)
        if len(head) < 64 or head[:5] != b"\x7fELF\x02":
            return []
        order = ">" if head[5] == 2 else "<"

        def table(offset, form, count):
            file.seek(offset)
            return [struct.unpack(order + form, file.read(struct.calcsize(order + form))) for _ in range(count)]

        try:
            segments = table(struct.unpack_from(order + "Q", head, 32)[0], "IIQQQQQQ", struct.unpack_from(order + "H", head, 56)[0])
            entries = [entry for kind, _, offset, _, _, size, _, _ in segments if kind == 2 for entry in table(offset, "qQ", size // 16)]
            tags = dict(reversed(entries))
            texts = [at - address + offset for at in [tags.get(5, 0)] for kind, _, offset, address, _, size, _, _ in segments if kind == 1 and address <= at < address + size]
            found = []
            for value in (tags[tag] for tag in (15, 29) if tag in tags and texts):
                file.seek(texts[0] + value)
                found += os.fsdecode(file.read(16 * KIB).split(b"\0", 1)[0]).split(":")
            return found
        except (struct.error, OSError):
            return []


def occupied(folder):
    """Bytes on disk of what is in a folder and nowhere else."""
    blocks = 0
    for place, folders, files in os.walk(folder):
        blocks += os.lstat(place).st_blocks
        for known in (os.lstat(os.path.join(place, name)) for name in folders + files):
            blocks += known.st_blocks if known.st_nlink == 1 and not stat.S_ISDIR(known.st_mode) else 0
    return 512 * blocks


def compile_self(cached):
    """Bytecode that is run as it is: without times, as its folder is named after its source."""
    write_bytecode(os.path.abspath(SELF), os.path.abspath(SELF), cached, timed=False)


def has_bytecode(library):
    """Whether all that this process has imported of the standard library was compiled before."""
    modules = [module for module in list(sys.modules.values()) if getattr(module, "__cached__", None)]
    return all(os.path.exists(module.__cached__) for module in modules if module.__cached__.startswith(library + "/"))


def compile_library(library, kept, host):
    """Compiles the standard library into a folder of the store; how many files could be, none where another cell was faster."""
    if os.path.isdir(kept):
        return 0
    sweep(os.path.dirname(kept), os.path.basename(kept))
    partial, jobs = "%s.partial-%d" % (kept, os.getpid()), []
    for folder, folders, names in os.walk(library):
        folders[:] = [name for name in folders if name not in LIBRARY_LEFT_OUT]
        jobs += [bytecode_of(os.path.join(folder, name)) for name in names if name.endswith(".py")]
    try:
        compiled = compile_all([(source, name, partial + cached[len(library) :]) for source, name, cached in jobs], host)
        os.rename(partial, kept)
    except BaseException:
        remove(partial)
        raise
    return compiled


def bytecode_of(source, name=None):
    """(source, name that it will have, the file beside it that its bytecode is looked for in)"""
    from importlib.util import cache_from_source

    return source, name or source, cache_from_source(source)


def shared_bytecode(root):
    """The folder of the store that holds the bytecode of whatever has the same source, for this interpreter's format."""
    from importlib.util import MAGIC_NUMBER

    return os.path.join(root, BYTECODE, "%s-%s" % (sys.implementation.cache_tag, MAGIC_NUMBER.hex()))


def compile_all(jobs, host, shared=None):
    """Compiles (source, name that it will have, file for its bytecode); how many could be. Forks one worker per processor
    when there is enough to do."""
    if shared:
        os.makedirs(shared, exist_ok=True)
    workers = min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1, 1 + len(jobs) // 100)
    if workers < 2:
        compile_some(jobs, shared)
    running, full = set(), False
    try:
        for number in range(workers if workers > 1 else 0):
            pid = os.fork()
            if pid == 0:
                code = 1
                try:
                    die_with_parent()
                    compile_some(jobs[number::workers], shared)
                    code = 0
                finally:
                    _exit(code)
            running.add(pid)
        while running:
            for pid in list(running):
                ended, status = os.waitpid(pid, os.WNOHANG)
                if ended:
                    running.remove(pid)
                    full = full or os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0
            if running:
                host.wait([], 0.02)
    finally:
        for pid in running:
            kill(pid)
            os.waitpid(pid, 0)
    if full:
        raise OSError(errno.ENOSPC, "No space left on device, for bytecode")
    return sum(os.path.exists(cached) for _, _, cached in jobs)


def compile_some(jobs, shared):
    """Where bytecode is shared, releases of a package have one file for each source that did not change between them. It
    says nothing of times then, and import systems put in the name of the source that they find beside it."""
    warnings.simplefilter("ignore")
    for source, name, cached in jobs:
        try:
            known = None
            if shared:
                with open(source, "rb") as file:
                    known = os.path.join(shared, blake(file.read()).hexdigest())
                if is_whole(known):
                    os.makedirs(os.path.dirname(cached), exist_ok=True)
                    if second_name(known, cached):
                        continue
                else:
                    attempt(os.unlink, known)
            write_bytecode(source, name, cached, timed=not shared)
            if known:
                second_name(cached, known)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            pass  # Templates, tests of other Pythons: an import will tell.
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise


def is_whole(bytecode):
    """Whether a file holds all of what `write_bytecode` wrote, for this interpreter's format."""
    from importlib.util import MAGIC_NUMBER

    try:
        with open(bytecode, "rb") as file:
            begins = file.read(len(MAGIC_NUMBER))
            file.seek(-len(WHOLE), os.SEEK_END)
            return begins == MAGIC_NUMBER and file.read() == WHOLE
    except OSError:
        return False


def write_bytecode(source, name, target, timed):
    """Compiles a source into a file (PEP 552): valid as long as the source has its time and size, or without any check.

    What importlib writes with takes no notice of a disk that is full in the middle of a file. Readers of bytecode ignore what
    stands behind it: a mark, which a file that lost its end in another way lacks."""
    from importlib.machinery import SourceFileLoader
    from importlib.util import MAGIC_NUMBER, source_hash

    loader = SourceFileLoader("source", source)
    text = loader.get_data(source)
    code = loader.source_to_code(text, name)
    if timed:
        known = os.stat(source)
        validity = struct.pack("<III", 0, int(known.st_mtime) & 0xFFFFFFFF, known.st_size & 0xFFFFFFFF)
    else:
        validity = struct.pack("<I", 1) + source_hash(text)
    write_whole(target, MAGIC_NUMBER + validity + marshal.dumps(code) + WHOLE)


def second_name(source, target):
    """Whether a file could be given a second name: not where it is missing, or has as many as a file can have."""
    try:
        os.link(source, target)
    except OSError:
        return False
    return True


# ---------------------------------------------------------------------------------------------------------------------


def stop(*_):
    raise Stop()


def main():
    host = Host()
    try:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, stop)
        close_to_others(True)
        if not host.watch_stdin:
            die_with_parent()
        job = host.job()
        if job is None:
            return 2
        hello(host)
        if job.get("protocol") != PROTOCOL:
            sys.stderr.write("skew: the job speaks protocol %r, this agent %d\n" % (job.get("protocol"), PROTOCOL))
            return 2
        if job["phase"] == "provision":
            Provisioner(host, job).run()
        else:
            Executor(host, job).run()
        host.emit("done")
        return 0
    except Unstarted as error:
        sys.stderr.write("skew: no interpreter comes up to import the packages: %s\n" % error)
        return 2
    except Stop:
        return 143
    finally:
        host.close()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--zygote"]:
        Zygote(int(sys.argv[2])).serve()
    else:
        sys.exit(main())
