"""Device memory that is host memory: blocks by address, zero-filled and larger than asked for."""

import bisect
import ctypes
import threading

ALIGNMENT = 256
SLACK = 512  # programs of this field read and write a little past the end; on a device that goes unnoticed


class Blocks:
    """The blocks that are allocated. Safe from several threads."""

    def __init__(self):
        self._lock = threading.Lock()
        self._blocks = {}  # address -> (size, the memory)
        self._addresses = []

    def allocate(self, size):
        """Address of a zero-filled block; a block of no bytes has an address too."""
        memory = ctypes.create_string_buffer(max(int(size), 0) + ALIGNMENT + SLACK)
        address = ctypes.addressof(memory)
        address += -address % ALIGNMENT
        with self._lock:
            self._blocks[address] = (int(size), memory)
            bisect.insort(self._addresses, address)
        return address

    def free(self, address):
        """False if no block starts there."""
        with self._lock:
            if self._blocks.pop(address, None) is None:
                return False
            del self._addresses[bisect.bisect_left(self._addresses, address)]
            return True

    def room(self, address):
        """Bytes from the address to the end of its block, slack included; None outside of all blocks."""
        with self._lock:
            at = bisect.bisect_right(self._addresses, address) - 1
            if at < 0:
                return None
            start = self._addresses[at]
            end = start + self._blocks[start][0] + SLACK
            return end - address if address < end else None


BLOCKS = Blocks()


def address_of(thing):
    """The address of an int, a numpy array, a ctypes object, a buffer or anything that int() takes; 0 for None."""
    if thing is None:
        return 0
    if isinstance(thing, int):
        return thing
    if hasattr(thing, "__array_interface__"):
        return thing.__array_interface__["data"][0]
    if hasattr(thing, "__cuda_array_interface__"):
        return thing.__cuda_array_interface__["data"][0]
    if isinstance(thing, ctypes._SimpleCData) and not isinstance(thing, ctypes.Array):
        return int(thing.value or 0)
    if isinstance(thing, (ctypes.Array, ctypes.Structure)):
        return ctypes.addressof(thing)
    if isinstance(thing, (bytearray, memoryview)):
        return ctypes.addressof(ctypes.c_char.from_buffer(thing))
    if isinstance(thing, bytes):
        return ctypes.cast(ctypes.c_char_p(thing), ctypes.c_void_p).value or 0
    return int(thing)


def copy(destination, source, size):
    """memmove; False if an address is null or the copy leaves a block."""
    to, origin, size = address_of(destination), address_of(source), int(size)
    if size == 0:
        return True
    if to == 0 or origin == 0 or size < 0:
        return False
    for address in (to, origin):
        room = BLOCKS.room(address)
        if room is not None and size > room:
            return False
    ctypes.memmove(to, origin, size)
    return True


def fill(destination, value, size):
    to, size = address_of(destination), int(size)
    room = BLOCKS.room(to)
    if size and (to == 0 or (room is not None and size > room)):
        return False
    ctypes.memset(to, int(value) & 255, size)
    return True
