// SPDX-License-Identifier: BSD-3-Clause
// A library for LD_PRELOAD that makes file calls go wrong: at the n-th call on files below a directory it
// fails, stops half-way, kills or signals the process; or it keeps a record of all that changes these files.
// Programs need not know.
//
//   CALOR_FAULT_DIR     absolute directory without links; calls on it and below it count, no others. Unset:
//   idle CALOR_FAULT_KIND    count; an errno (EIO ENOSPC EDQUOT ESTALE EINTR EACCES EROFS EFBIG EMFILE);
//                       short: half of a write or read; kill-before, kill-half, kill-after the call;
//                       stop (SIGSTOP before it); slow (a second before it); SIGTERM SIGINT SIGHUP SIGUSR1
//                       SIGUSR2 SIGXCPU SIGXFSZ: sent to this process before the call; record
//   CALOR_FAULT_N       which call, from 1 on; each process counts its own
//   CALOR_FAULT_CALLS   comma-separated sorts that count: open read write truncate allocate sync close rename
//   link
//                       unlink mkdir list times stat; default: all but stat
//   CALOR_FAULT_RANK    only this rank; "none": only processes that no launcher started
//   CALOR_FAULT_STICKY  set: from the n-th call on, all (errnos and short)
//   CALOR_FAULT_EVERY   k: also each k-th call after the n-th
//   CALOR_FAULT_NOT     calls on paths that hold one of these words, separated by commas, do not count
//   CALOR_FAULT_LATE    set: an errno is given after the call was carried out, as network file systems do
//   CALOR_FAULT_LOG     a file outside the directory: a line "fired RANK N SORT PATH" a fault, or with count
//                       "call RANK N SORT PATH" for every call
//   CALOR_FAULT_RECORD  with record: the file that gets the sequence of changes (app/torture/power_cut.hpp)
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum Sort {
  OPEN,
  READ,
  WRITE,
  TRUNCATE,
  ALLOCATE,
  SYNC,
  CLOSE,
  RENAME,
  LINK,
  UNLINK,
  MKDIR,
  LIST,
  TIMES,
  STAT,
  SORTS
};
static const char* const sort_names[SORTS] = {"open",  "read",  "write",  "truncate", "allocate",
                                              "sync",  "close", "rename", "link",     "unlink",
                                              "mkdir", "list",  "times",  "stat"};
enum Kind { IDLE, COUNT, FAIL, SHORT, KILL_BEFORE, KILL_HALF, KILL_AFTER, STOP, SLOW, SIGNAL, RECORD };
/// What the wrapper has to do.
enum Verdict { GO, REFUSE, REFUSE_LATE, HALF, HALF_AND_DIE, DIE_AFTER };

static struct {
  enum Kind kind;
  int number;  // errno or signal
  long at, seen;
  long every;
  int sticky, late, counts[SORTS];
  const char *directory, *rank, *log, *record, *spared;
  size_t length;
} plan;
static pthread_once_t once = PTHREAD_ONCE_INIT;

struct Word {
  const char* word;
  enum Kind kind;
  int number;
};
static const struct Word kinds[] = {{"count", COUNT, 0},
                                    {"record", RECORD, 0},
                                    {"short", SHORT, 0},
                                    {"kill-before", KILL_BEFORE, 0},
                                    {"kill-half", KILL_HALF, 0},
                                    {"kill-after", KILL_AFTER, 0},
                                    {"stop", STOP, 0},
                                    {"slow", SLOW, 0},
                                    {"EIO", FAIL, EIO},
                                    {"ENOSPC", FAIL, ENOSPC},
                                    {"EDQUOT", FAIL, EDQUOT},
                                    {"ESTALE", FAIL, ESTALE},
                                    {"EINTR", FAIL, EINTR},
                                    {"EACCES", FAIL, EACCES},
                                    {"EROFS", FAIL, EROFS},
                                    {"EFBIG", FAIL, EFBIG},
                                    {"EMFILE", FAIL, EMFILE},
                                    {"SIGTERM", SIGNAL, SIGTERM},
                                    {"SIGINT", SIGNAL, SIGINT},
                                    {"SIGHUP", SIGNAL, SIGHUP},
                                    {"SIGUSR1", SIGNAL, SIGUSR1},
                                    {"SIGUSR2", SIGNAL, SIGUSR2},
                                    {"SIGXCPU", SIGNAL, SIGXCPU},
                                    {"SIGXFSZ", SIGNAL, SIGXFSZ}};

