// _socket: names and numbers: hosts, services, protocols, interfaces, byte order; and the constants of the system's headers.
#include <arpa/inet.h>
#include <linux/can.h>
#include <linux/can/bcm.h>
#include <linux/can/j1939.h>
#include <linux/can/raw.h>
#include <linux/if_alg.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netlink.h>
#include <linux/rds.h>
#include <linux/tipc.h>
#include <linux/vm_sockets.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "runtime/modules/socket.h"

// ---- byte order

static int narrow(Thread *t, ValueRef v, uint32_t most, uint32_t *out) {
    int64_t n;
    if (!value_has_index(v)) return raise_int(t, TYPE_ERROR, "'%T' object cannot be interpreted as an integer", v);
    if (arg_index_clipped(t, v, &n) < 0) return -1;
    if (n < 0) return raise_int(t, VALUE_ERROR, "Cannot convert negative int");
    if (n > most) return raise_int(t, OVERFLOW_ERROR, "Python int too large for C %s", most > UINT16_MAX ? "uint32_t" : "uint16_t");
    *out = (uint32_t)n;
    return 0;
}
#define SWAP(name, most, type)                                                                                   \
    NATIVE(socket_##name) {                                                                                      \
        uint32_t n;                                                                                              \
        return narrow(t, args[0], most, &n) < 0 ? UNDEF : value_int(name((type)n));                              \
    }
SWAP(htonl, UINT32_MAX, uint32_t)
SWAP(ntohl, UINT32_MAX, uint32_t)
SWAP(htons, UINT16_MAX, uint16_t)
SWAP(ntohs, UINT16_MAX, uint16_t)

// ---- addresses as text

NATIVE(socket_inet_aton) {
    size_t n;
    char *allocated = NULL;
    struct in_addr a;
    if (!value_is_any_str(args[0])) return raise(t, TYPE_ERROR, "inet_aton() argument must be str, not %K", args[0]);
    const char *text = str_utf8(t, value_str(args[0]), &n, &allocated);
    if (!text) return UNDEF;
    int ok = strlen(text) == n && inet_aton(text, &a);
    free(allocated);
    return ok ? bytes_new(t, &a, sizeof a) : raise(t, OS_ERROR, "illegal IP address string passed to inet_aton");
}
NATIVE(socket_inet_ntoa) {
    Buffer b;
    struct in_addr a;
    if (buffer_get(t, args[0], &b, BUFFER_C_CONTIGUOUS) < 0) return UNDEF;
    bool right = b.length == sizeof a;
    if (right) memcpy(&a, b.data, sizeof a);
    buffer_release(t, &b);
    char text[INET_ADDRSTRLEN];
    return right ? str_from_text(t, inet_ntop(AF_INET, &a, text, sizeof text)) : raise(t, OS_ERROR, "packed IP wrong length for inet_ntoa");
}
NATIVE(socket_inet_pton) {
    int family;
    size_t n;
    char *allocated = NULL;
    uint8_t packed[16];
    if (arg_int(t, args[0], &family) < 0) return UNDEF;
    if (!value_is_any_str(args[1])) return raise(t, TYPE_ERROR, "inet_pton() argument 2 must be str, not %K", args[1]);
    const char *text = str_utf8(t, value_str(args[1]), &n, &allocated);
    if (!text) return UNDEF;
    int ok = strlen(text) == n ? inet_pton(family, text, packed) : 0;
    free(allocated);
    if (ok < 0) return posix_error(t);
    if (!ok) return raise(t, OS_ERROR, "illegal IP address string passed to inet_pton");
    return bytes_new(t, packed, family == AF_INET ? 4 : 16);
}
NATIVE(socket_inet_ntop) {
    int family;
    Buffer b;
    char text[INET6_ADDRSTRLEN];
    if (arg_int(t, args[0], &family) < 0 || buffer_get(t, args[1], &b, BUFFER_C_CONTIGUOUS) < 0) return UNDEF;
    Value v = UNDEF;
    if (family != AF_INET && family != AF_INET6) raise(t, VALUE_ERROR, "unknown address family %d", family);
    else if (b.length != (family == AF_INET ? 4 : 16)) raise(t, VALUE_ERROR, "invalid length of packed IP address string");
    else v = str_from_text(t, inet_ntop(family, b.data, text, sizeof text));
    buffer_release(t, &b);
    return v;
}

