"""What runs in the containers of a cell's pod: starts the agent and makes its output fit for a log.

Standard library only, CPython 3.7 to 3.14. A pod's log mixes stdout and stderr, cuts long lines, replaces bytes that are no
UTF-8, and may be read in parts. So every line of it is numbered and says what it carries:

    NUMBER TAG TEXT
    TAG  o stdout, a line · oz the same, packed · oz+ a part of it, to be continued · ez stderr, packed bytes · x the end

Packed is zlib in base64. TEXT of `x` is the exit code, and ` oom` where the kernel killed the agent for its memory.

    pod.py provision   fills the environment store, runs the agent on the job in SKEW_JOB
    pod.py execute     waits until it is told by which program, runs the agent on the job in the files JOB
"""
import base64
import ctypes
import hashlib
import io
import json
import os
import re
import selectors
import signal
import subprocess
import sys
import tarfile
import threading
import time
import zlib

FILES, JOB, GO = "/skew-files", "/skew-job", "/skew-pod/program"
READ = 4096  # Bytes of one read: packed, they fit into a line that no log cuts.
PLAIN = 4096  # Bytes of a line that is sent as it is.
PART = 9000  # Packed bytes of one part: 12,000 characters. Logs cut at 16 KiB.
LONGEST = 64 << 20  # Bytes of a line that nobody reads to its end.


def pieces(folder, suffix):
    """The parts of one file that was divided, joined."""
    names = sorted(name for name in os.listdir(folder) if name.endswith(suffix))
    data = bytearray()
    for name in names:
        with open(os.path.join(folder, name), "rb") as file:
            data += file.read()
    return bytes(data)


