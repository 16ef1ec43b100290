// What the files of _socket share.
#pragma once
#include <sys/socket.h>
#include "runtime/modules/posix.h"
#include "runtime/objects/container.h"

typedef struct SocketState {
    Value gaierror, herror, type;   // classes
    _Atomic uint64_t timeout;       // (a) default: int64_t nanoseconds, -1: none
} SocketState;

typedef union SocketAddress {
    struct sockaddr any;
    struct sockaddr_storage room;
} SocketAddress;
// Parses an address for a socket of this family and protocol; `caller` is for messages. 0, -1.
int socket_address_parse(Thread *t, ValueRef module, int family, ValueRef v, const char *caller, SocketAddress *out, socklen_t *length);
// The Python form of an address; None for an empty one. `fd` names interfaces.
Value socket_address_value(Thread *t, int fd, const struct sockaddr *a, socklen_t length);
// Resolves a host name to an address of the family (AF_UNSPEC: any). 0, -1 with gaierror.
int socket_resolve(Thread *t, ValueRef module, const char *host, int family, struct sockaddr *out, socklen_t room);
// A host's name from str, bytes or bytearray, IDNA-encoded where it must be: malloc, or NULL.
char *socket_host(Thread *t, ValueRef v);
Value socket_raise_gai(Thread *t, ValueRef module, int code);
extern const NativeDef socket_name_functions[]; // socket_names.c
int socket_constants(Thread *t, ValueRef module);
