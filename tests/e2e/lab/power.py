"""A disk that loses its power. Trace runs programs under strace and gives what they did to the files of a
folder; Disk is told it step by step and can say what a disk may hold when the power goes at that moment:

  - of each file all that was written before its last sync; of what came after, any of the writes and
    truncations, in order, each whole or only some of its sectors of 512 bytes;
  - of each folder all entries as they were at its own last sync; of what came after, any: a file that was
    made may be missing, one that was removed may be there again. A rename happens whole or not at all.

So a sync of a file does not keep its name: that needs a sync of the folder (many file systems give more).
"""
import os
import re
import subprocess

SECTOR = 512
CALLS = ("open openat creat write writev pwrite64 pwritev pwritev2 ftruncate truncate fallocate fsync fdatasync link linkat"
         " unlink unlinkat rmdir rename renameat renameat2 mkdir mkdirat symlink symlinkat copy_file_range sendfile sync_file_range"
         " sendmsg").split()
NOT_KEPT = re.compile(r"-shm$|\.sock$|\.lock$|^log$")  # made anew at each start, or none of the product's


class File:
    def __init__(self, content=b""):
        self.kept, self.live, self.pending, self.asked = bytearray(content), bytearray(content), [], 0


class Folder:
    def __init__(self):
        self.kept, self.live, self.pending, self.asked = {}, {}, [], 0


class Change:
    """Of an entry; both ends of a rename share `done`."""
    def __init__(self, name, node, done=None):
        self.name, self.node, self.done = name, node, done if done is not None else [False]


def put_bytes(content, offset, data):
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset:offset + len(data)] = data


def put(content, op):
    kind, where, data = op
    if kind == "write":
        put_bytes(content, where, data)
    elif where < len(content):
        del content[where:]
    else:
        content.extend(bytes(where - len(content)))


