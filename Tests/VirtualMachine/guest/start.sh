#!/bin/sh
# Process 1 of the virtual machine: runs the cases and powers off, whatever becomes of them.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
echo "# machine up after $(cut -d' ' -f1 /proc/uptime) s, kernel $(uname -r)"
cd /tmp
/usr/bin/python3 /tmp/share/guest/main.py
echo "# cases ended after $(cut -d' ' -f1 /proc/uptime) s"
sync
exec /bin/busybox poweroff -f
