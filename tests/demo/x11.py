"""Windows of an X display, found by title, moved, clicked and photographed, through libX11 alone."""
import ctypes
import os
import select
import shutil
import struct
import subprocess
import time
import zlib

_Z_PIXMAP = 2
_ALL_PLANES = ctypes.c_ulong(-1).value


class _Attributes(ctypes.Structure):
    _fields_ = [("x", ctypes.c_int), ("y", ctypes.c_int), ("width", ctypes.c_int), ("height", ctypes.c_int),
                ("border_width", ctypes.c_int), ("depth", ctypes.c_int), ("visual", ctypes.c_void_p),
                ("root", ctypes.c_ulong), ("c_class", ctypes.c_int), ("bit_gravity", ctypes.c_int),
                ("win_gravity", ctypes.c_int), ("backing_store", ctypes.c_int), ("backing_planes", ctypes.c_ulong),
                ("backing_pixel", ctypes.c_ulong), ("save_under", ctypes.c_int), ("colormap", ctypes.c_ulong),
                ("map_installed", ctypes.c_int), ("map_state", ctypes.c_int), ("rest", ctypes.c_long * 8)]


class _Image(ctypes.Structure):
    _fields_ = [("width", ctypes.c_int), ("height", ctypes.c_int), ("xoffset", ctypes.c_int),
                ("format", ctypes.c_int), ("data", ctypes.c_void_p), ("byte_order", ctypes.c_int),
                ("bitmap_unit", ctypes.c_int), ("bitmap_bit_order", ctypes.c_int), ("bitmap_pad", ctypes.c_int),
                ("depth", ctypes.c_int), ("bytes_per_line", ctypes.c_int), ("bits_per_pixel", ctypes.c_int)]


class _Event(ctypes.Structure):
    """XButtonEvent, padded to the size of an XEvent."""
    _fields_ = [("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send_event", ctypes.c_int),
                ("display", ctypes.c_void_p), ("window", ctypes.c_ulong), ("root", ctypes.c_ulong),
                ("subwindow", ctypes.c_ulong), ("time", ctypes.c_ulong), ("x", ctypes.c_int), ("y", ctypes.c_int),
                ("x_root", ctypes.c_int), ("y_root", ctypes.c_int), ("state", ctypes.c_uint),
                ("button", ctypes.c_uint), ("same_screen", ctypes.c_int), ("pad", ctypes.c_long * 24)]