def torn(op, chance):
    """Some sectors of a write; all of them or none, too."""
    kind, where, data = op
    if kind != "write":
        return [op]
    cuts = [0] + [at - where for at in range((where // SECTOR + 1) * SECTOR, where + len(data), SECTOR)] + [len(data)]
    pieces = [("write", where + a, data[a:b]) for a, b in zip(cuts, cuts[1:])]
    how, n = chance.randrange(3), chance.randint(0, len(pieces))
    return pieces[:n] if how == 0 else pieces[n:] if how == 1 else [p for p in pieces if chance.random() < 0.5]


def survivors(pending, chance):
    """Which of what was not synced reached the disk, in order."""
    how = chance.choice(["none", "all", "some", "many", "but one", "one", "first"])
    if not pending or how == "none":
        return []
    k = chance.randrange(len(pending))
    share = {"some": 0.5, "many": 0.9}
    return [p for i, p in enumerate(pending) if how == "all" or how in share and chance.random() < share[how] or
            how == "but one" and i != k or how == "one" and i == k or how == "first" and i <= k]


class Disk:
    """What is under `root`. Paths are given to it whole."""

    def __init__(self, root, lying=False):
        self.root, self.top, self.lying = root, Folder(), lying

    def parts(self, path):
        return [p for p in path[len(self.root):].split("/") if p not in ("", ".")]

    def has(self, path):
        return path == self.root or path.startswith(self.root + "/")

    def node(self, path):
        node = self.top
        for name in self.parts(path):
            node = node.live.get(name) if isinstance(node, Folder) else None
            if node is None:
                return None
        return node

    def where(self, path):
        return self.node(os.path.dirname(path)), os.path.basename(path)

    # ---- what is done to it

    def entry(self, path, node, done=None):
        folder, name = self.where(path)
        if node is None:
            del folder.live[name]
        else:
            folder.live[name] = node
        folder.pending.append(Change(name, node, done))

    def write(self, path, offset, data):
        file = self.node(path)
        op = ("write", len(file.live) if offset is None else offset, bytes(data))
        put(file.live, op)
        file.pending.append(op)

    def truncate(self, path, size):
        file = self.node(path)
        if len(file.live) != size:
            put(file.live, ("size", size, b""))
            file.pending.append(("size", size, b""))

    def sync_begins(self, path):
        node = self.node(path)
        node.asked = len(node.pending)

    def sync_ends(self, path):
        node = self.node(path)
        if self.lying or node is None:
            return
        done, node.pending = node.pending[:node.asked], node.pending[node.asked:]
        for one in done:
            if isinstance(node, File):
                put(node.kept, one)
            else:
                one.done[0] = True
                self.enter(node.kept, one)

    @staticmethod
    def enter(entries, change):
        if change.node is None:
            entries.pop(change.name, None)
        else:
            entries[change.name] = change.node

    def brought(self, path, content):
        """Put there by somebody else, who has seen to it that it stays."""
        folder, name = self.where(path)
        folder.live[name] = folder.kept[name] = File(content)

    # ---- what is left of it

    def image(self, path, chance):
        """Makes a disk after the power went, as a folder at `path`."""
        chosen = {}
        left = [(self.top, path)]
        while left:
            folder, at = left.pop()
            os.mkdir(at, 0o700)
            for name, node in self.left(folder, chance, chosen).items():
                if isinstance(node, Folder):
                    left.append((node, os.path.join(at, name)))
                    continue
                with open(os.open(os.path.join(at, name), os.O_WRONLY | os.O_CREAT, 0o600), "wb") as f:
                    f.write(self.content(node, chance))

    def left(self, folder, chance, chosen):
        entries = dict(folder.kept)
        some = survivors(folder.pending, chance)
        for change in folder.pending:
            key = id(change.done)
            chosen.setdefault(key, change.done[0] or change in some)
            if chosen[key]:
                self.enter(entries, change)
        return entries

    @staticmethod
    def content(file, chance):
        content = bytearray(file.kept)
        tear = chance.random() < 0.5
        for op in survivors(file.pending, chance):
            for piece in torn(op, chance) if tear and chance.random() < 0.3 else [op]:
                put(content, piece)
        return content

    def differs(self):
        """Where the real folder is not what has been told; "" nowhere. The model itself is tested by it."""
        left = [(self.top, self.root)]
        while left:
            folder, at = left.pop()
            here = {n for n in os.listdir(at) if not NOT_KEPT.search(n)}
            if here != set(folder.live):
                return "%s: %r" % (at, sorted(here ^ set(folder.live)))
            for name, node in folder.live.items():
                path = os.path.join(at, name)
                if isinstance(node, Folder):
                    left.append((node, path))
                elif open(path, "rb").read() != node.live:
                    return path
        return ""


# ---- strace

STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
HANDLE = re.compile(r"<((?:\\x[0-9a-f]{2})+)>")


def unhex(text):
    return bytes.fromhex(text.replace("\\x", ""))


class Call:
    """One system call: its words in order, and the result once it has ended."""

    def __init__(self, pid, name, text):
        self.pid, self.name, self.text, self.result, self.path_out = pid, name, text, None, ""
        self.strings = [unhex(m.group(1)) for m in STRING.finditer(text)]
        if any(m.group(2) for m in STRING.finditer(text)):
            raise ValueError("a string is cut: " + name)
        self.handles = [unhex(m.group(1)).decode() for m in HANDLE.finditer(STRING.sub("", text))]
        self.numbers = [int(n) for n in re.findall(r"(?:^|, )(\d+)(?=$|, |\))", STRING.sub('""', text))]

    def path(self, i=0):
        """The i-th name it is given, whole."""
        name = self.strings[i].decode()
        if name.startswith("/"):
            return os.path.normpath(name)
        if not self.name.endswith(("at", "at2")):
            raise ValueError("%s of %r: relative to where?" % (self.name, name))
        return os.path.normpath(os.path.join(self.handles[i], name))

    def file(self):
        return self.handles[0]


def end_of(call, text):
    m = re.search(r"\)\s+= (-?\d+|\?)(?:<((?:\\x[0-9a-f]{2})+)>)?[^=]*$", text)
    call.result = int(m.group(1)) if m and m.group(1) != "?" else -1
    call.path_out = unhex(m.group(2)).decode() if m and m.group(2) else ""
    return call


def calls(path):
    """(call, True as it begins or False as it ends) in the order in which it happened."""
    begun = {}
    with open(path, encoding="ascii", errors="replace") as f:
        for line in f:
            pid, rest = line.rstrip("\n").split(None, 1)
            resumed = re.match(r"<\.\.\. (\w+) resumed>", rest)
            if resumed:
                yield end_of(begun.pop(pid), rest), False
                continue
            m = re.match(r"(\w+)\((.*)$", rest)
            if not m:
                continue
            call = Call(pid, m.group(1), m.group(2).split(" <unfinished")[0])
            yield call, True
            if rest.endswith("<unfinished ...>"):
                begun[pid] = call
            else:
                yield end_of(call, rest), False


def traced(trace, argv, **more):
    return subprocess.Popen(["strace", "-f", "-q", "--seccomp-bpf", "-y", "-xx", "-s", "4000000", "-o", trace, "-e", "trace=" + ",".join(CALLS),
                             *argv], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **more)


def ours(disk, path):
    return disk.has(path) and not NOT_KEPT.search(os.path.basename(path)) and not path.endswith(" (deleted)")


def follow(disk, call, begins):
    """Tells the disk; true when that changed what may be left of it."""
    name = call.name
    if begins:
        return begin(disk, call) if call.handles and ours(disk, call.file()) else False
    if call.result is None or call.result < 0:
        return False
    if name in ("open", "openat", "creat"):
        return opened(disk, call)
    if name in ("fsync", "fdatasync") and ours(disk, call.file()):
        disk.sync_ends(call.file())
        return True
    if name in ("mkdir", "mkdirat") and ours(disk, call.path()):
        disk.entry(call.path(), Folder())
    elif name in ("unlink", "unlinkat", "rmdir") and ours(disk, call.path()):
        disk.entry(call.path(), None)
    elif name in ("link", "linkat") and ours(disk, call.path(1)):
        disk.entry(call.path(1), disk.node(call.path(0)))
    elif name.startswith("rename") and ours(disk, call.path(1)):
        done, node = [False], disk.node(call.path(0))
        disk.entry(call.path(0), None, done)
        disk.entry(call.path(1), node, done)
    elif name in ("truncate", "symlink", "symlinkat", "copy_file_range", "sendfile") and any(
            ours(disk, p) for p in call.handles + [s.decode("utf-8", "replace") for s in call.strings]):
        raise ValueError("%s is not modelled" % name)
    else:
        return False
    return True


def begin(disk, call):
    name, path = call.name, call.file()
    if name == "pwrite64":
        disk.write(path, call.numbers[-1], call.strings[0])
    elif name == "write":
        disk.write(path, None, call.strings[0])
    elif name == "ftruncate":
        disk.truncate(path, call.numbers[-1])
    elif name in ("fsync", "fdatasync"):
        disk.sync_begins(path)
        return False
    elif name in ("writev", "pwritev", "pwritev2", "fallocate"):
        raise ValueError("%s is not modelled" % name)
    else:
        return False
    return True


def opened(disk, call):
    path = os.path.normpath(call.path_out)
    if not ours(disk, path):
        return False
    if disk.node(path) is None and "O_CREAT" in call.text:
        disk.entry(path, File())
        return True
    if "O_TRUNC" in call.text and isinstance(disk.node(path), File):
        disk.truncate(path, 0)
    return True
