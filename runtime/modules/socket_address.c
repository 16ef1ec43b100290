// _socket: addresses, from Python and to Python.
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/un.h>
#include "runtime/codecs.h"
#include "runtime/modules/socket.h"

Value socket_raise_gai(Thread *t, ValueRef module, int code) {
    if (code == EAI_SYSTEM) return posix_error(t);
    Value text = str_from_text(t, gai_strerror(code));
    if (!value_bits(text)) return UNDEF;
    Value e = call_2(t, ((SocketState *)module_state(module))->gaierror, value_int(code), text);
    value_release(t, text);
    return value_bits(e) ? raise_object(t, e) : UNDEF;
}
char *socket_host(Thread *t, ValueRef v) {
    const void *data;
    size_t n;
    Value encoded = UNDEF;
    Buffer b = {0};
    if (value_is_any_str(v)) {
        if (str_is_ascii(value_str(v))) {
            data = str_data(value_str(v));
            n = str_length(value_str(v));
        } else {
            Value idna = str_intern_text(t, "idna");
            encoded = value_bits(idna) ? codecs_encode(t, v, idna, UNDEF, true) : UNDEF;
            value_release(t, idna);
            if (!value_bits(encoded)) return NULL;
            data = value_bytes(encoded)->data;
            n = value_bytes(encoded)->length;
        }
    } else if (value_is_any_bytes(v) || value_is_instance(v, TYPE_OF(BYTEARRAY))) {
        if (buffer_get(t, v, &b, BUFFER_READ) < 0) return NULL;
        data = b.data;
        n = (size_t)b.length;
    } else {
        return raise_null(t, TYPE_ERROR, "str, bytes or bytearray expected, not %T", v);
    }
    char *host = NULL;
    if (memchr(data, 0, n)) raise(t, TYPE_ERROR, "host name must not contain null character");
    else if (!(host = malloc(n + 1))) raise_no_memory(t);
    else {
        memcpy(host, data, n);
        host[n] = 0;
    }
    value_release(t, encoded);
    if (value_bits(b.exporter)) buffer_release(t, &b);
    return host;
}
int socket_resolve(Thread *t, ValueRef module, const char *host, int family, struct sockaddr *out, socklen_t room) {
    memset(out, 0, room);
    if (!host[0]) {
        struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_DGRAM, .ai_flags = AI_PASSIVE}, *found;
        int code;
        DETACHED(code = getaddrinfo(NULL, "0", &hints, &found));
        if (code) return socket_raise_gai(t, module, code), -1;
        if (found->ai_next) code = -1;
        if (!code && found->ai_addrlen <= room) memcpy(out, found->ai_addr, found->ai_addrlen);
        freeaddrinfo(found);
        return code ? raise_int(t, OS_ERROR, "wildcard resolved to multiple address") : 0;
    }
    if (!strcmp(host, "255.255.255.255") || !strcmp(host, "<broadcast>")) {
        if (family != AF_INET && family != AF_UNSPEC) return raise_int(t, OS_ERROR, "address family mismatched");
        struct sockaddr_in *in = (struct sockaddr_in *)(void *)out;
        in->sin_family = AF_INET;
        in->sin_addr.s_addr = INADDR_BROADCAST;
        return 0;
    }
    struct sockaddr_in *in = (struct sockaddr_in *)(void *)out;
    if ((family == AF_UNSPEC || family == AF_INET) && inet_pton(AF_INET, host, &in->sin_addr) > 0) {
        in->sin_family = AF_INET;
        return 0;
    }
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)out;
    if ((family == AF_UNSPEC || family == AF_INET6) && !strchr(host, '%') && room >= sizeof *in6 && inet_pton(AF_INET6, host, &in6->sin6_addr) > 0) {
        in6->sin6_family = AF_INET6;
        return 0;
    }
    struct addrinfo hints = {.ai_family = family}, *found;
    int code;
    DETACHED(code = getaddrinfo(host, NULL, &hints, &found));
    if (code) return socket_raise_gai(t, module, code), -1;
    memcpy(out, found->ai_addr, found->ai_addrlen < room ? found->ai_addrlen : room);
    freeaddrinfo(found);
    return 0;
}

