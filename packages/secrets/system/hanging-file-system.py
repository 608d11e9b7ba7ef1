"""Mounts a file system that never answers (FUSE) at argv[1], says so, and hangs until it is killed."""

import ctypes, os, signal, sys

libc = ctypes.CDLL(None, use_errno=True)
device = os.open("/dev/fuse", os.O_RDWR)
options = f"fd={device},rootmode=40000,user_id=0,group_id=0".encode()
if libc.mount(b"hang", sys.argv[1].encode(), b"fuse", 0, options) != 0:
    sys.exit("mount: " + os.strerror(ctypes.get_errno()))
print("mounted", flush=True)
signal.pause()
