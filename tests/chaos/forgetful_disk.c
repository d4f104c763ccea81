/* A disk that forgets: preloaded into a process, it notes what is changed below FORGETFUL_FOLDER
 * and what was flushed, in the file FORGETFUL_LOG. After the process was killed,
 * forgetful_disk.py makes of the folder what a power cut at that moment would have left.
 *
 *   cc -shared -fPIC -o forgetful_disk.so forgetful_disk.c -ldl -lpthread
 *
 * Everything is really done, so reading needs no help. A change is noted before it is done and a
 * flush after it has succeeded: whatever a kill falls between, nothing counts as flushed that
 * was not, and nothing was told to anybody before it was noted.
 *
 * It can also be a bad disk; these are read at every call:
 *   FORGETFUL_LIES=1         flushes are not noted: a disk that only says it has flushed
 *   FORGETFUL_FAULT=FILE     while FILE is there, its first word is what goes wrong:
 *                            "full" (ENOSPC), "read-only" (EROFS, also for opening to write),
 *                            "broken" (EIO on write), "unflushable" (EIO on fsync, and what was
 *                            to be flushed never is, as on Linux), "slow N" (N ms more a flush)
 *
 * What is not seen: memory that is mapped (SQLite's -shm file, which is made anew after a crash),
 * and C's own streams. What names a file by a descriptor of its folder ends the process loudly.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* One record of the log; then so many bytes of a name, and so many of data. */
struct record {
    uint8_t what; /* 'C'reate, 'W'rite, 'T'runcate, 'G'row, 'S'ync, 'D'irectory sync, 'U'nlink,
                     'R'ename, 'L'ink (the data is the new name), 'X': could not be flushed */
    uint8_t unused[3];
    uint32_t name_length;
    uint64_t inode, offset, data_length;
};

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static int log_file = -1;

static void give_up(const char *why)
{
    dprintf(2, "forgetful disk: %s\n", why);
    abort();
}

/* ---- what lies in the folder ---------------------------------------------------------------- */

static int is_inside(const char *path)
{
    const char *folder = getenv("FORGETFUL_FOLDER");
    size_t length = folder ? strlen(folder) : 0;

    return length && !strncmp(path, folder, length) && (path[length] == '/' || !path[length]);
}

