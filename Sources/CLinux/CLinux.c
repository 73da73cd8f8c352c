#define _GNU_SOURCE
#include "CLinux.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

const int gh_again = EAGAIN, gh_interrupted = EINTR, gh_in_progress = EINPROGRESS, gh_too_many_open = EMFILE,
          gh_too_many_open_system = ENFILE, gh_no_buffers = ENOBUFS, gh_no_memory = ENOMEM,
          gh_address_in_use = EADDRINUSE, gh_permission_denied = EACCES, gh_address_unavailable = EADDRNOTAVAIL,
          gh_broken_pipe = EPIPE, gh_connection_reset = ECONNRESET;

_Static_assert(GH_READABLE == EPOLLIN && GH_WRITABLE == EPOLLOUT && GH_ERROR == EPOLLERR && GH_HANGUP == EPOLLHUP &&
                   GH_PEER_CLOSED == EPOLLRDHUP,
               "the events are epoll's own");

static int failure(int result) { return result < 0 ? -errno : result; }

void gh_keep_heaps(void) {
    // Both at the highest value that glibc takes; set by hand, they no longer follow what is freed.
    mallopt(M_TRIM_THRESHOLD, INT_MAX);
    mallopt(M_MMAP_THRESHOLD, 32 * 1024 * 1024);
}

void gh_reserve_heap(size_t bytes) {
    // Volatile: a compiler would leave out what is allocated for nothing.
    void *volatile room = malloc(bytes);
    free(room);
}

int gh_epoll_create(void) { return failure(epoll_create1(EPOLL_CLOEXEC)); }

static int add(int epoll, int descriptor, uint32_t events, uint64_t token) {
    struct epoll_event event = {.events = events, .data = {.u64 = token}};
    return failure(epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event));
}

int gh_epoll_add_stream(int epoll, int descriptor, uint64_t token) {
    return add(epoll, descriptor, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, token);
}

int gh_epoll_add_listener(int epoll, int descriptor, uint64_t token) {
    return add(epoll, descriptor, EPOLLIN | EPOLLEXCLUSIVE, token);
}

int gh_epoll_add_wakeup(int epoll, int descriptor, uint64_t token) { return add(epoll, descriptor, EPOLLIN, token); }

int gh_epoll_remove(int epoll, int descriptor) {
    return failure(epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL));
}

enum { MOST_EVENTS = 256 };

int gh_epoll_wait(int epoll, gh_event *events, int capacity, int timeout_milliseconds) {
    struct epoll_event raw[MOST_EVENTS];
    int count = epoll_wait(epoll, raw, capacity < MOST_EVENTS ? capacity : MOST_EVENTS, timeout_milliseconds);
    if (count < 0) return -errno;
    for (int index = 0; index < count; index++) {
        events[index].token = raw[index].data.u64;
        events[index].events = raw[index].events;
    }
    return count;
}

int gh_eventfd(void) { return failure(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

int gh_eventfd_signal(int descriptor) {
    uint64_t one = 1;
    return write(descriptor, &one, sizeof one) < 0 ? -errno : 0;
}

int gh_eventfd_clear(int descriptor) {
    uint64_t count;
    return read(descriptor, &count, sizeof count) < 0 ? -errno : 0;
}

static socklen_t fill(struct sockaddr_storage *storage, const uint8_t address[16], int is_ipv4, uint16_t port) {
    memset(storage, 0, sizeof *storage);
    if (is_ipv4) {
        struct sockaddr_in *ipv4 = (struct sockaddr_in *)storage;
        ipv4->sin_family = AF_INET;
        ipv4->sin_port = htons(port);
        memcpy(&ipv4->sin_addr, address + 12, 4);
        return sizeof *ipv4;
    }
    struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)storage;
    ipv6->sin6_family = AF_INET6;
    ipv6->sin6_port = htons(port);
    memcpy(&ipv6->sin6_addr, address, 16);
    return sizeof *ipv6;
}

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

static void read_address(const struct sockaddr_storage *storage, uint8_t address[16], uint16_t *port) {
    if (storage->ss_family == AF_INET) {
        const struct sockaddr_in *ipv4 = (const struct sockaddr_in *)storage;
        memcpy(address, mapped_prefix, 12);
        memcpy(address + 12, &ipv4->sin_addr, 4);
        if (port) *port = ntohs(ipv4->sin_port);
    } else if (storage->ss_family == AF_INET6) {
        const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *)storage;
        memcpy(address, &ipv6->sin6_addr, 16);
        if (port) *port = ntohs(ipv6->sin6_port);
    } else {
        memset(address, 0, 16);
        if (port) *port = 0;
    }
}

