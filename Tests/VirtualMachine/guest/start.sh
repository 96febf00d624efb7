#!/bin/sh
# Process 1 of the virtual machine: runs the cases and powers off, whatever becomes of them.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 \
  LD_LIBRARY_PATH=/tmp/bin/libraries
echo "# machine up after $(cut -d' ' -f1 /proc/uptime) s, kernel $(uname -r)"
cd /tmp || exec /bin/busybox poweroff -f
# The shared folder keeps nothing it has read; programs and libraries start faster from memory.
cp -r /tmp/share/bin /tmp/bin
/usr/bin/python3 /tmp/share/guest/main.py
echo "# cases ended after $(cut -d' ' -f1 /proc/uptime) s"
sync
exec /bin/busybox poweroff -f