static void read_plan(void) {
  static const char* const rank_names[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"};
  const char* const kind = getenv("CALOR_FAULT_KIND");
  plan.directory = getenv("CALOR_FAULT_DIR");
  if (!plan.directory || !kind) return;
  plan.length = strlen(plan.directory);
  plan.rank = "none";
  for (size_t i = 0; i < sizeof rank_names / sizeof *rank_names; ++i)
    if (getenv(rank_names[i])) {
      plan.rank = getenv(rank_names[i]);
      break;
    }
  const char* const wanted = getenv("CALOR_FAULT_RANK");
  if (wanted && strcmp(wanted, plan.rank) != 0) return;
  const char* const calls = getenv("CALOR_FAULT_CALLS");
  for (int s = 0; s < SORTS; ++s) {
    const char* found = calls ? strstr(calls, sort_names[s]) : NULL;
    const size_t n = strlen(sort_names[s]);
    plan.counts[s] =
        calls ? found && (found == calls || found[-1] == ',') && (found[n] == ',' || found[n] == '\0')
              : s != STAT;
  }
  plan.at = getenv("CALOR_FAULT_N") ? atol(getenv("CALOR_FAULT_N")) : -1;
  plan.sticky = getenv("CALOR_FAULT_STICKY") != NULL;
  plan.every = getenv("CALOR_FAULT_EVERY") ? atol(getenv("CALOR_FAULT_EVERY")) : 0;
  plan.spared = getenv("CALOR_FAULT_NOT");
  plan.late = getenv("CALOR_FAULT_LATE") != NULL;
  plan.log = getenv("CALOR_FAULT_LOG");
  plan.record = getenv("CALOR_FAULT_RECORD");
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; ++i)
    if (strcmp(kinds[i].word, kind) == 0) {
      plan.number = kinds[i].number;
      plan.kind = kinds[i].kind;
    }
  if (plan.kind == IDLE) {
    fprintf(stderr, "fault shim: CALOR_FAULT_KIND=%s is none of its words\n", kind);
    abort();
  }
}

static int on(void) {
  pthread_once(&once, read_plan);
  return plan.kind != IDLE;
}