int gh_listen(const uint8_t address[16], int is_ipv4, uint16_t port, int is_dual_stack, int backlog) {
    int family = is_ipv4 ? AF_INET : AF_INET6;
    int descriptor = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    int on = 1, only = is_dual_stack ? 0 : 1;
    struct sockaddr_storage storage;
    socklen_t length = fill(&storage, address, is_ipv4, port);
    if (setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0 ||
        (!is_ipv4 && setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only) < 0) ||
        bind(descriptor, (struct sockaddr *)&storage, length) < 0 || listen(descriptor, backlog) < 0) {
        int error = errno;
        close(descriptor);
        return -error;
    }
    return descriptor;
}

// 1 where somebody listens at the path, or where nothing proves that nobody does.
static int is_in_use(const struct sockaddr_un *address) {
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (probe < 0) return 1;
    int is_dead = connect(probe, (const struct sockaddr *)address, sizeof *address) < 0 &&
                  (errno == ECONNREFUSED || errno == ENOENT);
    close(probe);
    return !is_dead;
}

int gh_listen_path(const char *path, int backlog) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length >= sizeof address.sun_path) return -ENAMETOOLONG;
    memcpy(address.sun_path, path, length + 1);
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    struct stat status;
    // Only a socket that nobody listens on any more is in the way; any other file is somebody's.
    if (lstat(path, &status) == 0) {
        if (!S_ISSOCK(status.st_mode)) {
            close(descriptor);
            return -EEXIST;
        }
        if (is_in_use(&address)) {
            close(descriptor);
            return -EADDRINUSE;
        }
        unlink(path);
    }
    // The socket's own mode is what its file is made with: nobody else can connect before the chmod.
    if (fchmod(descriptor, 0600) < 0 || bind(descriptor, (struct sockaddr *)&address, sizeof address) < 0 ||
        chmod(path, 0600) < 0 || listen(descriptor, backlog) < 0) {
        int error = errno;
        close(descriptor);
        return -error;
    }
    return descriptor;
}

int gh_is_peer_trusted(int descriptor) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) return 0;
    return peer.uid == 0 || peer.uid == geteuid();
}

int gh_accept(int listener, uint8_t address[16], uint16_t *port) {
    struct sockaddr_storage storage;
    socklen_t length = sizeof storage;
    int descriptor = accept4(listener, (struct sockaddr *)&storage, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) return -errno;
    read_address(&storage, address, port);
    return descriptor;
}

int gh_connect(const uint8_t address[16], int is_ipv4, uint16_t port) {
    int descriptor = socket(is_ipv4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct sockaddr_storage storage;
    socklen_t length = fill(&storage, address, is_ipv4, port);
    if (connect(descriptor, (struct sockaddr *)&storage, length) < 0 && errno != EINPROGRESS) {
        int error = errno;
        close(descriptor);
        return -error;
    }
    return descriptor;
}

int gh_connect_path(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length >= sizeof address.sun_path) return -ENAMETOOLONG;
    memcpy(address.sun_path, path, length + 1);
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS) {
        int error = errno;
        close(descriptor);
        return -error;
    }
    return descriptor;
}

int gh_socket_error(int descriptor) {
    int error = 0;
    socklen_t length = sizeof error;
    return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) < 0 ? errno : error;
}

int gh_local_port(int descriptor) {
    struct sockaddr_storage storage;
    socklen_t length = sizeof storage;
    uint8_t address[16];
    uint16_t port = 0;
    if (getsockname(descriptor, (struct sockaddr *)&storage, &length) < 0) return -errno;
    read_address(&storage, address, &port);
    return port;
}