def start_xvfb(width, height):
    """An X server without a screen; gives (process, display name)."""
    if not shutil.which("Xvfb"):
        raise RuntimeError("there is no display, and Xvfb is not installed")
    reader, writer = os.pipe()
    process = subprocess.Popen(["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{width}x{height}x24", "-nolisten",
                                "tcp", "-noreset"], pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    number = b""
    # To the end of the line: a server that cannot write all of it gives up.
    while not number.endswith(b"\n") and select.select([reader], [], [], 20)[0]:
        piece = os.read(reader, 16)
        if not piece:
            break
        number += piece
    os.close(reader)
    if not number.endswith(b"\n"):
        process.kill()
        raise RuntimeError("Xvfb does not start")
    return process, f":{number.decode().strip()}"


class Display:
    def __init__(self, name):
        x11 = ctypes.CDLL("libX11.so.6")
        x11.XOpenDisplay.restype = ctypes.c_void_p
        x11.XDefaultRootWindow.restype = ctypes.c_ulong
        x11.XGetImage.restype = ctypes.POINTER(_Image)
        self._x11 = x11
        self._handle = ctypes.c_void_p(x11.XOpenDisplay(name.encode()))
        if not self._handle:
            raise RuntimeError(f"the display {name} does not answer")
        # A window may go away between finding and asking: that must not end the program.
        self._ignore = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(lambda *_: 0)
        x11.XSetErrorHandler(self._ignore)
        self.root = x11.XDefaultRootWindow(self._handle)

    def _children(self, window):
        root, parent = ctypes.c_ulong(), ctypes.c_ulong()
        children, count = ctypes.POINTER(ctypes.c_ulong)(), ctypes.c_uint()
        if not self._x11.XQueryTree(self._handle, ctypes.c_ulong(window), ctypes.byref(root), ctypes.byref(parent),
                                    ctypes.byref(children), ctypes.byref(count)):
            return []
        found = [children[index] for index in range(count.value)]
        if children:
            self._x11.XFree(children)
        return found

    def _title(self, window):
        name = ctypes.c_char_p()
        if not self._x11.XFetchName(self._handle, ctypes.c_ulong(window), ctypes.byref(name)) or not name.value:
            return ""
        return name.value.decode(errors="replace")

    def _pid(self, window):
        atom = self._x11.XInternAtom(self._handle, b"_NET_WM_PID", 1)
        kind, form, count, left = ctypes.c_ulong(), ctypes.c_int(), ctypes.c_ulong(), ctypes.c_ulong()
        value = ctypes.POINTER(ctypes.c_ulong)()
        self._x11.XGetWindowProperty(self._handle, ctypes.c_ulong(window), ctypes.c_ulong(atom), ctypes.c_long(0),
                                     ctypes.c_long(1), 0, ctypes.c_ulong(0), ctypes.byref(kind), ctypes.byref(form),
                                     ctypes.byref(count), ctypes.byref(left), ctypes.byref(value))
        return value[0] if value and count.value else 0

    def attributes(self, window):
        attributes = _Attributes()
        if not self._x11.XGetWindowAttributes(self._handle, ctypes.c_ulong(window), ctypes.byref(attributes)):
            return None
        return attributes

    def windows_of(self, pid):
        """Visible windows of a program, largest first. Looks two levels deep, as window managers put frames around."""
        found = []
        level = self._children(self.root)
        for _ in range(3):
            for window in level:
                attributes = self.attributes(window)
                if attributes and attributes.map_state == 2 and attributes.width > 200 and self._pid(window) == pid:
                    found.append((attributes.width * attributes.height, window))
            level = [child for window in level for child in self._children(window)]
        return [window for _, window in sorted(found, reverse=True)]

    def place(self, window, x, y, width, height):
        self._x11.XMoveResizeWindow(self._handle, ctypes.c_ulong(window), x, y, width, height)
        self._x11.XRaiseWindow(self._handle, ctypes.c_ulong(window))
        self._x11.XSync(self._handle, 0)

    def click(self, window, x, y):
        """For programs that take core events (QT_XCB_NO_XI2)."""
        for kind in (6, 4, 5):  # motion, press, release
            event = _Event(type=kind, display=self._handle, window=window, root=self.root, x=x, y=y, x_root=x,
                           y_root=y, state=256 if kind == 5 else 0, button=0 if kind == 6 else 1, same_screen=1,
                           time=int(time.monotonic() * 1000) & 0x7FFFFFFF)
            if kind == 6:
                event.button = 0
            self._x11.XSendEvent(self._handle, ctypes.c_ulong(window), 0, ctypes.c_long(0), ctypes.byref(event))
        self._x11.XSync(self._handle, 0)

    def picture(self, window, x=0, y=0, width=None, height=None):
        """(width, height, RGB rows) of a window, or of a part of it."""
        attributes = self.attributes(window)
        width, height = width or attributes.width, height or attributes.height
        image = self._x11.XGetImage(self._handle, ctypes.c_ulong(window), x, y, width, height,
                                    ctypes.c_ulong(_ALL_PLANES), _Z_PIXMAP)
        if not image:
            raise RuntimeError("the window cannot be photographed")
        content = image.contents
        if content.bits_per_pixel != 32:
            raise RuntimeError(f"{content.bits_per_pixel} bits per pixel are not supported")
        raw = ctypes.string_at(content.data, content.bytes_per_line * height)
        self._x11.XDestroyImage(image)
        rows = []
        for row in range(height):
            line = raw[row * content.bytes_per_line:row * content.bytes_per_line + width * 4]
            rgb = bytearray(width * 3)
            rgb[0::3], rgb[1::3], rgb[2::3] = line[2::4], line[1::4], line[0::4]
            rows.append(bytes(rgb))
        return width, height, rows


def write_png(path, picture):
    """RGB, 8 bits (PNG specification, RFC 2083)."""
    width, height, rows = picture

    def chunk(kind, data):
        return struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))

    raw = b"".join(b"\0" + row for row in rows)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0))
                     + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b""))


def is_blank(picture):
    """True if nearly all of it is one colour: nothing was drawn yet."""
    width, height, rows = picture
    first = rows[0][:3]
    same = sum(row[at:at + 3] == first for row in rows[::7] for at in range(0, len(row), 21))
    return same > 0.98 * len(rows[::7]) * (width / 7)
