/*
 * Janus gathers no ICE candidates on interfaces that are flagged IFF_LOOPBACK, and has no setting for it. Preloaded, this hides the flag, so that
 * measurements need no network: with ice_enforce_list = "lo" Janus offers 127.0.0.1 alone.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stddef.h>

int getifaddrs(struct ifaddrs **addresses)
{
    static int (*original)(struct ifaddrs **);
    if (original == NULL)
        original = (int (*)(struct ifaddrs **))dlsym(RTLD_NEXT, "getifaddrs");
    int result = original(addresses);
    if (result != 0)
        return result;
    for (struct ifaddrs *address = *addresses; address != NULL; address = address->ifa_next)
        address->ifa_flags &= ~(unsigned int)IFF_LOOPBACK;
    return 0;
}