// ---- hosts

NATIVE(socket_getaddrinfo) { // host, port, family, type, proto, flags
    int numbers[4] = {AF_UNSPEC, 0, 0, 0}, code;
    char *host = NULL, *port = NULL;
    struct addrinfo *found = NULL;
    Value list = UNDEF;
    for (int i = 0; i < 4; i++)
        if (value_bits(args[2 + i]) && arg_int(t, args[2 + i], &numbers[i]) < 0) return UNDEF;
    if (!is_none(args[0])) {
        if (!value_is_any_str(args[0]) && !value_is_any_bytes(args[0])) return raise(t, TYPE_ERROR, "getaddrinfo() argument 1 must be string or None");
        if (!(host = socket_host(t, args[0]))) return UNDEF;
    }
    if (value_is_any_int(args[1])) {
        int64_t n;
        if (arg_int64(t, args[1], &n) < 0) goto done;
        if (asprintf(&port, "%lld", (long long)n) < 0) {
            port = NULL;
            raise_no_memory(t);
            goto done;
        }
    } else if (value_is_any_str(args[1]) || value_is_any_bytes(args[1])) {
        if (!(port = socket_host(t, args[1]))) goto done;
    } else if (!is_none(args[1])) {
        raise(t, OS_ERROR, "Int or String expected");
        goto done;
    }
    if (posix_audit(t, "socket.getaddrinfo", 5, args[0], args[1], value_int(numbers[0]), value_int(numbers[1]), value_int(numbers[2])) < 0) goto done;
    struct addrinfo hints = {.ai_family = numbers[0], .ai_socktype = numbers[1], .ai_protocol = numbers[2], .ai_flags = numbers[3]};
    DETACHED(code = getaddrinfo(host, port, &hints, &found));
    if (code) {
        found = NULL;
        socket_raise_gai(t, self, code);
        goto done;
    }
    list = list_new(t, 0);
    for (struct addrinfo *a = found; value_bits(list) && a; a = a->ai_next) {
        Value v[5] = {value_int(a->ai_family), value_int(a->ai_socktype), value_int(a->ai_protocol), str_from_text(t, a->ai_canonname ? a->ai_canonname : ""),
                      socket_address_value(t, -1, a->ai_addr, a->ai_addrlen)};
        Value item = UNDEF;
        if (value_bits(v[3]) && value_bits(v[4])) item = tuple_from_values(t, v, 5);
        else
            for (int i = 3; i < 5; i++) value_release(t, v[i]);
        if (!value_bits(item) || list_append(t, value_list(list), item) < 0) VALUE_CLEAR(t, list);
    }
done:
    if (found) freeaddrinfo(found);
    free(host);
    free(port);
    return list;
}
NATIVE(socket_getnameinfo) { // sockaddr, flags
    int flags, code;
    if (!value_is_any_tuple(args[0])) return raise(t, TYPE_ERROR, "getnameinfo() argument 1 must be a tuple");
    if (arg_int(t, args[1], &flags) < 0) return UNDEF;
    Tuple *a = value_tuple(args[0]);
    if (a->length < 2 || a->length > 4) return raise(t, TYPE_ERROR, "getnameinfo(): illegal sockaddr argument");
    int64_t port, flow = 0, scope = 0;
    if (!value_is_any_str(tuple_item(a, 0))) return raise(t, TYPE_ERROR, "getnameinfo(): illegal sockaddr argument");
    if (arg_index(t, tuple_item(a, 1), &port) < 0 || (a->length > 2 && arg_index(t, tuple_item(a, 2), &flow) < 0) || (a->length > 3 && arg_index(t, tuple_item(a, 3), &scope) < 0)) return UNDEF;
    if (flow < 0 || flow > 0xfffff) return raise(t, OVERFLOW_ERROR, "getnameinfo(): flowinfo must be 0-1048575.");
    char *host = socket_host(t, tuple_item(a, 0)), number[32], name[NI_MAXHOST], service[NI_MAXSERV];
    if (!host) return UNDEF;
    snprintf(number, sizeof number, "%lld", (long long)port);
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICHOST}, *found = NULL;
    DETACHED(code = getaddrinfo(host, number, &hints, &found));
    free(host);
    if (code) return socket_raise_gai(t, self, code);
    Value v = UNDEF;
    if (found->ai_next) {
        raise(t, OS_ERROR, "sockaddr resolved to multiple addresses");
    } else if (found->ai_family == AF_INET && a->length != 2) {
        raise(t, OS_ERROR, "IPv4 sockaddr must be 2 tuple");
    } else {
        if (found->ai_family == AF_INET6) {
            struct sockaddr_in6 *in = (struct sockaddr_in6 *)(void *)found->ai_addr;
            in->sin6_flowinfo = htonl((uint32_t)flow);
            in->sin6_scope_id = (uint32_t)scope;
        }
        DETACHED(code = getnameinfo(found->ai_addr, found->ai_addrlen, name, sizeof name, service, sizeof service, flags));
        if (code) socket_raise_gai(t, self, code);
        else v = tuple_pair(t, posix_fs_text(t, name), str_from_text(t, service));
    }
    freeaddrinfo(found);
    return v;
}
NATIVE(socket_gethostbyname) {
    char *host = socket_host(t, args[0]);
    struct sockaddr_in a;
    if (!host) return UNDEF;
    int status = posix_audit(t, "socket.gethostbyname", 1, args[0]) < 0 ? -1 : socket_resolve(t, self, host, AF_INET, (struct sockaddr *)(void *)&a, sizeof a);
    free(host);
    char text[INET_ADDRSTRLEN];
    return status < 0 ? UNDEF : str_from_text(t, inet_ntop(AF_INET, &a.sin_addr, text, sizeof text));
}
static Value host_error(Thread *t, ValueRef module, int code) {
    Value text = str_from_text(t, hstrerror(code));
    if (!value_bits(text)) return UNDEF;
    Value e = call_2(t, ((SocketState *)module_state(module))->herror, value_int(code), text);
    value_release(t, text);
    return value_bits(e) ? raise_object(t, e) : UNDEF;
}
// (name, aliases, addresses)
static Value host_entry(Thread *t, const struct hostent *h) {
    Value aliases = list_new(t, 0), addresses = value_bits(aliases) ? list_new(t, 0) : UNDEF;
    for (char **p = h->h_aliases; value_bits(addresses) && p && *p; p++) {
        Value v = posix_fs_text(t, *p);
        if (!value_bits(v) || list_append(t, value_list(aliases), v) < 0) VALUE_CLEAR(t, addresses);
    }
    for (char **p = h->h_addr_list; value_bits(addresses) && p && *p; p++) {
        char text[INET6_ADDRSTRLEN];
        Value v = inet_ntop(h->h_addrtype, *p, text, sizeof text) ? str_from_text(t, text) : posix_error(t);
        if (!value_bits(v) || list_append(t, value_list(addresses), v) < 0) VALUE_CLEAR(t, addresses);
    }
    if (!value_bits(addresses)) {
        value_release(t, aliases);
        return UNDEF;
    }
    Value v[3] = {posix_fs_text(t, h->h_name), aliases, addresses};
    if (value_bits(v[0])) return tuple_from_values(t, v, 3);
    value_release(t, aliases);
    value_release(t, addresses);
    return UNDEF;
}
NATIVE(socket_gethostbyname_ex) {
    char *host = socket_host(t, args[0]), room[16384];
    struct sockaddr_in a;
    struct hostent entry, *found = NULL;
    int code = 0;
    if (!host) return UNDEF;
    Value v = UNDEF;
    if (posix_audit(t, "socket.gethostbyname", 1, args[0]) == 0 && socket_resolve(t, self, host, AF_INET, (struct sockaddr *)(void *)&a, sizeof a) == 0) {
        DETACHED(gethostbyname_r(host, &entry, room, sizeof room, &found, &code));
        v = found ? host_entry(t, found) : host_error(t, self, code);
    }
    free(host);
    return v;
}
NATIVE(socket_gethostbyaddr) {
    char *host = socket_host(t, args[0]), room[16384];
    SocketAddress a;
    struct hostent entry, *found = NULL;
    int code = 0;
    if (!host) return UNDEF;
    Value v = UNDEF;
    if (posix_audit(t, "socket.gethostbyaddr", 1, args[0]) == 0 && socket_resolve(t, self, host, AF_UNSPEC, &a.any, sizeof a) == 0) {
        bool six = a.any.sa_family == AF_INET6;
        const void *address = six ? (const void *)&((struct sockaddr_in6 *)(void *)&a)->sin6_addr : (const void *)&((struct sockaddr_in *)(void *)&a)->sin_addr;
        DETACHED(gethostbyaddr_r(address, six ? 16 : 4, a.any.sa_family, &entry, room, sizeof room, &found, &code));
        v = found ? host_entry(t, found) : host_error(t, self, code);
    }
    free(host);
    return v;
}
NATIVE(socket_gethostname) {
    char name[1024];
    if (posix_audit(t, "socket.gethostname", 0) < 0) return UNDEF;
    if (gethostname(name, sizeof name - 1) < 0) return posix_error(t);
    name[sizeof name - 1] = 0;
    return posix_fs_text(t, name);
}
NATIVE(socket_sethostname) {
    PosixPath p;
    Value v = UNDEF;
    if (posix_path(t, &p, "sethostname", "name", args[0], 0) == 0 && posix_audit(t, "socket.sethostname", 1, args[0]) == 0) v = posix_done(t, sethostname(p.path, strlen(p.path)));
    posix_path_close(t, &p);
    return v;
}

