/* SPDX-License-Identifier: MIT */
/* SDL_net without a network. */
#include "SDL_net.h"

#include "private.h"

struct _SDLNet_SocketSet {
    int most, count;
};

struct _UDPsocket {
    struct _SDLNet_GenericSocket generic;
    IPaddress own;
};

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
int SDLNet_UDP_Bind(UDPsocket sock, int channel, const IPaddress *address) { (void)sock; (void)address; return channel >= 0 ? channel : 0; }
void SDLNet_UDP_Unbind(UDPsocket sock, int channel) { (void)sock; (void)channel; }
IPaddress *SDLNet_UDP_GetPeerAddress(UDPsocket sock, int channel) { return channel < 0 ? &sock->own : NULL; }
int SDLNet_UDP_Send(UDPsocket sock, int channel, UDPpacket *packet) { (void)sock; (void)channel; (void)packet; none(); return 0; }
int SDLNet_UDP_Recv(UDPsocket sock, UDPpacket *packet) { (void)sock; (void)packet; return 0; }
void SDLNet_UDP_Close(UDPsocket sock) { free(sock); }
int SDLNet_AddSocket(SDLNet_SocketSet set, SDLNet_GenericSocket sock) { (void)sock; return set->count < set->most ? ++set->count : none(); }
int SDLNet_DelSocket(SDLNet_SocketSet set, SDLNet_GenericSocket sock) { (void)sock; return set->count > 0 ? --set->count : none(); }
/* clang-format on */

UDPsocket SDLNet_UDP_Open(Uint16 port)
{
    UDPsocket sock = calloc(1, sizeof *sock);
    if (sock == NULL) {
        SDL_OutOfMemory();
        return NULL;
    }
    sock->own.port = SDL_SwapBE16(port);
    return sock;
}

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
    SDLNet_SocketSet set = calloc(1, sizeof *set);
    if (set != NULL) {
        set->most = most;
    }
    return set;
}

int SDLNet_CheckSockets(SDLNet_SocketSet set, Uint32 ms)
{
    (void)set;
    SDL_Delay(ms);
    return 0;
}

void SDLNet_FreeSocketSet(SDLNet_SocketSet set)
{
    free(set);
}
