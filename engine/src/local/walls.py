"""Runs in front of the agent of an execute phase, in namespaces of its own: shuts off what a scenario has no business with,
then becomes the agent.

What the kernel lets an unprivileged user shut: the network, writing outside the phase's scratch folder, the scratch of
other cells, the sockets of the machine's services, and every privilege of these namespaces themselves.
"""
import ctypes
import fcntl
import os
import socket
import struct
import sys

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 8, 32, 4096, 16384, 1 << 18
KEPT = {"nosuid": MS_NOSUID, "nodev": MS_NODEV, "noexec": MS_NOEXEC, "noatime": 1024, "nodiratime": 2048, "relatime": 1 << 21}
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 24, 38
# What containers shut as well: with the user's rights alone, root could write there.
KERNEL = ["/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs"]
# These are the process's own, or hold devices alone.
LEFT = {"/proc", "/dev/pts", "/dev/mqueue"}

libc = ctypes.CDLL(None, use_errno=True)


def mount(source, target, kind, flags, options=None):
    arguments = [None if text is None else os.fsencode(text) for text in (source, target, kind, options)]
    if libc.mount(arguments[0], arguments[1], arguments[2], ctypes.c_ulong(flags), arguments[3]) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), target)


def raise_loopback():
    """A new network namespace has its loopback down; containers have it up, and scenarios should not see the difference."""
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", IFF_UP))


def within(path, folder):
    return (os.path.realpath(path) + "/").startswith(os.path.realpath(folder) + "/")


def hide(folder, needed):
    """Puts nothing in a folder's place, unless something needed lies in it; whether it did."""
    if not os.path.isdir(folder) or any(within(path, folder) for path in needed):
        return False
    mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m")
    return True


def mounts():
    """(place, flags to keep) of everything mounted."""
    with open("/proc/self/mountinfo", "rb") as file:
        for line in file:
            fields = line.split(b" ")
            place = os.fsdecode(fields[4].decode("unicode_escape").encode("latin-1"))
            options = os.fsdecode(fields[5]).split(",")
            yield place, sum(KEPT.get(option, 0) for option in options)


def shut(place, flags):
    try:
        mount(None, place, None, MS_REMOUNT | MS_BIND | MS_RDONLY | flags)
    except OSError:
        # What lies under another mount cannot be reached by its name, neither by scenarios.
        if os.path.exists(place) and not os.statvfs(place).f_flag & os.ST_RDONLY:
            raise


def keep_one_folder(scratch, needed):
    """Leaves one folder writable, in sight of nothing beside it."""
    mount(None, "/", None, MS_REC | MS_PRIVATE)
    folder = os.open(scratch, os.O_PATH)
    if hide(os.path.dirname(scratch), needed):
        os.mkdir(scratch)
    mount("/proc/self/fd/%d" % folder, scratch, None, MS_BIND)
    os.close(folder)
    for sockets in ["/run", "/var/run"]:
        if not os.path.islink(sockets):
            hide(sockets, needed + [scratch])
    if os.path.isdir("/dev/shm"):
        mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777,size=64m")
    for place in filter(os.path.exists, KERNEL):
        mount(place, place, None, MS_BIND | MS_REC)
    own = LEFT | {scratch, os.path.realpath(scratch), "/dev/shm"}
    for place, flags in list(mounts()):
        if place not in own:
            shut(place, flags)


def forbid_namespaces():
    """In a namespace of its own a scenario would have all privileges again, over nothing but what is in there; the number
    counts from this one down. Where it can't be written the walls stand without it."""
    try:
        with open("/proc/sys/user/max_user_namespaces", "w") as file:
            file.write("0")
    except OSError:
        pass


def give_up_privileges():
    """So that nothing of this can be undone."""
    for capability in range(64):
        if libc.prctl(PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0) != 0:
            break
    if libc.prctl(PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "cannot give up new privileges")


def stay_first():
    """The first process of a namespace, whose end is the end of all others, takes no signal that it does not handle: the agent
    is another one, which ends like any process. This one stays until it does."""
    agent = os.fork()
    if agent == 0:
        return
    ended = None
    while ended != agent:
        ended, status = os.wait()
    os._exit(128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))


def main(program, arguments):
    scratch = os.path.dirname(os.environ["SKEW_WORK"])
    raise_loopback()
    needed = [program, sys.prefix, sys.base_prefix, os.environ["SKEW_ROOT"]]
    forbid_namespaces()
    keep_one_folder(scratch, needed)
    give_up_privileges()
    os.chdir(os.environ["SKEW_WORK"])
    if os.getpid() == 1:
        stay_first()
    os.execv(program, [program] + arguments)


main(sys.argv[1], sys.argv[2:])