static int port_number(Thread *t, const char *caller, ValueRef v, uint16_t *out) {
    int64_t n;
    if (!value_has_index(v)) return raise_int(t, TYPE_ERROR, "'%T' object cannot be interpreted as an integer", v);
    if (arg_index_clipped(t, v, &n) < 0) return -1;
    if (n < 0 || n > 65535) return raise_int(t, OVERFLOW_ERROR, "%s(): port must be 0-65535.", caller);
    *out = htons((uint16_t)n);
    return 0;
}
static int number32(Thread *t, ValueRef v, uint32_t *out) {
    int64_t n;
    if (!value_has_index(v)) return raise_int(t, TYPE_ERROR, "'%T' object cannot be interpreted as an integer", v);
    if (arg_index_clipped(t, v, &n) < 0) return -1;
    if (n < 0 || n > UINT32_MAX) return raise_int(t, OVERFLOW_ERROR, "Python int too large to convert to C unsigned int");
    *out = (uint32_t)n;
    return 0;
}
static int parse_unix(Thread *t, ValueRef v, SocketAddress *out, socklen_t *length) {
    struct sockaddr_un *un = (struct sockaddr_un *)(void *)out;
    Value name = UNDEF;
    Buffer b;
    if (value_is_any_str(v)) {
        char *allocated = NULL;
        size_t n = str_length(value_str(v));
        if (n && str_char(value_str(v), 0) == 0) { // abstract: NULs may stand in it
            const char *text = str_utf8(t, value_str(v), &n, &allocated);
            name = text ? bytes_new(t, text, n) : UNDEF;
        } else {
            const char *path = str_fs_path(t, v, &allocated);
            name = path ? bytes_new(t, path, strlen(path)) : UNDEF;
        }
        free(allocated);
    } else {
        name = value_dup(t, v);
    }
    if (!value_bits(name)) return -1;
    if (buffer_get(t, name, &b, BUFFER_READ) < 0) {
        value_release(t, name);
        return -1;
    }
    int status = 0;
    size_t n = (size_t)b.length;
    bool abstract = n && b.data[0] == 0;
    if (n > sizeof un->sun_path || (!abstract && n == sizeof un->sun_path)) {
        status = raise_int(t, OS_ERROR, "AF_UNIX path too long");
    } else {
        un->sun_family = AF_UNIX;
        memcpy(un->sun_path, b.data, n);
        if (n < sizeof un->sun_path) un->sun_path[n] = 0;
        *length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + (abstract || !n ? 0 : 1));
        if (!n) *length = (socklen_t)offsetof(struct sockaddr_un, sun_path);
    }
    buffer_release(t, &b);
    value_release(t, name);
    return status;
}
static Tuple *address_tuple(Thread *t, ValueRef v, const char *family, int64_t min, int64_t max, const char *caller) {
    if (!value_is_any_tuple(v)) return raise_null(t, TYPE_ERROR, "%s(): %s address must be tuple, not %T", caller, family, v);
    Tuple *tuple = value_tuple(v);
    if (tuple->length < min || tuple->length > max) return raise_null(t, TYPE_ERROR, "%s(): wrong format for %s address", caller, family);
    return tuple;
}
int socket_address_parse(Thread *t, ValueRef module, int family, ValueRef v, const char *caller, SocketAddress *out, socklen_t *length) {
    memset(out, 0, sizeof *out);
    Tuple *a;
    switch (family) {
    case AF_UNIX: return parse_unix(t, v, out, length);
    case AF_INET: {
        struct sockaddr_in *in = (struct sockaddr_in *)(void *)out;
        if (!value_is_any_tuple(v)) return raise_int(t, TYPE_ERROR, "%s(): AF_INET address must be tuple, not %T", caller, v);
        a = value_tuple(v);
        if (a->length != 2) return raise_int(t, TYPE_ERROR, "AF_INET address must be a pair (host, port)");
        char *host = socket_host(t, tuple_item(a, 0));
        if (!host) return -1;
        uint16_t port;
        int status = socket_resolve(t, module, host, AF_INET, &out->any, sizeof *in);
        free(host);
        if (status < 0 || port_number(t, caller, tuple_item(a, 1), &port) < 0) return -1;
        in->sin_family = AF_INET;
        in->sin_port = port;
        *length = sizeof *in;
        return 0;
    }
    case AF_INET6: {
        struct sockaddr_in6 *in = (struct sockaddr_in6 *)(void *)out;
        if (!value_is_any_tuple(v)) return raise_int(t, TYPE_ERROR, "%s(): AF_INET6 address must be tuple, not %T", caller, v);
        a = value_tuple(v);
        if (a->length < 2 || a->length > 4) return raise_int(t, TYPE_ERROR, "AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])");
        char *host = socket_host(t, tuple_item(a, 0));
        if (!host) return -1;
        uint16_t port;
        uint32_t flow = 0, scope = 0;
        int status = socket_resolve(t, module, host, AF_INET6, &out->any, sizeof *in);
        free(host);
        if (status < 0 || port_number(t, caller, tuple_item(a, 1), &port) < 0) return -1;
        if (a->length > 2 && number32(t, tuple_item(a, 2), &flow) < 0) return -1;
        if (a->length > 3 && number32(t, tuple_item(a, 3), &scope) < 0) return -1;
        if (flow > 0xfffff) return raise_int(t, OVERFLOW_ERROR, "%s(): flowinfo must be 0-1048575.", caller);
        in->sin6_family = AF_INET6;
        in->sin6_port = port;
        in->sin6_flowinfo = htonl(flow);
        if (a->length > 3 || !in->sin6_scope_id) in->sin6_scope_id = scope;
        *length = sizeof *in;
        return 0;
    }
    case AF_NETLINK: {
        struct sockaddr_nl *nl = (struct sockaddr_nl *)(void *)out;
        if (!(a = address_tuple(t, v, "AF_NETLINK", 2, 2, caller))) return -1;
        uint32_t pid, groups;
        if (number32(t, tuple_item(a, 0), &pid) < 0 || number32(t, tuple_item(a, 1), &groups) < 0) return -1;
        nl->nl_family = AF_NETLINK;
        nl->nl_pid = pid;
        nl->nl_groups = groups;
        *length = sizeof *nl;
        return 0;
    }
    case AF_VSOCK: {
        struct sockaddr_vm *vm = (struct sockaddr_vm *)(void *)out;
        if (!(a = address_tuple(t, v, "AF_VSOCK", 2, 2, caller))) return -1;
        uint32_t cid, port;
        if (number32(t, tuple_item(a, 0), &cid) < 0 || number32(t, tuple_item(a, 1), &port) < 0) return -1;
        vm->svm_family = AF_VSOCK;
        vm->svm_cid = cid;
        vm->svm_port = port;
        *length = sizeof *vm;
        return 0;
    }
    case AF_PACKET: {
        struct sockaddr_ll *ll = (struct sockaddr_ll *)(void *)out;
        if (!(a = address_tuple(t, v, "AF_PACKET", 2, 5, caller))) return -1;
        char *name = socket_host(t, tuple_item(a, 0));
        if (!name) return -1;
        unsigned index = if_nametoindex(name);
        free(name);
        if (!index) return posix_error(t), -1;
        uint16_t protocol;
        int type = 0, hardware = 0;
        int64_t n;
        if (arg_index(t, tuple_item(a, 1), &n) < 0) return -1;
        if (n < 0 || n > 65535) return raise_int(t, OVERFLOW_ERROR, "%s(): proto argument must be 0-65535.", caller);
        protocol = (uint16_t)n;
        if (a->length > 2 && arg_int(t, tuple_item(a, 2), &type) < 0) return -1;
        if (a->length > 3 && arg_int(t, tuple_item(a, 3), &hardware) < 0) return -1;
        if (a->length > 4) {
            Buffer b;
            if (buffer_get(t, tuple_item(a, 4), &b, BUFFER_READ) < 0) return -1;
            bool fits = b.length <= 8;
            if (fits) memcpy(ll->sll_addr, b.data, (size_t)b.length);
            ll->sll_halen = (uint8_t)b.length;
            buffer_release(t, &b);
            if (!fits) return raise_int(t, VALUE_ERROR, "Hardware address must be 8 bytes or less");
        }
        ll->sll_family = AF_PACKET;
        ll->sll_protocol = htons(protocol);
        ll->sll_ifindex = (int)index;
        ll->sll_pkttype = (uint8_t)type;
        ll->sll_hatype = (uint16_t)hardware;
        *length = sizeof *ll;
        return 0;
    }
    default: return raise_int(t, OS_ERROR, "%s(): bad family", caller);
    }
}

