/* A slower disk: every flush takes SLOW_FSYNC_MICROSECONDS longer than it does by itself.
 *
 * Built and preloaded by tests/bench/disk.py:  cc -shared -fPIC -o slow_fsync.so slow_fsync.c
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

typedef int flush_function(int);

static void wait_longer(void)
{
    const char *told = getenv("SLOW_FSYNC_MICROSECONDS");
    long microseconds = told ? atol(told) : 0;
    struct timespec rest = {microseconds / 1000000, microseconds % 1000000 * 1000};

    while (nanosleep(&rest, &rest) == -1 && errno == EINTR)
        ; /* a signal must not make the disk faster */
}

static int flush_slowly(const char *name, int file)
{
    flush_function *flush = (flush_function *)dlsym(RTLD_NEXT, name);
    int result = flush(file);
    int why = errno;

    wait_longer();
    errno = why;
    return result;
}

int fsync(int file) { return flush_slowly("fsync", file); }
int fdatasync(int file) { return flush_slowly("fdatasync", file); }
