#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Every call of the program and its libraries that changes or reads files goes through the shim, or stands in the list of
# those that need not.
# usage: shim_covers.sh PROGRAM SHIM
set -euo pipefail
program=$1 shim=$2
command -v nm >/dev/null || { echo "skipped: no nm" && exit 77; }
exported=$(nm -D --defined-only "$shim" | awk '$2 == "T" { print $3 }')
# What moves no byte and no name of a file, what only asks, and what libc carries out by calls that are seen at their
# opening (streams).
others=' access chdir chmod fchmod fchmodat closedir dirfd dup dup2 fclose fdopen fflush flock fread freopen fseeko fseeko64
 fwrite fcntl fcntl64 fileno ftello64 lseek lseek64 mmap mmap64 munmap pclose popen pathconf pipe poll readdir readdir64
 readlink realpath socket socketpair statfs statvfs statvfs64 faccessat aio_read aio_write aio_read64 aio_write64
 rewind ferror fputs fputc fputs_unlocked fgets fprintf vfprintf setvbuf umask shm_open shm_unlink sendmsg recvmsg send recv
 sendto recvfrom closelog openlog dlopen dlclose close_range lockf lockf64 freopen64 tmpfile64 mkstemp mkstemp64
 fstatfs fstatfs64 statfs64 fstatvfs utimes readlinkat __xstat remove_error_table fopencookie aio_error aio_return
 open_memstream removexattr rewinddir scandir syncfs sync sync_file_range fdopendir msync fchdir getcwd openpty posix_openpt process_vm_readv process_vm_writev '
files='^(_*)(open|creat|read|write|pread|pwrite|readv|writev|sync|fsync|fdatasync|trunc|ftrunc|fallocate|posix_fallocate|rename|link|symlink|unlink|remove|mkdir|rmdir|mknod|close|utim|futim|stat|lstat|fstat|fxstat|lxstat|xstat|sendfile|copy_file|splice|opendir|fdopendir|fopen|aio_)'
declare -A seen=()
missing=0 looked=0
libraries=$(ldd "$program" | awk '$3 ~ /^\// { print $3 }')
plugins=$(find "$(dirname "$(readlink -f "$(ldd "$program" | awk '/libmpi\.so/ { print $3 }')")")" -name 'mca_io_*.so' -o -name 'mca_f*.so' 2>/dev/null || true)
for library in "$program" $libraries $plugins; do
  case $library in */libc.so* | */ld-linux*) continue ;; esac
  while read -r name; do
    [[ -z ${seen[$name]:-} ]] || continue
    seen[$name]=1 looked=$((looked + 1))
    grep -qx -- "$name" <<<"$exported" && continue
    [[ $others == *[[:space:]]"$name"[[:space:]]* ]] && continue
    echo "not seen by the shim: $name, called by ${library##*/}"
    missing=$((missing + 1))
  done < <(nm -D --undefined-only "$library" 2>/dev/null | awk '{ print $NF }' | sed 's/@.*//' | grep -E "$files" || true)
done
echo "$looked calls on files looked at, $missing missing"
((missing == 0 && looked > 20))