static Value ip_text(Thread *t, int family, const void *address) {
    char text[INET6_ADDRSTRLEN];
    return inet_ntop(family, address, text, sizeof text) ? str_from_text(t, text) : posix_error(t);
}
Value socket_address_value(Thread *t, int fd, const struct sockaddr *a, socklen_t length) {
    if (!length) return NONE;
    switch (a->sa_family) {
    case AF_INET: {
        const struct sockaddr_in *in = (const void *)a;
        return tuple_pair(t, ip_text(t, AF_INET, &in->sin_addr), value_int(ntohs(in->sin_port)));
    }
    case AF_INET6: {
        const struct sockaddr_in6 *in = (const void *)a;
        char host[INET6_ADDRSTRLEN + IF_NAMESIZE + 1];
        if (!inet_ntop(AF_INET6, &in->sin6_addr, host, INET6_ADDRSTRLEN)) return posix_error(t);
        if (in->sin6_scope_id) {
            char name[IF_NAMESIZE];
            size_t n = strlen(host);
            if (if_indextoname(in->sin6_scope_id, name)) snprintf(host + n, sizeof host - n, "%%%s", name);
            else snprintf(host + n, sizeof host - n, "%%%u", in->sin6_scope_id);
        }
        Value v[4] = {str_from_text(t, host), value_int(ntohs(in->sin6_port)), value_int(ntohl(in->sin6_flowinfo)), value_int(in->sin6_scope_id)};
        return value_bits(v[0]) ? tuple_from_values(t, v, 4) : UNDEF;
    }
    case AF_UNIX: {
        const struct sockaddr_un *un = (const void *)a;
        size_t n = length > offsetof(struct sockaddr_un, sun_path) ? length - offsetof(struct sockaddr_un, sun_path) : 0;
        if (n && un->sun_path[0] == 0) return bytes_new(t, un->sun_path, n);
        return posix_fs_decode(t, un->sun_path, n ? strnlen(un->sun_path, n) : 0);
    }
    case AF_NETLINK: {
        const struct sockaddr_nl *nl = (const void *)a;
        return tuple_pair(t, value_int(nl->nl_pid), value_int(nl->nl_groups));
    }
    case AF_VSOCK: {
        const struct sockaddr_vm *vm = (const void *)a;
        return tuple_pair(t, value_int(vm->svm_cid), value_int(vm->svm_port));
    }
    case AF_PACKET: {
        const struct sockaddr_ll *ll = (const void *)a;
        char name[IF_NAMESIZE] = "";
        if (ll->sll_ifindex) if_indextoname((unsigned)ll->sll_ifindex, name);
        Value v[5] = {posix_fs_text(t, name), value_int(ntohs(ll->sll_protocol)), value_int(ll->sll_pkttype), value_int(ll->sll_hatype),
                      bytes_new(t, ll->sll_addr, ll->sll_halen <= 8 ? ll->sll_halen : 8)};
        return tuple_from_values(t, v, 5);
    }
    default: return tuple_pair(t, value_int(a->sa_family), bytes_new(t, a->sa_data, sizeof a->sa_data));
    }
}
