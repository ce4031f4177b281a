/* SPDX-License-Identifier: MIT */
/* SDL_net without a network: what a program sends to itself, by UDP, arrives; nothing else does. */
#include "SDL_net.h"

#include "private.h"

#define WAITING   16   /* packets for a socket; more are lost, as it is with UDP */
#define BYTES     1472 /* of one */
#define CHANNELS  SDLNET_MAX_UDPCHANNELS
#define ADDRESSES SDLNET_MAX_UDPADDRESSES

struct message {
    IPaddress from;
    int len;
    Uint8 bytes[BYTES];
};

struct _UDPsocket {
    struct _SDLNet_GenericSocket generic;
    UDPsocket next;
    IPaddress own;
    IPaddress bound[CHANNELS][ADDRESSES];
    int count[CHANNELS]; /* of those */
    int first, waiting;
    struct message ring[WAITING];
};

struct _SDLNet_SocketSet {
    int most, count;
    SDLNet_GenericSocket sockets[];
};

static UDPsocket sockets;

static int none(void)
{
    return SDL_SetError("there is no network");
}

/* clang-format off */
int SDLNet_Init(void) { return 0; }
void SDLNet_Quit(void) {}
const char *SDLNet_ResolveIP(const IPaddress *ip) { (void)ip; none(); return NULL; }
TCPsocket SDLNet_TCP_Open(IPaddress *ip) { (void)ip; none(); return NULL; }
TCPsocket SDLNet_TCP_Accept(TCPsocket server) { (void)server; none(); return NULL; }
IPaddress *SDLNet_TCP_GetPeerAddress(TCPsocket sock) { (void)sock; none(); return NULL; }
int SDLNet_TCP_Send(TCPsocket sock, const void *data, int len) { (void)sock; (void)data; (void)len; return none(); }
int SDLNet_TCP_Recv(TCPsocket sock, void *data, int most) { (void)sock; (void)data; (void)most; return none(); }
void SDLNet_TCP_Close(TCPsocket sock) { (void)sock; }
/* clang-format on */

/* ---- UDP ---- */

static bool is_here(const IPaddress *address)
{
    Uint32 host = SDL_SwapBE32(address->host);
    return host == INADDR_ANY || host >> 24 == 127;
}

UDPsocket SDLNet_UDP_Open(Uint16 port)
{
    static Uint16 free_port = 49152;
    UDPsocket sock = calloc(1, sizeof *sock);
    if (sock == NULL) {
        SDL_OutOfMemory();
        return NULL;
    }
    port = port != 0 ? port : free_port++;
    sock->own = (IPaddress){SDL_SwapBE32(INADDR_LOOPBACK), SDL_SwapBE16(port)};
    sock->next = sockets;
    sockets = sock;
    return sock;
}

void SDLNet_UDP_Close(UDPsocket sock)
{
    UDPsocket *p = &sockets;
    while (*p != NULL && *p != sock) {
        p = &(*p)->next;
    }
    if (*p != NULL) {
        *p = sock->next;
        free(sock);
    }
}

int SDLNet_UDP_Bind(UDPsocket sock, int channel, const IPaddress *address)
{
    for (int i = 0; i < CHANNELS && channel < 0; i++) {
        channel = sock->count[i] == 0 ? i : -1;
    }
    if (channel < 0 || channel >= CHANNELS || sock->count[channel] == ADDRESSES) {
        return SDL_SetError("there is no such channel, or it has %d addresses", ADDRESSES);
    }
    sock->bound[channel][sock->count[channel]++] = *address;
    return channel;
}

void SDLNet_UDP_Unbind(UDPsocket sock, int channel)
{
    if (channel >= 0 && channel < CHANNELS) {
        sock->count[channel] = 0;
    }
}

IPaddress *SDLNet_UDP_GetPeerAddress(UDPsocket sock, int channel)
{
    if (channel < 0) {
        return &sock->own;
    }
    return channel < CHANNELS && sock->count[channel] > 0 ? &sock->bound[channel][0] : NULL;
}

static bool deliver(UDPsocket from, const IPaddress *to, const UDPpacket *packet)
{
    UDPsocket sock = sockets;
    while (sock != NULL && sock->own.port != to->port) {
        sock = sock->next;
    }
    if (sock == NULL || !is_here(to) || packet->len < 0 || packet->len > BYTES) {
        none();
        return false;
    }
    if (sock->waiting < WAITING) {
        struct message *m = &sock->ring[(sock->first + sock->waiting++) % WAITING];
        m->from = from->own;
        m->len = packet->len;
        memcpy(m->bytes, packet->data, (size_t)packet->len);
    }
    return true;
}