/// The next function of that name, asked for once.
#define REAL(type, name, ...)       \
  static type (*real)(__VA_ARGS__); \
  if (!real) *(void**)(&real) = dlsym(RTLD_NEXT, #name)

static void put(const char* file, const struct iovec* parts, int n) {
  static int (*open_)(const char*, int, ...);
  static ssize_t (*writev_)(int, const struct iovec*, int);
  static int (*close_)(int);
  if (!open_) {
    *(void**)(&open_) = dlsym(RTLD_NEXT, "open");
    *(void**)(&close_) = dlsym(RTLD_NEXT, "close");
    *(void**)(&writev_) = dlsym(RTLD_NEXT, "writev");
  }
  const int fd = open_(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  size_t all = 0;
  for (int i = 0; i < n; ++i) all += parts[i].iov_len;
  // A record with a hole would be replayed wrongly: better no run than that.
  if (fd < 0 || writev_(fd, parts, n) != (ssize_t)all) abort();
  close_(fd);
}

static void say(const char* what, long n, enum Sort sort, const char* path) {
  if (!plan.log) return;
  char line[PATH_MAX + 100];
  const int length =
      snprintf(line, sizeof line, "%s %s %ld %s %s\n", what, plan.rank, n, sort_names[sort], path);
  const struct iovec part = {line, (size_t)length < sizeof line ? (size_t)length : sizeof line - 1};
  put(plan.log, &part, 1);
}

static int below(const char* path) {
  return strncmp(path, plan.directory, plan.length) == 0 &&
         (path[plan.length] == '/' || path[plan.length] == '\0');
}
static int name_of(int fd, char* out) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  REAL(ssize_t, readlink, const char*, char*, size_t);
  const ssize_t n = real(link, out, PATH_MAX - 1);
  out[n > 0 ? n : 0] = '\0';
  return n > 0;
}
static int fd_inside(int fd, char* out) {
  if (!on()) return 0;
  const int before = errno;
  const int yes = name_of(fd, out) && below(out);
  errno = before;
  return yes;
}
/// The absolute name of `path` seen from the directory `at`.
static int path_inside(int at, const char* path, char* out) {
  if (!on() || !path) return 0;
  const int before = errno;
  while (path[0] == '.' && path[1] == '/') path += 2;
  size_t base = 0;
  if (path[0] != '/') {
    if (at == AT_FDCWD ? !getcwd(out, PATH_MAX) : !name_of(at, out)) {
      errno = before;
      return 0;
    }
    base = strlen(out);
    if (*path && strcmp(path, ".") != 0 && base + 1 < PATH_MAX) out[base++] = '/';
  }
  snprintf(out + base, PATH_MAX - base, "%s", strcmp(path, ".") == 0 ? "" : path);
  for (size_t n = strlen(out); n > 1 && out[n - 1] == '/'; --n) out[n - 1] = '\0';
  errno = before;
  return below(out);
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

static int spared(const char* path) {
  for (const char* word = plan.spared; word && *word;) {
    const size_t n = strcspn(word, ",");
    for (const char* at = path; n > 0 && *at; ++at)
      if (strncmp(at, word, n) == 0) return 1;
    word += n + (word[n] == ',');
  }
  return 0;
}

static enum Verdict meet(enum Sort sort, const char* path) {
  if (!plan.counts[sort] || plan.kind == RECORD || spared(path)) return GO;
  const int before = errno;
  const long n = __atomic_add_fetch(&plan.seen, 1, __ATOMIC_SEQ_CST);
  if (plan.kind == COUNT) say("call", n, sort, path);
  const int again = n > plan.at && (plan.sticky || (plan.every > 0 && (n - plan.at) % plan.every == 0));
  if (plan.kind == COUNT || !(n == plan.at || again)) {
    errno = before;
    return GO;
  }
  if (n == plan.at || !plan.sticky) say("fired", n, sort, path);
  errno = before;
  switch (plan.kind) {
    case FAIL:
      errno = plan.number;
      return plan.late ? REFUSE_LATE : REFUSE;
    case SHORT:
      return HALF;
    case KILL_BEFORE:
      die();
      return GO;
    case KILL_HALF:
      return HALF_AND_DIE;
    case KILL_AFTER:
      return DIE_AFTER;
    case STOP:
      kill(getpid(), SIGSTOP);
      return GO;
    case SLOW: {
      const struct timespec second = {1, 0};
      nanosleep(&second, NULL);
      return GO;
    }
    case SIGNAL:
      kill(getpid(), plan.number);
      return GO;
    case IDLE:
    case COUNT:
    case RECORD:
      break;
  }
  return GO;
}

// The record: a header, two names, the data; host byte order. See app/torture/power_cut.hpp.
static void record(char what, const char* path, const char* other, int64_t offset, const void* data,
                   size_t bytes) {
  if (plan.kind != RECORD || !plan.record) return;
  const int before = errno;
  struct {
    uint32_t mark;
    uint16_t path, other;
    int64_t offset;
    uint64_t bytes, data;
    uint32_t process;
    char what, unused[3];
  } head = {0x43524543u,
            (uint16_t)strlen(path),
            (uint16_t)(other ? strlen(other) : 0),
            offset,
            bytes,
            data ? bytes : 0,
            (uint32_t)getpid(),
            what,
            {0, 0, 0}};
  const struct iovec parts[4] = {{&head, sizeof head},
                                 {(void*)(uintptr_t)path, head.path},
                                 {(void*)(uintptr_t)other, head.other},
                                 {(void*)(uintptr_t)data, data ? bytes : 0}};
  put(plan.record, parts, 4);
  errno = before;
}

/// Carries out `call`, whole or in half, or not, as the verdict says; `result` is -1 where it failed.
#define CARRY_OUT(verdict, result, call, half, after) \
  do {                                                \
    const enum Verdict v_ = (verdict);                \
    const int number_ = errno;                        \
    if (v_ == REFUSE) {                               \
      errno = number_;                                \
      return -1;                                      \
    }                                                 \
    if (v_ == HALF || v_ == HALF_AND_DIE)             \
      result = half;                                  \
    else                                              \
      result = call;                                  \
    if (v_ == HALF_AND_DIE || v_ == DIE_AFTER) die(); \
    if (v_ == REFUSE_LATE) {                          \
      errno = plan.number;                            \
      return -1;                                      \
    }                                                 \
    after;                                            \
    return result;                                    \
  } while (0)

// Opening.

static int missing(const char* path) {
  const int before = errno;
  const int yes = faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) != 0;
  errno = before;
  return yes;
}
static void opened(const char* full, int flags, int was_missing) {
  if (plan.kind != RECORD) return;
  if ((flags & O_CREAT) && was_missing)
    record('c', full, NULL, 0, NULL, 0);
  else if (flags & O_TRUNC)
    record('t', full, NULL, 0, NULL, 0);
}
#define MODE                           \
  mode_t mode = 0;                     \
  if (flags & (O_CREAT | O_TMPFILE)) { \
    va_list more;                      \
    va_start(more, flags);             \
    mode = va_arg(more, mode_t);       \
    va_end(more);                      \
  }
#define OPENING(at, carry)                                      \
  char full[PATH_MAX];                                          \
  if (!path_inside(at, path, full)) return carry;               \
  const int was_missing = plan.kind == RECORD && missing(full); \
  int result = -1;                                              \
  CARRY_OUT(meet(OPEN, full), result, carry, carry, if (result >= 0) opened(full, flags, was_missing))

int open(const char* path, int flags, ...) {
  REAL(int, open, const char*, int, ...);
  MODE OPENING(AT_FDCWD, real(path, flags, mode));
}
int open64(const char* path, int flags, ...) {
  REAL(int, open64, const char*, int, ...);
  MODE OPENING(AT_FDCWD, real(path, flags, mode));
}
int openat(int at, const char* path, int flags, ...) {
  REAL(int, openat, int, const char*, int, ...);
  MODE OPENING(at, real(at, path, flags, mode));
}
int openat64(int at, const char* path, int flags, ...) {
  REAL(int, openat64, int, const char*, int, ...);
  MODE OPENING(at, real(at, path, flags, mode));
}
int __open_2(const char* path, int flags);
int __open_2(const char* path, int flags) {
  REAL(int, __open_2, const char*, int);
  OPENING(AT_FDCWD, real(path, flags));
}
int __open64_2(const char* path, int flags);
int __open64_2(const char* path, int flags) {
  REAL(int, __open64_2, const char*, int);
  OPENING(AT_FDCWD, real(path, flags));
}
int __openat_2(int at, const char* path, int flags);
int __openat_2(int at, const char* path, int flags) {
  REAL(int, __openat_2, int, const char*, int);
  OPENING(at, real(at, path, flags));
}
int __openat64_2(int at, const char* path, int flags);
int __openat64_2(int at, const char* path, int flags) {
  REAL(int, __openat64_2, int, const char*, int);
  OPENING(at, real(at, path, flags));
}
int creat(const char* path, mode_t mode) { return open(path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char* path, mode_t mode) { return open64(path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

// A stream's own calls stay inside libc; what it opens is seen, and a stream that writes is refused at its
// opening.
static int stream_flags(const char* mode) {
  return mode[0] == 'r' ? 0 : O_CREAT | (mode[0] == 'w' ? O_TRUNC : 0);
}
#define STREAM(carry)                                           \
  char full[PATH_MAX];                                          \
  if (!path_inside(AT_FDCWD, path, full)) return carry;         \
  const int was_missing = plan.kind == RECORD && missing(full); \
  const enum Verdict v = meet(OPEN, full);                      \
  if (v == REFUSE || v == REFUSE_LATE) return NULL;             \
  FILE* const result = carry;                                   \
  if (v == HALF_AND_DIE || v == DIE_AFTER) die();               \
  if (result) opened(full, stream_flags(mode), was_missing);    \
  return result
FILE* fopen(const char* path, const char* mode) {
  REAL(FILE*, fopen, const char*, const char*);
  STREAM(real(path, mode));
}
FILE* fopen64(const char* path, const char* mode) {
  REAL(FILE*, fopen64, const char*, const char*);
  STREAM(real(path, mode));
}

// Reading and writing.

static size_t half(size_t n) { return n > 1 ? n / 2 : n; }
/// A copy of the first half of the bytes of `v`; how many parts. At most 64 parts are shortened, more go
/// whole.
static int half_of(const struct iovec* v, int n, struct iovec* out) {
  size_t all = 0;
  for (int i = 0; i < n; ++i) all += v[i].iov_len;
  size_t left = half(all);
  int used = 0;
  for (int i = 0; i < n && i < 64 && left > 0; ++i) {
    out[used] = v[i];
    if (out[used].iov_len > left) out[used].iov_len = left;
    left -= out[used++].iov_len;
  }
  return used;
}

static void wrote(int fd, const char* full, const void* data, ssize_t bytes, int64_t offset) {
  if (plan.kind != RECORD || bytes <= 0) return;
  const int before = errno;
  if (offset < 0) offset = lseek(fd, 0, SEEK_CUR) - bytes;
  record('w', full, NULL, offset, data, (size_t)bytes);
  errno = before;
}
static void wrote_parts(int fd, const char* full, const struct iovec* v, int n, ssize_t bytes,
                        int64_t offset) {
  if (plan.kind != RECORD || bytes <= 0) return;
  if (offset < 0) offset = lseek(fd, 0, SEEK_CUR) - bytes;
  for (int i = 0; i < n && bytes > 0; ++i) {
    const ssize_t part = (ssize_t)v[i].iov_len < bytes ? (ssize_t)v[i].iov_len : bytes;
    record('w', full, NULL, offset, v[i].iov_base, (size_t)part);
    offset += part;
    bytes -= part;
  }
}

#define MOVING(sort, type, call, half_call, after) \
  char full[PATH_MAX];                             \
  if (!fd_inside(fd, full)) return call;           \
  type result = -1;                                \
  CARRY_OUT(meet(sort, full), result, call, half_call, after)

ssize_t write(int fd, const void* data, size_t n) {
  REAL(ssize_t, write, int, const void*, size_t);
  MOVING(WRITE, ssize_t, real(fd, data, n), real(fd, data, half(n)), wrote(fd, full, data, result, -1));
}
ssize_t pwrite(int fd, const void* data, size_t n, off_t at) {
  REAL(ssize_t, pwrite, int, const void*, size_t, off_t);
  MOVING(WRITE, ssize_t, real(fd, data, n, at), real(fd, data, half(n), at),
         wrote(fd, full, data, result, at));
}
ssize_t pwrite64(int fd, const void* data, size_t n, off64_t at) {
  REAL(ssize_t, pwrite64, int, const void*, size_t, off64_t);
  MOVING(WRITE, ssize_t, real(fd, data, n, at), real(fd, data, half(n), at),
         wrote(fd, full, data, result, at));
}
#define HALF_PARTS(call)                  \
  struct iovec first[64];                 \
  const int parts = half_of(v, n, first); \
  (void)parts;                            \
  call
ssize_t writev(int fd, const struct iovec* v, int n) {
  REAL(ssize_t, writev, int, const struct iovec*, int);
  HALF_PARTS(MOVING(WRITE, ssize_t, real(fd, v, n), real(fd, first, parts),
                    wrote_parts(fd, full, v, n, result, -1)));
}
ssize_t pwritev(int fd, const struct iovec* v, int n, off_t at) {
  REAL(ssize_t, pwritev, int, const struct iovec*, int, off_t);
  HALF_PARTS(MOVING(WRITE, ssize_t, real(fd, v, n, at), real(fd, first, parts, at),
                    wrote_parts(fd, full, v, n, result, at)));
}
ssize_t pwritev64(int fd, const struct iovec* v, int n, off64_t at) {
  REAL(ssize_t, pwritev64, int, const struct iovec*, int, off64_t);
  HALF_PARTS(MOVING(WRITE, ssize_t, real(fd, v, n, at), real(fd, first, parts, at),
                    wrote_parts(fd, full, v, n, result, at)));
}
ssize_t pwritev2(int fd, const struct iovec* v, int n, off_t at, int flags) {
  REAL(ssize_t, pwritev2, int, const struct iovec*, int, off_t, int);
  HALF_PARTS(MOVING(WRITE, ssize_t, real(fd, v, n, at, flags), real(fd, first, parts, at, flags),
                    wrote_parts(fd, full, v, n, result, at)));
}
ssize_t sendfile(int fd, int from, off_t* at, size_t n) {
  REAL(ssize_t, sendfile, int, int, off_t*, size_t);
  if (on() && plan.kind == RECORD) {  // copies by write are seen, these are not: let the caller fall back
    errno = ENOSYS;
    return -1;
  }
  MOVING(WRITE, ssize_t, real(fd, from, at, n), real(fd, from, at, half(n)), (void)0);
}
ssize_t sendfile64(int fd, int from, off64_t* at, size_t n) {
  REAL(ssize_t, sendfile64, int, int, off64_t*, size_t);
  if (on() && plan.kind == RECORD) {
    errno = ENOSYS;
    return -1;
  }
  MOVING(WRITE, ssize_t, real(fd, from, at, n), real(fd, from, at, half(n)), (void)0);
}
ssize_t copy_file_range(int from, off64_t* from_at, int fd, off64_t* at, size_t n, unsigned flags) {
  REAL(ssize_t, copy_file_range, int, off64_t*, int, off64_t*, size_t, unsigned);
  if (on() && plan.kind == RECORD) {
    errno = ENOSYS;
    return -1;
  }
  MOVING(WRITE, ssize_t, real(from, from_at, fd, at, n, flags), real(from, from_at, fd, at, half(n), flags),
         (void)0);
}

ssize_t read(int fd, void* data, size_t n) {
  REAL(ssize_t, read, int, void*, size_t);
  MOVING(READ, ssize_t, real(fd, data, n), real(fd, data, half(n)), (void)0);
}
ssize_t __read_chk(int fd, void* data, size_t n, size_t room);
ssize_t __read_chk(int fd, void* data, size_t n, size_t room) {
  REAL(ssize_t, __read_chk, int, void*, size_t, size_t);
  MOVING(READ, ssize_t, real(fd, data, n, room), real(fd, data, half(n), room), (void)0);
}
ssize_t pread(int fd, void* data, size_t n, off_t at) {
  REAL(ssize_t, pread, int, void*, size_t, off_t);
  MOVING(READ, ssize_t, real(fd, data, n, at), real(fd, data, half(n), at), (void)0);
}
ssize_t pread64(int fd, void* data, size_t n, off64_t at) {
  REAL(ssize_t, pread64, int, void*, size_t, off64_t);
  MOVING(READ, ssize_t, real(fd, data, n, at), real(fd, data, half(n), at), (void)0);
}
ssize_t __pread_chk(int fd, void* data, size_t n, off_t at, size_t room);
ssize_t __pread_chk(int fd, void* data, size_t n, off_t at, size_t room) {
  REAL(ssize_t, __pread_chk, int, void*, size_t, off_t, size_t);
  MOVING(READ, ssize_t, real(fd, data, n, at, room), real(fd, data, half(n), at, room), (void)0);
}
ssize_t __pread64_chk(int fd, void* data, size_t n, off64_t at, size_t room);
ssize_t __pread64_chk(int fd, void* data, size_t n, off64_t at, size_t room) {
  REAL(ssize_t, __pread64_chk, int, void*, size_t, off64_t, size_t);
  MOVING(READ, ssize_t, real(fd, data, n, at, room), real(fd, data, half(n), at, room), (void)0);
}
ssize_t readv(int fd, const struct iovec* v, int n) {
  REAL(ssize_t, readv, int, const struct iovec*, int);
  HALF_PARTS(MOVING(READ, ssize_t, real(fd, v, n), real(fd, first, parts), (void)0));
}
ssize_t preadv(int fd, const struct iovec* v, int n, off_t at) {
  REAL(ssize_t, preadv, int, const struct iovec*, int, off_t);
  HALF_PARTS(MOVING(READ, ssize_t, real(fd, v, n, at), real(fd, first, parts, at), (void)0));
}
ssize_t preadv64(int fd, const struct iovec* v, int n, off64_t at) {
  REAL(ssize_t, preadv64, int, const struct iovec*, int, off64_t);
  HALF_PARTS(MOVING(READ, ssize_t, real(fd, v, n, at), real(fd, first, parts, at), (void)0));
}

// Length, stable storage, closing.

int ftruncate(int fd, off_t n) {
  REAL(int, ftruncate, int, off_t);
  MOVING(TRUNCATE, int, real(fd, n), real(fd, n), if (result == 0) record('t', full, NULL, n, NULL, 0));
}
int ftruncate64(int fd, off64_t n) {
  REAL(int, ftruncate64, int, off64_t);
  MOVING(TRUNCATE, int, real(fd, n), real(fd, n), if (result == 0) record('t', full, NULL, n, NULL, 0));
}
int fallocate(int fd, int mode, off_t at, off_t n) {
  REAL(int, fallocate, int, int, off_t, off_t);
  MOVING(ALLOCATE, int, real(fd, mode, at, n), real(fd, mode, at, n / 2),
         if (result == 0 && mode == 0) record('a', full, NULL, at, NULL, (size_t)n));
}
int fallocate64(int fd, int mode, off64_t at, off64_t n) {
  REAL(int, fallocate64, int, int, off64_t, off64_t);
  MOVING(ALLOCATE, int, real(fd, mode, at, n), real(fd, mode, at, n / 2),
         if (result == 0 && mode == 0) record('a', full, NULL, at, NULL, (size_t)n));
}
/// Unlike the others it returns its error.
static int allocate(int (*real)(int, off64_t, off64_t), int fd, off64_t at, off64_t n) {
  char full[PATH_MAX];
  if (!fd_inside(fd, full)) return real(fd, at, n);
  const enum Verdict v = meet(ALLOCATE, full);
  if (v == REFUSE) return plan.number;
  const int result = real(fd, at, v == HALF || v == HALF_AND_DIE ? n / 2 : n);
  if (v == HALF_AND_DIE || v == DIE_AFTER) die();
  if (v == REFUSE_LATE) return plan.number;
  if (result == 0) record('a', full, NULL, at, NULL, (size_t)n);
  return result;
}
int posix_fallocate(int fd, off_t at, off_t n) {
  REAL(int, posix_fallocate, int, off64_t, off64_t);
  return allocate(real, fd, at, n);
}
int posix_fallocate64(int fd, off64_t at, off64_t n) {
  REAL(int, posix_fallocate64, int, off64_t, off64_t);
  return allocate(real, fd, at, n);
}
// Recorded before it is carried out: what others write meanwhile is not covered.
int fsync(int fd) {
  REAL(int, fsync, int);
  char full[PATH_MAX];
  if (!fd_inside(fd, full)) return real(fd);
  record('s', full, NULL, 0, NULL, 0);
  int result = -1;
  CARRY_OUT(meet(SYNC, full), result, real(fd), real(fd), (void)0);
}
int fdatasync(int fd) {
  REAL(int, fdatasync, int);
  char full[PATH_MAX];
  if (!fd_inside(fd, full)) return real(fd);
  record('s', full, NULL, 0, NULL, 0);
  int result = -1;
  CARRY_OUT(meet(SYNC, full), result, real(fd), real(fd), (void)0);
}
// A close that fails has closed all the same.
int close(int fd) {
  REAL(int, close, int);
  char full[PATH_MAX];
  if (!fd_inside(fd, full)) return real(fd);
  const enum Verdict v = meet(CLOSE, full);
  const int result = real(fd);
  if (v == HALF_AND_DIE || v == DIE_AFTER) die();
  if (v == REFUSE || v == REFUSE_LATE) {
    errno = plan.number;
    return -1;
  }
  return result;
}

// Names.

#define NAMING(sort, at, path, call, what)       \
  char full[PATH_MAX];                           \
  if (!path_inside(at, path, full)) return call; \
  int result = -1;                               \
  CARRY_OUT(meet(sort, full), result, call, call, if (result == 0) record(what, full, NULL, 0, NULL, 0))
#define TWO_NAMES(sort, from_at, from, to_at, to, call, what) \
  char full[PATH_MAX], other[PATH_MAX];                       \
  const int source = path_inside(from_at, from, full);        \
  if (!path_inside(to_at, to, other) && !source) return call; \
  int result = -1;                                            \
  CARRY_OUT(meet(sort, other), result, call, call, if (result == 0) record(what, full, other, 0, NULL, 0))

int rename(const char* from, const char* to) {
  REAL(int, rename, const char*, const char*);
  TWO_NAMES(RENAME, AT_FDCWD, from, AT_FDCWD, to, real(from, to), 'r');
}
int renameat(int from_at, const char* from, int to_at, const char* to) {
  REAL(int, renameat, int, const char*, int, const char*);
  TWO_NAMES(RENAME, from_at, from, to_at, to, real(from_at, from, to_at, to), 'r');
}
int renameat2(int from_at, const char* from, int to_at, const char* to, unsigned flags) {
  REAL(int, renameat2, int, const char*, int, const char*, unsigned);
  TWO_NAMES(RENAME, from_at, from, to_at, to, real(from_at, from, to_at, to, flags), 'r');
}
int link(const char* from, const char* to) {
  REAL(int, link, const char*, const char*);
  TWO_NAMES(LINK, AT_FDCWD, from, AT_FDCWD, to, real(from, to), 'l');
}
int linkat(int from_at, const char* from, int to_at, const char* to, int flags) {
  REAL(int, linkat, int, const char*, int, const char*, int);
  TWO_NAMES(LINK, from_at, from, to_at, to, real(from_at, from, to_at, to, flags), 'l');
}
int symlink(const char* text, const char* path) {
  REAL(int, symlink, const char*, const char*);
  NAMING(LINK, AT_FDCWD, path, real(text, path), 'c');
}
int unlink(const char* path) {
  REAL(int, unlink, const char*);
  NAMING(UNLINK, AT_FDCWD, path, real(path), 'u');
}
int unlinkat(int at, const char* path, int flags) {
  REAL(int, unlinkat, int, const char*, int);
  NAMING(UNLINK, at, path, real(at, path, flags), 'u');
}
int remove(const char* path) {
  REAL(int, remove, const char*);
  NAMING(UNLINK, AT_FDCWD, path, real(path), 'u');
}
int rmdir(const char* path) {
  REAL(int, rmdir, const char*);
  NAMING(UNLINK, AT_FDCWD, path, real(path), 'u');
}
int mkdir(const char* path, mode_t mode) {
  REAL(int, mkdir, const char*, mode_t);
  NAMING(MKDIR, AT_FDCWD, path, real(path, mode), 'm');
}
int mkdirat(int at, const char* path, mode_t mode) {
  REAL(int, mkdirat, int, const char*, mode_t);
  NAMING(MKDIR, at, path, real(at, path, mode), 'm');
}
int truncate(const char* path, off_t n) {
  REAL(int, truncate, const char*, off_t);
  char full[PATH_MAX];
  if (!path_inside(AT_FDCWD, path, full)) return real(path, n);
  int result = -1;
  CARRY_OUT(meet(TRUNCATE, full), result, real(path, n), real(path, n),
            if (result == 0) record('t', full, NULL, n, NULL, 0));
}

// Looking.

DIR* opendir(const char* path) {
  REAL(DIR*, opendir, const char*);
  char full[PATH_MAX];
  if (!path_inside(AT_FDCWD, path, full)) return real(path);
  const enum Verdict v = meet(LIST, full);
  if (v == REFUSE || v == REFUSE_LATE) return NULL;
  DIR* const result = real(path);
  if (v == HALF_AND_DIE || v == DIE_AFTER) die();
  return result;
}
DIR* fdopendir(int fd) {
  REAL(DIR*, fdopendir, int);
  char full[PATH_MAX];
  if (!fd_inside(fd, full)) return real(fd);
  const enum Verdict v = meet(LIST, full);
  if (v == REFUSE || v == REFUSE_LATE) return NULL;
  DIR* const result = real(fd);
  if (v == HALF_AND_DIE || v == DIE_AFTER) die();
  return result;
}
int utimensat(int at, const char* path, const struct timespec times[2], int flags) {
  REAL(int, utimensat, int, const char*, const struct timespec*, int);
  char full[PATH_MAX];
  if (!path_inside(at, path, full)) return real(at, path, times, flags);
  int result = -1;
  CARRY_OUT(meet(TIMES, full), result, real(at, path, times, flags), real(at, path, times, flags), (void)0);
}
int futimens(int fd, const struct timespec times[2]) {
  REAL(int, futimens, int, const struct timespec*);
  MOVING(TIMES, int, real(fd, times), real(fd, times), (void)0);
}
#define LOOKING(at, call)                        \
  char full[PATH_MAX];                           \
  if (!path_inside(at, path, full)) return call; \
  int result = -1;                               \
  CARRY_OUT(meet(STAT, full), result, call, call, (void)0)
int stat(const char* restrict path, struct stat* restrict s) {
  REAL(int, stat, const char*, struct stat*);
  LOOKING(AT_FDCWD, real(path, s));
}
int stat64(const char* restrict path, struct stat64* restrict s) {
  REAL(int, stat64, const char*, struct stat64*);
  LOOKING(AT_FDCWD, real(path, s));
}
int lstat(const char* restrict path, struct stat* restrict s) {
  REAL(int, lstat, const char*, struct stat*);
  LOOKING(AT_FDCWD, real(path, s));
}
int lstat64(const char* restrict path, struct stat64* restrict s) {
  REAL(int, lstat64, const char*, struct stat64*);
  LOOKING(AT_FDCWD, real(path, s));
}
int fstatat(int at, const char* restrict path, struct stat* restrict s, int flags) {
  REAL(int, fstatat, int, const char*, struct stat*, int);
  LOOKING(at, real(at, path, s, flags));
}
int fstatat64(int at, const char* restrict path, struct stat64* restrict s, int flags) {
  REAL(int, fstatat64, int, const char*, struct stat64*, int);
  LOOKING(at, real(at, path, s, flags));
}
int fstat(int fd, struct stat* s) {
  REAL(int, fstat, int, struct stat*);
  MOVING(STAT, int, real(fd, s), real(fd, s), (void)0);
}
int fstat64(int fd, struct stat64* s) {
  REAL(int, fstat64, int, struct stat64*);
  MOVING(STAT, int, real(fd, s), real(fd, s), (void)0);
}
int statx(int at, const char* restrict path, int flags, unsigned mask, struct statx* restrict s) {
  REAL(int, statx, int, const char*, int, unsigned, struct statx*);
  LOOKING(at, real(at, path, flags, mask, s));
}