// ---- services, protocols, interfaces

static int text_argument(Thread *t, const char *function, int which, ValueRef v, PosixPath *out) {
    *out = (PosixPath){.fd = -1};
    if (!value_is_any_str(v)) return raise_int(t, TYPE_ERROR, "%s() argument %d must be str, not %K", function, which, v);
    return posix_path(t, out, function, "name", v, 0);
}
NATIVE(socket_getservbyname) {
    PosixPath name, protocol = {.fd = -1};
    char room[4096];
    struct servent entry, *found = NULL;
    Value v = UNDEF;
    if (text_argument(t, "getservbyname", 1, args[0], &name) == 0 && (!value_bits(args[1]) || text_argument(t, "getservbyname", 2, args[1], &protocol) == 0)) {
        DETACHED(getservbyname_r(name.path, protocol.path, &entry, room, sizeof room, &found));
        v = found ? value_int(ntohs((uint16_t)found->s_port)) : raise(t, OS_ERROR, "service/proto not found");
    }
    posix_path_close(t, &name);
    posix_path_close(t, &protocol);
    return v;
}
NATIVE(socket_getservbyport) {
    PosixPath protocol = {.fd = -1};
    int port;
    char room[4096];
    struct servent entry, *found = NULL;
    Value v = UNDEF;
    if (arg_int(t, args[0], &port) < 0) return UNDEF;
    if (port < 0 || port > 65535) return raise(t, OVERFLOW_ERROR, "getservbyport: port must be 0-65535.");
    if (!value_bits(args[1]) || text_argument(t, "getservbyport", 2, args[1], &protocol) == 0) {
        DETACHED(getservbyport_r(htons((uint16_t)port), protocol.path, &entry, room, sizeof room, &found));
        v = found ? str_from_text(t, found->s_name) : raise(t, OS_ERROR, "port/proto not found");
    }
    posix_path_close(t, &protocol);
    return v;
}
NATIVE(socket_getprotobyname) {
    PosixPath name;
    char room[4096];
    struct protoent entry, *found = NULL;
    Value v = UNDEF;
    if (text_argument(t, "getprotobyname", 1, args[0], &name) == 0) {
        DETACHED(getprotobyname_r(name.path, &entry, room, sizeof room, &found));
        v = found ? value_int(found->p_proto) : raise(t, OS_ERROR, "protocol not found");
    }
    posix_path_close(t, &name);
    return v;
}
NATIVE(socket_if_nameindex) {
    struct if_nameindex *all;
    DETACHED(all = if_nameindex());
    if (!all) return posix_error(t);
    Value list = list_new(t, 0);
    for (struct if_nameindex *i = all; value_bits(list) && i->if_index; i++) {
        Value pair = tuple_pair(t, value_int(i->if_index), posix_fs_text(t, i->if_name));
        if (!value_bits(pair) || list_append(t, value_list(list), pair) < 0) VALUE_CLEAR(t, list);
    }
    if_freenameindex(all);
    return list;
}
NATIVE(socket_if_nametoindex) {
    PosixPath name;
    Value v = UNDEF;
    if (posix_path(t, &name, "if_nametoindex", "name", args[0], 0) == 0) {
        unsigned index = if_nametoindex(name.path);
        v = index ? value_int(index) : posix_error(t);
    }
    posix_path_close(t, &name);
    return v;
}
NATIVE(socket_if_indextoname) {
    int64_t index;
    char name[IF_NAMESIZE];
    if (arg_index(t, args[0], &index) < 0) return UNDEF;
    if (index < 0 || index > UINT32_MAX) return raise(t, OVERFLOW_ERROR, "Python int too large to convert to C int");
    return if_indextoname((unsigned)index, name) ? posix_fs_text(t, name) : posix_error(t);
}