/* Write the absolute name of an open file into `path`; return whether it lies in the folder. */
static int name_of(int file, char path[PATH_MAX])
{
    char link[64];
    ssize_t length;

    if (!getenv("FORGETFUL_FOLDER"))
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    length = readlink(link, path, PATH_MAX - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    return is_inside(path);
}

/* The same of a name that may not be there yet: its folder must. */
static int whole_name(const char *name, char path[PATH_MAX])
{
    char copy[PATH_MAX], *slash;

    if (!getenv("FORGETFUL_FOLDER") || strlen(name) >= sizeof copy)
        return 0;
    strcpy(copy, name);
    slash = strrchr(copy, '/');
    if (slash)
        *slash = 0;
    if (!realpath(slash ? (*copy ? copy : "/") : ".", path))
        return 0;
    if (strlen(path) + strlen(name) + 2 > PATH_MAX)
        return 0;
    strcat(strcat(path, "/"), slash ? slash + 1 : copy);
    return is_inside(path);
}

static uint64_t inode_of(int file)
{
    struct stat about;

    return fstat(file, &about) ? 0 : about.st_ino;
}

/* ---- the log -------------------------------------------------------------------------------- */

static void note(char what, uint64_t inode, uint64_t offset, const char *name, const void *data,
                 size_t data_length)
{
    struct record record = {.what = what, .inode = inode, .offset = offset};
    struct iovec parts[3];
    ssize_t length;

    if (log_file < 0) {
        log_file = NEXT(open)(getenv("FORGETFUL_LOG"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC,
                              0666);
        if (log_file < 0)
            give_up("its log cannot be opened");
    }
    record.name_length = name ? strlen(name) : 0;
    record.data_length = data_length;
    parts[0] = (struct iovec){&record, sizeof record};
    parts[1] = (struct iovec){(void *)name, record.name_length};
    parts[2] = (struct iovec){(void *)data, data_length};
    length = NEXT(writev)(log_file, parts, 3);
    if (length != (ssize_t)(sizeof record + record.name_length + data_length))
        give_up("its log cannot be written");
}

static void begin(void) { pthread_mutex_lock(&one_at_a_time); }
static void end(void) { pthread_mutex_unlock(&one_at_a_time); }

/* ---- what goes wrong ------------------------------------------------------------------------ */

/* Return the error that this kind of call has now, or 0. Kinds: 'w'rite, 'f'lush, 'n'ame. */
static int fault(char kind)
{
    char word[32] = "";
    const char *name = getenv("FORGETFUL_FAULT");
    int file = name ? NEXT(open)(name, O_RDONLY | O_CLOEXEC) : -1;

    if (file < 0)
        return 0;
    if (read(file, word, sizeof word - 1) < 0)
        word[0] = 0;
    close(file);
    if (!strncmp(word, "full", 4))
        return kind == 'w' ? ENOSPC : 0;
    if (!strncmp(word, "read-only", 9))
        return kind == 'f' ? 0 : EROFS;
    if (!strncmp(word, "broken", 6))
        return kind == 'w' ? EIO : 0;
    if (!strncmp(word, "unflushable", 11))
        return kind == 'f' ? EIO : 0;
    if (!strncmp(word, "slow ", 5) && kind == 'f') {
        long milliseconds = atol(word + 5);
        struct timespec rest = {milliseconds / 1000, milliseconds % 1000 * 1000000};

        while (nanosleep(&rest, &rest) == -1 && errno == EINTR)
            ; /* a signal does not make the disk faster */
    }
    return 0;
}

#define FAIL_IF(kind)                                                                              \
    do {                                                                                           \
        int why_ = fault(kind);                                                                    \
        if (why_) {                                                                                \
            errno = why_;                                                                          \
            return -1;                                                                             \
        }                                                                                          \
    } while (0)

/* ---- opening -------------------------------------------------------------------------------- */

static int open_noting(int folder, const char *name, int flags, mode_t mode)
{
    char path[PATH_MAX];
    struct stat about;
    int was_there, file, why;

    if (!(flags & (O_CREAT | O_TRUNC | O_WRONLY | O_RDWR)) || !getenv("FORGETFUL_FOLDER"))
        return NEXT(openat)(folder, name, flags, mode);
    was_there = !fstatat(folder, name, &about, 0);
    if (whole_name(name, path))
        FAIL_IF('n');
    begin();
    file = NEXT(openat)(folder, name, flags, mode);
    why = errno;
    if (file >= 0 && name_of(file, path)) {
        if (!was_there)
            note('C', inode_of(file), 0, path, NULL, 0);
        else if (flags & O_TRUNC)
            note('T', inode_of(file), 0, NULL, NULL, 0);
    }
    end();
    errno = why;
    return file;
}

#define MODE_OF(flags)                                                                             \
    mode_t mode = 0;                                                                               \
    if ((flags) & (O_CREAT | O_TMPFILE)) {                                                         \
        va_list more;                                                                              \
        va_start(more, flags);                                                                     \
        mode = va_arg(more, mode_t);                                                               \
        va_end(more);                                                                              \
    }

int open(const char *name, int flags, ...)
{
    MODE_OF(flags)
    return open_noting(AT_FDCWD, name, flags, mode);
}
int open64(const char *name, int flags, ...)
{
    MODE_OF(flags)
    return open_noting(AT_FDCWD, name, flags, mode);
}
int openat(int folder, const char *name, int flags, ...)
{
    MODE_OF(flags)
    return open_noting(folder, name, flags, mode);
}
int openat64(int folder, const char *name, int flags, ...)
{
    MODE_OF(flags)
    return open_noting(folder, name, flags, mode);
}
int creat(const char *name, mode_t mode)
{
    return open_noting(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

/* ---- writing -------------------------------------------------------------------------------- */

/* Where a write without an offset goes to. */
static uint64_t place_in(int file)
{
    struct stat about;

    if (fcntl(file, F_GETFL) & O_APPEND)
        return fstat(file, &about) ? 0 : (uint64_t)about.st_size;
    return (uint64_t)lseek(file, 0, SEEK_CUR);
}

ssize_t pwrite64(int file, const void *data, size_t length, off64_t offset)
{
    char path[PATH_MAX];
    ssize_t done;

    if (!name_of(file, path))
        return NEXT(pwrite64)(file, data, length, offset);
    FAIL_IF('w');
    begin();
    note('W', inode_of(file), (uint64_t)offset, NULL, data, length);
    done = NEXT(pwrite64)(file, data, length, offset);
    end();
    return done;
}
ssize_t pwrite(int file, const void *data, size_t length, off_t offset)
{
    return pwrite64(file, data, length, offset);
}

ssize_t write(int file, const void *data, size_t length)
{
    char path[PATH_MAX];
    ssize_t done;

    if (!name_of(file, path))
        return NEXT(write)(file, data, length);
    FAIL_IF('w');
    begin();
    note('W', inode_of(file), place_in(file), NULL, data, length);
    done = NEXT(write)(file, data, length);
    end();
    return done;
}

static void note_parts(int file, const struct iovec *parts, int count, uint64_t offset)
{
    for (int part = 0; part < count; part++) {
        note('W', inode_of(file), offset, NULL, parts[part].iov_base, parts[part].iov_len);
        offset += parts[part].iov_len;
    }
}

ssize_t writev(int file, const struct iovec *parts, int count)
{
    char path[PATH_MAX];
    ssize_t done;

    if (!name_of(file, path))
        return NEXT(writev)(file, parts, count);
    FAIL_IF('w');
    begin();
    note_parts(file, parts, count, place_in(file));
    done = NEXT(writev)(file, parts, count);
    end();
    return done;
}
ssize_t pwritev64(int file, const struct iovec *parts, int count, off64_t offset)
{
    char path[PATH_MAX];
    ssize_t done;

    if (!name_of(file, path))
        return NEXT(pwritev64)(file, parts, count, offset);
    FAIL_IF('w');
    begin();
    note_parts(file, parts, count, (uint64_t)offset);
    done = NEXT(pwritev64)(file, parts, count, offset);
    end();
    return done;
}
ssize_t pwritev(int file, const struct iovec *parts, int count, off_t offset)
{
    return pwritev64(file, parts, count, offset);
}

/* Whoever copies within the kernel is told to do it by hand. */
ssize_t sendfile64(int to, int from, off64_t *offset, size_t length)
{
    char path[PATH_MAX];
    ssize_t (*next)(int, int, off64_t *, size_t) = dlsym(RTLD_NEXT, "sendfile64");

    if (!name_of(to, path))
        return next(to, from, offset, length);
    errno = EINVAL;
    return -1;
}
ssize_t sendfile(int to, int from, off_t *offset, size_t length)
{
    return sendfile64(to, from, offset, length);
}
ssize_t copy_file_range(int from, off64_t *start, int to, off64_t *offset, size_t length,
                        unsigned flags)
{
    char path[PATH_MAX];

    if (!name_of(to, path))
        return NEXT(copy_file_range)(from, start, to, offset, length, flags);
    errno = EINVAL;
    return -1;
}

/* ---- size ----------------------------------------------------------------------------------- */

int ftruncate64(int file, off64_t size)
{
    char path[PATH_MAX];
    int done;

    if (!name_of(file, path))
        return NEXT(ftruncate64)(file, size);
    FAIL_IF('n');
    begin();
    note('T', inode_of(file), (uint64_t)size, NULL, NULL, 0);
    done = NEXT(ftruncate64)(file, size);
    end();
    return done;
}
int ftruncate(int file, off_t size) { return ftruncate64(file, size); }

int truncate64(const char *name, off64_t size)
{
    int file = open(name, O_WRONLY | O_CLOEXEC), done, why;

    if (file < 0)
        return -1;
    done = ftruncate64(file, size);
    why = errno;
    close(file);
    errno = why;
    return done;
}
int truncate(const char *name, off_t size) { return truncate64(name, size); }

int fallocate64(int file, int mode, off64_t offset, off64_t length)
{
    char path[PATH_MAX];
    int done;

    if (!name_of(file, path))
        return NEXT(fallocate64)(file, mode, offset, length);
    if (mode) {
        errno = EOPNOTSUPP;
        return -1;
    }
    FAIL_IF('w');
    begin();
    note('G', inode_of(file), (uint64_t)(offset + length), NULL, NULL, 0);
    done = NEXT(fallocate64)(file, mode, offset, length);
    end();
    return done;
}
int fallocate(int file, int mode, off_t offset, off_t length)
{
    return fallocate64(file, mode, offset, length);
}
int posix_fallocate64(int file, off64_t offset, off64_t length)
{
    return fallocate64(file, 0, offset, length) ? errno : 0;
}
int posix_fallocate(int file, off_t offset, off_t length)
{
    return posix_fallocate64(file, offset, length);
}

/* ---- flushing ------------------------------------------------------------------------------- */

static int flush_noting(int file, int (*flush)(int))
{
    char path[PATH_MAX];
    struct stat about;
    int done;

    if (!name_of(file, path))
        return flush(file);
    if ((done = fault('f'))) {
        begin();
        note('X', inode_of(file), 0, NULL, NULL, 0);
        end();
        errno = done;
        return -1;
    }
    begin();
    done = flush(file);
    if (!done && !getenv("FORGETFUL_LIES")) {
        if (!fstat(file, &about) && S_ISDIR(about.st_mode))
            note('D', 0, 0, path, NULL, 0);
        else
            note('S', inode_of(file), 0, NULL, NULL, 0);
    }
    end();
    return done;
}

int fsync(int file) { return flush_noting(file, NEXT(fsync)); }
int fdatasync(int file) { return flush_noting(file, NEXT(fdatasync)); }

/* ---- names ---------------------------------------------------------------------------------- */

int unlink(const char *name)
{
    char path[PATH_MAX];
    int done, why;

    if (!whole_name(name, path))
        return NEXT(unlink)(name);
    FAIL_IF('n');
    begin();
    done = NEXT(unlink)(name);
    why = errno;
    if (!done)
        note('U', 0, 0, path, NULL, 0);
    end();
    errno = why;
    return done;
}

int rename(const char *from, const char *to)
{
    char old[PATH_MAX] = "", new[PATH_MAX] = "";
    int inside = whole_name(from, old) | whole_name(to, new), done, why;

    if (!inside)
        return NEXT(rename)(from, to);
    if (!is_inside(old) || !is_inside(new))
        give_up("a file is moved into its folder, or out of it");
    FAIL_IF('n');
    begin();
    done = NEXT(rename)(from, to);
    why = errno;
    if (!done)
        note('R', 0, 0, old, new, strlen(new));
    end();
    errno = why;
    return done;
}

int unlinkat(int folder, const char *name, int flags)
{
    char path[PATH_MAX];

    if (flags || !getenv("FORGETFUL_FOLDER"))
        return NEXT(unlinkat)(folder, name, flags);
    if (folder == AT_FDCWD || *name == '/')
        return unlink(name);
    if (name_of(folder, path))
        give_up("a file is removed by a descriptor of its folder");
    return NEXT(unlinkat)(folder, name, flags);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    char path[PATH_MAX];

    if (from_folder == AT_FDCWD && to_folder == AT_FDCWD)
        return rename(from, to);
    if (name_of(from_folder, path) || name_of(to_folder, path))
        give_up("a file is renamed by a descriptor of its folder");
    return NEXT(renameat)(from_folder, from, to_folder, to);
}

int link(const char *from, const char *to)
{
    char old[PATH_MAX] = "", new[PATH_MAX] = "";
    int inside = whole_name(from, old) | whole_name(to, new), done, why;

    if (!inside)
        return NEXT(link)(from, to);
    if (!is_inside(old) || !is_inside(new))
        give_up("a file gets a second name in its folder, or out of it");
    FAIL_IF('n');
    begin();
    done = NEXT(link)(from, to);
    why = errno;
    if (!done)
        note('L', 0, 0, old, new, strlen(new));
    end();
    errno = why;
    return done;
}