int gh_adopt_listener(int descriptor) {
    int is_listening = 0, type = 0, on = 1;
    socklen_t length = sizeof is_listening;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &length) < 0) return -errno;
    length = sizeof type;
    if (getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &length) < 0) return -errno;
    if (!is_listening || type != SOCK_STREAM) return -EINVAL;
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) < 0 ||
        fcntl(descriptor, F_SETFD, FD_CLOEXEC) < 0)
        return -errno;
    // A unix socket has no such option, and needs none.
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return 0;
}

int gh_bound(int descriptor, uint8_t address[16], uint16_t *port, int *is_dual_stack, char *path, size_t capacity) {
    struct sockaddr_storage storage;
    socklen_t length = sizeof storage;
    memset(&storage, 0, sizeof storage);
    if (getsockname(descriptor, (struct sockaddr *)&storage, &length) < 0) return -errno;
    read_address(&storage, address, port);
    *is_dual_stack = 0;
    if (capacity > 0) path[0] = 0;
    if (storage.ss_family == AF_UNIX) {
        const struct sockaddr_un *local = (const struct sockaddr_un *)&storage;
        size_t count = length > offsetof(struct sockaddr_un, sun_path) ? length - offsetof(struct sockaddr_un, sun_path) : 0;
        if (count > 0 && local->sun_path[0] != 0 && count < capacity) {
            memcpy(path, local->sun_path, count);
            path[count] = 0;
        }
        return GH_UNIX;
    }
    if (storage.ss_family == AF_INET6) {
        int only = 1;
        socklen_t size = sizeof only;
        if (getsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &only, &size) < 0) return -errno;
        // Another address than :: serves its own family alone.
        *is_dual_stack = !only && IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)&storage)->sin6_addr);
        return GH_INTERNET;
    }
    return storage.ss_family == AF_INET ? GH_INTERNET : -EAFNOSUPPORT;
}

ptrdiff_t gh_receive(int descriptor, void *bytes, size_t count) {
    ssize_t received = recv(descriptor, bytes, count, 0);
    return received < 0 ? -errno : received;
}

ptrdiff_t gh_send(int descriptor, const void *bytes, size_t count) {
    ssize_t sent = send(descriptor, bytes, count, MSG_NOSIGNAL);
    return sent < 0 ? -errno : sent;
}

ptrdiff_t gh_peek(int descriptor) {
    char byte;
    ssize_t received = recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return received < 0 ? -errno : received;
}

int gh_shutdown_write(int descriptor) { return failure(shutdown(descriptor, SHUT_WR)); }

int gh_shutdown_both(int descriptor) { return failure(shutdown(descriptor, SHUT_RDWR)); }

int gh_reset_when_closed(int descriptor) {
    struct linger drop = {.l_onoff = 1, .l_linger = 0};
    return failure(setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &drop, sizeof drop));
}

int gh_close(int descriptor) { return failure(close(descriptor)); }

int gh_open_null(void) { return failure(open("/dev/null", O_RDONLY | O_CLOEXEC)); }

static uint64_t nanoseconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t gh_monotonic_milliseconds(void) { return nanoseconds(CLOCK_MONOTONIC) / 1000000u; }
uint64_t gh_monotonic_nanoseconds(void) { return nanoseconds(CLOCK_MONOTONIC); }
int64_t gh_wall_milliseconds(void) { return (int64_t)(nanoseconds(CLOCK_REALTIME) / 1000000u); }

int gh_processor_count(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) < 0) return 1;
    int count = CPU_COUNT(&set);
    return count < 1 ? 1 : count;
}

int gh_name_thread(const char *name) { return failure(prctl(PR_SET_NAME, name, 0, 0, 0)); }

