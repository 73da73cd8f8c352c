// The few Linux system calls that an event loop needs, in a form that Swift can call without macros,
// unions and errno: a count or a descriptor when it is not negative, else minus the error number.
//
// Addresses travel as 16 bytes in network order, IPv4 in its IPv4-mapped form (RFC 4291 §2.5.5.2).
#ifndef GATEHOUSE_CLINUX_H
#define GATEHOUSE_CLINUX_H

#include <stddef.h>
#include <stdint.h>

/// One report of `gh_epoll_wait`.
typedef struct {
    uint64_t token;
    uint32_t events;
} gh_event;

enum {
    GH_READABLE = 0x001,
    GH_WRITABLE = 0x004,
    GH_ERROR = 0x008,
    GH_HANGUP = 0x010,
    GH_PEER_CLOSED = 0x2000,
};

/// Error numbers that callers branch on.
extern const int gh_again, gh_interrupted, gh_in_progress, gh_too_many_open, gh_too_many_open_system, gh_no_buffers,
    gh_no_memory, gh_address_in_use, gh_permission_denied, gh_address_unavailable, gh_broken_pipe, gh_connection_reset;

/// The allocator keeps what it has of address space, and serves blocks of up to 32 MiB from it.
void gh_keep_heaps(void);
/// Has the calling thread's heap grow by so many bytes at once.
void gh_reserve_heap(size_t bytes);

int gh_epoll_create(void);
/// Edge-triggered, for reading, writing and hang-up, once for the descriptor's life.
int gh_epoll_add_stream(int epoll, int descriptor, uint64_t token);
/// Level-triggered, for reading, one waiting epoll of several is woken (EPOLLEXCLUSIVE).
int gh_epoll_add_listener(int epoll, int descriptor, uint64_t token);
/// Level-triggered, for reading.
int gh_epoll_add_wakeup(int epoll, int descriptor, uint64_t token);
int gh_epoll_remove(int epoll, int descriptor);
int gh_epoll_wait(int epoll, gh_event *events, int capacity, int timeout_milliseconds);

int gh_eventfd(void);
int gh_eventfd_signal(int descriptor);
int gh_eventfd_clear(int descriptor);

/// A non-blocking listening TCP socket with TCP_NODELAY, inherited by what it accepts.
int gh_listen(const uint8_t address[16], int is_ipv4, uint16_t port, int is_dual_stack, int backlog);
/// A non-blocking listening unix socket, mode 0600; a socket that is left over there is replaced, one that somebody
/// listens on is -EADDRINUSE, any other file is -EEXIST.
int gh_listen_path(const char *path, int backlog);
/// 1 where the peer of a unix socket is root or this process's own user (SO_PEERCRED).
int gh_is_peer_trusted(int descriptor);
/// Accepts one connection, non-blocking; writes the peer's address.
int gh_accept(int listener, uint8_t address[16], uint16_t *port);
/// Begins a connection; the descriptor is returned at once, writable when it is made or has failed.
int gh_connect(const uint8_t address[16], int is_ipv4, uint16_t port);
/// Connects to a unix socket; the descriptor, or a negative error number.
int gh_connect_path(const char *path);
/// The error that a connecting socket ended with; 0 for none.
int gh_socket_error(int descriptor);
/// The local port of a bound socket.
int gh_local_port(int descriptor);
/// Makes a descriptor that another process left non-blocking, close-on-exec and without Nagle's delay; -ENOTSOCK,
/// -EINVAL where it is no listening stream socket.
int gh_adopt_listener(int descriptor);
/// Where a socket is bound: GH_INTERNET with address, port and whether an IPv6 socket serves IPv4 too, GH_UNIX with a
/// path that ends with NUL (empty where it has none).
int gh_bound(int descriptor, uint8_t address[16], uint16_t *port, int *is_dual_stack, char *path, size_t capacity);
enum { GH_INTERNET = 1, GH_UNIX = 2 };
ptrdiff_t gh_receive(int descriptor, void *bytes, size_t count);
ptrdiff_t gh_send(int descriptor, const void *bytes, size_t count);
/// One byte is looked at and left: 1, 0 at the end, or minus the error number.
ptrdiff_t gh_peek(int descriptor);
int gh_shutdown_write(int descriptor);
int gh_shutdown_both(int descriptor);
/// SO_LINGER of 0: the close sends a reset and drops what was not sent.
int gh_reset_when_closed(int descriptor);
int gh_close(int descriptor);
/// Reserves a descriptor by opening /dev/null, so that one can be given up under EMFILE.
int gh_open_null(void);

uint64_t gh_monotonic_milliseconds(void);
uint64_t gh_monotonic_nanoseconds(void);
int64_t gh_wall_milliseconds(void);
/// Processors that this process may run on.
int gh_processor_count(void);

/// Names the calling thread, at most 15 bytes.
int gh_name_thread(const char *name);

/// Resolves a name or an address; writes at most `capacity` addresses of 16 bytes each, returns how many.
/// Blocks; minus a GAI_* code (negative) becomes -10000 - code.
int gh_resolve(const char *name, uint8_t *addresses, int capacity);

/// Blocks a signal for the calling thread and those that it starts.
int gh_block_signal(int signal_number);
/// A descriptor that becomes readable when one of the blocked signals arrives (SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2).
int gh_signalfd(void);
/// Waits until something can be read, for ever where the time is negative: 1, or 0 where the time is over.
int gh_await_readable(int descriptor, int timeout_milliseconds);
/// Reads one signal number; minus the error number where none waits.
int gh_signalfd_read(int descriptor);

/// Creates or appends to a file, mode 0640, close-on-exec.
int gh_open_append(const char *path);
ptrdiff_t gh_write(int descriptor, const void *bytes, size_t count);
/// The limit of open files, raised to the hard limit first.
long gh_raise_open_files_limit(void);
/// The words for an error number.
const char *gh_error_text(int error_number, char *buffer, size_t capacity);

/// Sends a text as one datagram to a unix socket; a path that begins with @ is an abstract one (unix(7)).
int gh_send_datagram(const char *path, const void *text, size_t count);

/// The most descriptors that one message carries.
enum { GH_MOST_PASSED = 128 };
/// A pair of connected sockets that keep messages apart.
int gh_message_pair(int pair[2]);
/// Sends one message with descriptors, which stay open here.
ptrdiff_t gh_send_message(int socket, const void *bytes, size_t count, const int *descriptors, size_t descriptor_count);
/// Receives one message within the time; its length, 0 where the other side is closed, -EAGAIN where the time is over,
/// -EMSGSIZE where it is longer than the buffer.  The descriptors with it are close-on-exec.
ptrdiff_t gh_receive_message(int socket, void *bytes, size_t capacity, int *descriptors, size_t *descriptor_count,
                             int timeout_milliseconds);

/// Starts a program and gives its process's number.  Arguments (the program's own name first) and environment are texts
/// one after the other, each ended by NUL.  Standard input, output and error are the descriptors given, /dev/null where
/// negative; descriptor 3 is `channel`, where that is not negative; it has no others, no signal is blocked, and SIGPIPE
/// ends it.
int gh_spawn(const char *program, const char *arguments, size_t argument_count, const char *environment,
             size_t environment_count, int input, int output, int error, int channel);
int gh_kill(int process, int signal);
int gh_signal_this_process(int signal);
/// Waits for a child's end, for ever where the time is negative, and takes note of it: 1 with the exit code, or 128 and
/// the signal, in `ending`; 0 where it still runs.
int gh_await_end(int process, int timeout_milliseconds, int *ending);

#endif
