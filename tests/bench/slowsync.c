/* A disk whose flush takes SLOWSYNC_MS longer, as an SD card's does. Preloaded into a node. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static void wait_for_the_card(void)
{
    const char *ms = getenv("SLOWSYNC_MS");
    long wait = ms ? atol(ms) : 0;
    struct timespec pause = { wait / 1000, (wait % 1000) * 1000000 };
    nanosleep(&pause, NULL);
}

int fsync(int file)
{
    static int (*flush)(int);
    if (!flush)
        flush = dlsym(RTLD_NEXT, "fsync");
    wait_for_the_card();
    return flush(file);
}

int fdatasync(int file)
{
    static int (*flush)(int);
    if (!flush)
        flush = dlsym(RTLD_NEXT, "fdatasync");
    wait_for_the_card();
    return flush(file);
}