int gh_resolve(const char *name, uint8_t *addresses, int capacity) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG}, *list = NULL;
    int code = getaddrinfo(name, NULL, &hints, &list);
    if (code != 0) return -10000 - (code < 0 ? -code : code);
    int count = 0;
    for (struct addrinfo *entry = list; entry && count < capacity; entry = entry->ai_next) {
        struct sockaddr_storage storage;
        if (entry->ai_addrlen > sizeof storage) continue;
        memset(&storage, 0, sizeof storage);
        memcpy(&storage, entry->ai_addr, entry->ai_addrlen);
        read_address(&storage, addresses + 16 * count, NULL);
        count++;
    }
    freeaddrinfo(list);
    return count;
}

static void handled_signals(sigset_t *set) {
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGHUP);
    sigaddset(set, SIGUSR1);
    sigaddset(set, SIGUSR2);
}

int gh_block_signal(int signal_number) {
    sigset_t set;
    if (signal_number == 0) {
        handled_signals(&set);
    } else {
        sigemptyset(&set);
        sigaddset(&set, signal_number);
    }
    return -pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int gh_signalfd(void) {
    sigset_t set;
    handled_signals(&set);
    return failure(signalfd(-1, &set, SFD_CLOEXEC));
}

int gh_signalfd_read(int descriptor) {
    struct signalfd_siginfo info;
    ssize_t count = read(descriptor, &info, sizeof info);
    if (count < 0) return -errno;
    return count == (ssize_t)sizeof info ? (int)info.ssi_signo : -EIO;
}

int gh_await_readable(int descriptor, int timeout_milliseconds) {
    struct pollfd entry = {.fd = descriptor, .events = POLLIN};
    int ready = poll(&entry, 1, timeout_milliseconds);
    if (ready < 0) return errno == EINTR ? 0 : -errno;
    return ready;
}

int gh_send_datagram(const char *path, const void *text, size_t count) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof address.sun_path) return -ENAMETOOLONG;
    memcpy(address.sun_path, path, length);
    if (path[0] == '@') address.sun_path[0] = 0;
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    ssize_t sent = sendto(descriptor, text, count, MSG_NOSIGNAL, (struct sockaddr *)&address, size);
    int error = sent < 0 ? errno : 0;
    close(descriptor);
    return -error;
}

int gh_message_pair(int pair[2]) { return failure(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)); }

ptrdiff_t gh_send_message(int socket, const void *bytes, size_t count, const int *descriptors, size_t descriptor_count) {
    if (descriptor_count > GH_MOST_PASSED) return -E2BIG;
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
    union {
        char bytes[CMSG_SPACE(sizeof(int) * GH_MOST_PASSED)];
        struct cmsghdr aligned;
    } control;
    memset(&control, 0, sizeof control);
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (descriptor_count > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * descriptor_count);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int) * descriptor_count);
        memcpy(CMSG_DATA(header), descriptors, sizeof(int) * descriptor_count);
    }
    ssize_t sent;
    while ((sent = sendmsg(socket, &message, MSG_NOSIGNAL)) < 0 && errno == EINTR) {}
    return sent < 0 ? -errno : sent;
}