const NativeDef socket_name_functions[] = {
    {"htonl", socket_htonl, "($module, integer, /)", NULL, 0}, {"htons", socket_htons, "($module, integer, /)", NULL, 0},
    {"ntohl", socket_ntohl, "($module, integer, /)", NULL, 0}, {"ntohs", socket_ntohs, "($module, integer, /)", NULL, 0},
    {"inet_aton", socket_inet_aton, "($module, ip_addr, /)", NULL, 0}, {"inet_ntoa", socket_inet_ntoa, "($module, packed_ip, /)", NULL, 0},
    {"inet_pton", socket_inet_pton, "($module, af, ip, /)", NULL, 0}, {"inet_ntop", socket_inet_ntop, "($module, af, packed_ip, /)", NULL, 0},
    {"getaddrinfo", socket_getaddrinfo, "($module, /, host, port, family=0, type=0, proto=0, flags=0)", "The addresses of a host and service.", 0},
    {"getnameinfo", socket_getnameinfo, "($module, sockaddr, flags, /)", NULL, 0}, {"gethostbyname", socket_gethostbyname, "($module, host, /)", NULL, 0},
    {"gethostbyname_ex", socket_gethostbyname_ex, "($module, host, /)", NULL, 0}, {"gethostbyaddr", socket_gethostbyaddr, "($module, host, /)", NULL, 0},
    {"gethostname", socket_gethostname, "($module, /)", NULL, 0}, {"sethostname", socket_sethostname, "($module, name, /)", NULL, 0},
    {"getservbyname", socket_getservbyname, "($module, servicename, protocolname=<unrepresentable>, /)", NULL, 0},
    {"getservbyport", socket_getservbyport, "($module, port, protocolname=<unrepresentable>, /)", NULL, 0},
    {"getprotobyname", socket_getprotobyname, "($module, name, /)", NULL, 0}, {"if_nameindex", socket_if_nameindex, "($module, /)", NULL, 0},
    {"if_nametoindex", socket_if_nametoindex, "($module, oname, /)", NULL, 0}, {"if_indextoname", socket_if_indextoname, "($module, if_index, /)", NULL, 0}, NATIVE_END};

static const struct { const char *name; int64_t value; } constants[] = {
#include "runtime/modules/socket_names.def"
};
int socket_constants(Thread *t, ValueRef module) {
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
        if (module_add_int(t, module, constants[i].name, constants[i].value) < 0) return -1;
    return module_add(t, module, "has_ipv6", TRUE_VALUE);
}