def keep(path, content, mode):
    """Puts a file into the environment store, whole or not at all."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    # Pods that share a cache have the same name and process numbers.
    partial = "%s.%s" % (path, os.urandom(8).hex())
    with open(partial, "wb") as file:
        file.write(content)
    os.chmod(partial, mode)
    os.replace(partial, path)


def is_there(path, content):
    try:
        with open(path, "rb") as file:
            return file.read() == content
    except OSError:
        return False


def fill(root):
    """What was sent along, and what is to be fetched."""
    with tarfile.open(fileobj=io.BytesIO(pieces(FILES, ".tgz"))) as archive:
        for member in archive:
            path = os.path.join(root, member.name)
            content = archive.extractfile(member).read()
            if not is_there(path, content):
                keep(path, content, member.mode)
    for wanted in json.loads(os.environ.pop("SKEW_FETCH", "[]")):
        path = os.path.join(root, wanted["path"])
        if not os.path.exists(path):
            keep(path, fetch(wanted), 0o755)


def fetch(wanted):
    """A member of a wheel, which is what its digest says."""
    import urllib.request
    import zipfile

    request = urllib.request.Request(wanted["url"], headers={"User-Agent": "skew"})
    login = re.match(r"https?://([^/@]+)@([^/]+)", re.sub(r"^[^:/]+=", "", os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("UV_INDEX_URL") or ""))
    if login and "//%s/" % login.group(2) in wanted["url"]:
        from urllib.parse import unquote

        request.add_header("Authorization", "Basic " + base64.b64encode(unquote(login.group(1)).encode()).decode())
    for pause in (1, 5, None):
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                wheel = answer.read()
            break
        except OSError as error:
            if pause is None:
                sys.stderr.write("skew: cannot fetch %s: %s\n" % (wanted["url"], error))
                raise SystemExit(70)
            time.sleep(pause)
    if hashlib.sha256(wheel).hexdigest() != wanted["sha256"]:
        sys.stderr.write("skew: %s has not the digest that it should have\n" % wanted["url"])
        raise SystemExit(70)
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        return archive.read(wanted["member"])


def told():
    """The program that is to run the agent; its label then keeps the pod from the network."""
    while True:
        with open(GO) as file:
            program = file.read().strip()
        if program:
            return program
        time.sleep(0.05)


def killed_for_memory():
    """How many processes the kernel killed in this container for its memory (cgroup v2, v1)."""
    for path in ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"):
        try:
            with open(path) as file:
                count = re.search(r"^oom_kill (\d+)", file.read(), re.M)
        except OSError:
            continue
        if count:
            return int(count.group(1))
    return 0


class Log:
    """Writes the numbered lines."""

    def __init__(self, out):
        self.out, self.number = out, 0
        self.line, self.packer, self.packed, self.length = bytearray(), None, bytearray(), 0

    def write(self, tag, text):
        self.out.write(b"%d %s %s\n" % (self.number, tag, text))
        self.number += 1

    def stdout(self, data):
        while data:
            end = data.find(b"\n")
            part, data = (data, b"") if end < 0 else (data[:end], data[end + 1 :])
            self.feed(part)
            if end >= 0:
                self.end()
        self.out.flush()

    def feed(self, part):
        if self.packer is None and len(self.line) + len(part) <= PLAIN:
            self.line += part
            return
        if self.packer is None:
            self.packer = zlib.compressobj(6)
            part, self.line, self.length = bytes(self.line) + part, bytearray(), 0
        self.packed += self.packer.compress(part)
        self.length += len(part)
        if self.length > LONGEST:
            # Whoever reads it is to know at once.
            self.packed += self.packer.flush(zlib.Z_SYNC_FLUSH)
            self.send(0)
        self.send(PART)

    def send(self, keep):
        """Writes what is packed in parts, but for `keep` bytes at the most."""
        while len(self.packed) > keep:
            self.write(b"oz+", base64.b64encode(bytes(self.packed[:PART])))
            del self.packed[:PART]

    def end(self):
        if self.packer is None:
            line, self.line = bytes(self.line), bytearray()
            if all(32 <= byte < 127 for byte in line):
                self.write(b"o", line)
            else:
                self.write(b"oz", base64.b64encode(zlib.compress(line)))
            return
        self.packed += self.packer.flush()
        self.send(PART)
        self.write(b"oz", base64.b64encode(bytes(self.packed)))
        self.packer, self.packed = None, bytearray()

    def stderr(self, data):
        for start in range(0, len(data), READ):
            self.write(b"ez", base64.b64encode(zlib.compress(data[start : start + READ])))
        self.out.flush()


def send(job, process):
    """Its stdin stays open: its end would mean that nobody waits for the agent any more."""
    try:
        process.stdin.write(job + b"\n")
        process.stdin.flush()
    except OSError:
        pass  # Gone before it has read its job; its exit code tells.


def run(program, job):
    log, before = Log(sys.stdout.buffer), killed_for_memory()
    # The addresses of the cluster's services are no part of a cell.
    env = {name: value for name, value in os.environ.items() if not name.startswith(("KUBERNETES_", "SKEW_JOB", "SKEW_AGENT"))}
    agent = os.path.join(os.environ["SKEW_ROOT"], os.environ["SKEW_AGENT"])
    pipe = subprocess.PIPE
    process = subprocess.Popen([program, agent], stdin=pipe, stdout=pipe, stderr=pipe, env=env, cwd="/tmp")
    threading.Thread(target=send, args=(job, process), daemon=True).start()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ, log.stdout)
        selector.register(process.stderr, selectors.EVENT_READ, log.stderr)
        # What the agent left behind may hold its pipes open.
        until = None
        while selector.get_map() and (until is None or time.monotonic() < until):
            for key, _ in selector.select(0.5):
                data = os.read(key.fd, 16 * READ if key.fileobj is process.stdout else READ)
                key.data(data) if data else selector.unregister(key.fileobj)
            if until is None and process.poll() is not None:
                until = time.monotonic() + 2
    code = process.wait()
    code = 128 - code if code < 0 else code
    oom = code == 137 and killed_for_memory() > before
    log.write(b"x", b"%d oom" % code if oom else b"%d" % code)
    log.out.flush()
    return code


def main():
    signal.signal(signal.SIGTERM, lambda *_: os._exit(143))
    try:
        # PR_SET_DUMPABLE: no scenario opens this process's way to the log.
        ctypes.CDLL(None, use_errno=True).prctl(4, 0, 0, 0, 0)
    except (OSError, AttributeError):
        pass
    root = os.environ["SKEW_ROOT"]
    if sys.argv[1] == "provision":
        fill(root)
        return run("python3", zlib.decompress(base64.b64decode(os.environ["SKEW_JOB"]), 31))
    job = zlib.decompress(pieces(JOB, ".gz"), 31)
    return run(told(), job)


if __name__ == "__main__":
    # Told in the log: a pod whose first container fails for another reason is trouble of the cluster.
    sys.exit(main())