ptrdiff_t gh_receive_message(int socket, void *bytes, size_t capacity, int *descriptors, size_t *descriptor_count,
                             int timeout_milliseconds) {
    *descriptor_count = 0;
    struct pollfd entry = {.fd = socket, .events = POLLIN};
    int ready;
    while ((ready = poll(&entry, 1, timeout_milliseconds)) < 0 && errno == EINTR) {}
    if (ready < 0) return -errno;
    if (ready == 0) return -EAGAIN;
    struct iovec part = {.iov_base = bytes, .iov_len = capacity};
    union {
        char bytes[CMSG_SPACE(sizeof(int) * GH_MOST_PASSED)];
        struct cmsghdr aligned;
    } control;
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    ssize_t received;
    while ((received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {}
    // A process that was killed with unread messages resets the pair.
    if (received < 0) return errno == ECONNRESET ? 0 : -errno;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        const unsigned char *data = CMSG_DATA(header);
        for (size_t index = 0; index < count; index++) {
            int descriptor;
            memcpy(&descriptor, data + index * sizeof descriptor, sizeof descriptor);
            if (*descriptor_count < GH_MOST_PASSED) {
                descriptors[(*descriptor_count)++] = descriptor;
            } else {
                close(descriptor);
            }
        }
    }
    return message.msg_flags & MSG_TRUNC ? -EMSGSIZE : received;
}

int gh_open_append(const char *path) {
    return failure(open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
}

ptrdiff_t gh_write(int descriptor, const void *bytes, size_t count) {
    ssize_t written = write(descriptor, bytes, count);
    return written < 0 ? -errno : written;
}

long gh_raise_open_files_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
    if (limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
        getrlimit(RLIMIT_NOFILE, &limit);
    }
    return limit.rlim_cur > 0x7FFFFFFF ? 0x7FFFFFFF : (long)limit.rlim_cur;
}

const char *gh_error_text(int error_number, char *buffer, size_t capacity) {
    return strerror_r(error_number, buffer, capacity);
}

// The texts of a block, one after the other, each ended by NUL, as a list that NULL ends; NULL without memory.
static char **list_of(const char *texts, size_t count) {
    char **list = calloc(count + 1, sizeof *list);
    for (size_t index = 0; list && index < count; index++) {
        list[index] = (char *)texts;
        texts += strlen(texts) + 1;
    }
    return list;
}

static int give(posix_spawn_file_actions_t *actions, int descriptor, int as) {
    if (descriptor >= 0) return posix_spawn_file_actions_adddup2(actions, descriptor, as);
    return posix_spawn_file_actions_addopen(actions, as, "/dev/null", as == 0 ? O_RDONLY : O_WRONLY, 0);
}

int gh_spawn(const char *program, const char *arguments, size_t argument_count, const char *environment,
             size_t environment_count, int input, int output, int error, int channel) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    if (posix_spawn_file_actions_init(&actions) != 0) return -ENOMEM;
    if (posix_spawnattr_init(&attributes) != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return -ENOMEM;
    }
    char **argument_list = list_of(arguments, argument_count);
    char **environment_list = list_of(environment, environment_count);
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    pid_t process = 0;
    int status = argument_list && environment_list ? 0 : ENOMEM;
    if (status == 0) status = give(&actions, input, 0);
    if (status == 0) status = give(&actions, output, 1);
    if (status == 0) status = give(&actions, error, 2);
    if (status == 0 && channel >= 0) status = posix_spawn_file_actions_adddup2(&actions, channel, 3);
    if (status == 0) status = posix_spawn_file_actions_addclosefrom_np(&actions, channel >= 0 ? 4 : 3);
    if (status == 0) status = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (status == 0) status = posix_spawnattr_setsigmask(&attributes, &none);
    if (status == 0) status = posix_spawnattr_setsigdefault(&attributes, &defaults);
    if (status == 0) status = posix_spawn(&process, program, &actions, &attributes, argument_list, environment_list);
    free(argument_list);
    free(environment_list);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return status == 0 ? process : -status;
}

int gh_signal_this_process(int signal) { return kill(getpid(), signal) < 0 ? -errno : 0; }

int gh_kill(int process, int signal) { return kill(process, signal) < 0 ? -errno : 0; }

int gh_await_end(int process, int timeout_milliseconds, int *ending) {
    int descriptor = (int)syscall(SYS_pidfd_open, process, 0);
    if (descriptor < 0) return -errno;
    struct timespec begin, now;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    struct pollfd entry = {.fd = descriptor, .events = POLLIN};
    int ready, left = timeout_milliseconds;
    while ((ready = poll(&entry, 1, left)) < 0 && errno == EINTR) {
        if (timeout_milliseconds < 0) continue;
        clock_gettime(CLOCK_MONOTONIC, &now);
        long long passed = (now.tv_sec - begin.tv_sec) * 1000LL + (now.tv_nsec - begin.tv_nsec) / 1000000;
        left = passed < timeout_milliseconds ? (int)(timeout_milliseconds - passed) : 0;
    }
    int failure = ready < 0 ? errno : 0, status = 0;
    close(descriptor);
    if (ready <= 0) return -failure;
    while (waitpid(process, &status, 0) < 0)
        if (errno != EINTR) return -errno;
    *ending = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return 1;
}