int SDLNet_UDP_Send(UDPsocket sock, int channel, UDPpacket *packet)
{
    int done = 0;
    if (channel < 0) {
        return deliver(sock, &packet->address, packet);
    }
    for (int i = 0; channel < CHANNELS && i < sock->count[channel]; i++) {
        done += deliver(sock, &sock->bound[channel][i], packet);
    }
    packet->status = done > 0 ? packet->len : -1;
    return done;
}

static int channel_of(UDPsocket sock, const IPaddress *from)
{
    for (int c = CHANNELS - 1; c >= 0; c--) { /* the last one counts */
        for (int i = 0; i < sock->count[c]; i++) {
            if (sock->bound[c][i].port == from->port && is_here(&sock->bound[c][i])) {
                return c;
            }
        }
    }
    return -1;
}

int SDLNet_UDP_Recv(UDPsocket sock, UDPpacket *packet)
{
    sock->generic.ready = 0;
    if (sock->waiting == 0) {
        return 0;
    }
    const struct message *m = &sock->ring[sock->first];
    sock->first = (sock->first + 1) % WAITING;
    sock->waiting--;
    packet->len = m->len < packet->maxlen ? m->len : packet->maxlen;
    packet->address = m->from;
    packet->channel = channel_of(sock, &m->from);
    packet->status = packet->len;
    memcpy(packet->data, m->bytes, (size_t)packet->len);
    return 1;
}

/* ---- addresses, packets, sets ---- */

int SDLNet_ResolveHost(IPaddress *address, const char *host, Uint16 port)
{
    unsigned part[4] = {0};
    char more;
    address->port = SDL_SwapBE16(port);
    address->host = INADDR_ANY;
    if (host == NULL) {
        return 0;
    }
    if (sscanf(host, "%3u.%3u.%3u.%3u%c", &part[0], &part[1], &part[2], &part[3], &more) != 4 ||
        part[0] > 255 || part[1] > 255 || part[2] > 255 || part[3] > 255) {
        address->host = INADDR_NONE;
        return none();
    }
    address->host = part[0] | part[1] << 8 | part[2] << 16 | part[3] << 24;
    return 0;
}

UDPpacket *SDLNet_AllocPacket(int size)
{
    UDPpacket *packet = calloc(1, sizeof *packet);
    Uint8 *data = packet != NULL && size > 0 ? malloc((size_t)size) : NULL;
    if (data == NULL) {
        free(packet);
        SDL_OutOfMemory();
        return NULL;
    }
    packet->data = data;
    packet->maxlen = size;
    return packet;
}

void SDLNet_FreePacket(UDPpacket *packet)
{
    if (packet != NULL) {
        free(packet->data);
        free(packet);
    }
}

SDLNet_SocketSet SDLNet_AllocSocketSet(int most)
{
    SDLNet_SocketSet set =
        most > 0 ? calloc(1, sizeof *set + (size_t)most * sizeof set->sockets[0]) : NULL;
    if (set != NULL) {
        set->most = most;
    }
    return set;
}

int SDLNet_AddSocket(SDLNet_SocketSet set, SDLNet_GenericSocket sock)
{
    if (sock == NULL || set->count == set->most) {
        return SDL_SetError("the set is full");
    }
    set->sockets[set->count++] = sock;
    return set->count;
}

int SDLNet_DelSocket(SDLNet_SocketSet set, SDLNet_GenericSocket sock)
{
    int kept = 0;
    for (int i = 0; i < set->count; i++) {
        if (set->sockets[i] != sock) {
            set->sockets[kept++] = set->sockets[i];
        }
    }
    set->count = kept;
    return kept;
}

/* All that can be ready is there at once: nobody else sends. */
int SDLNet_CheckSockets(SDLNet_SocketSet set, Uint32 ms)
{
    int ready = 0;
    for (int i = 0; i < set->count; i++) {
        UDPsocket sock = sockets;
        while (sock != NULL && &sock->generic != set->sockets[i]) {
            sock = sock->next;
        }
        if (sock != NULL && sock->waiting > 0) {
            sock->generic.ready = 1;
            ready++;
        }
    }
    if (ready == 0 && ms > 0) {
        SDL_Delay(ms);
    }
    return ready;
}

void SDLNet_FreeSocketSet(SDLNet_SocketSet set)
{
    free(set);
}
