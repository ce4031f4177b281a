/* SPDX-License-Identifier: MIT */
/*
 * SDL_net.h - for games that could be played over a network, and go on without: there is none yet.
 * SDLNet_Init() answers 0, numeric addresses are resolved, no TCP socket is opened. What a program
 * sends to itself by UDP arrives.
 */
#ifndef SDL_net_h_
#define SDL_net_h_

#include "SDL.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifndef INADDR_ANY
#define INADDR_ANY 0x00000000u
#endif
#ifndef INADDR_NONE
#define INADDR_NONE 0xffffffffu
#endif
#ifndef INADDR_LOOPBACK
#define INADDR_LOOPBACK 0x7f000001u
#endif
#define SDLNET_MAX_UDPCHANNELS  32
#define SDLNET_MAX_UDPADDRESSES 4

typedef struct {
    Uint32 host; /* the network's order, as port */
    Uint16 port;
} IPaddress;

typedef struct _TCPsocket *TCPsocket;
typedef struct _UDPsocket *UDPsocket;
typedef struct _SDLNet_SocketSet *SDLNet_SocketSet;
typedef struct _SDLNet_GenericSocket {
    int ready;
} * SDLNet_GenericSocket;

typedef struct {
    int channel;
    Uint8 *data;
    int len, maxlen, status;
    IPaddress address;
} UDPpacket;

#define SDLNet_SetError SDL_SetError
#define SDLNet_GetError SDL_GetError

int SDLNet_Init(void);
void SDLNet_Quit(void);
int SDLNet_ResolveHost(IPaddress *address, const char *host,
                       Uint16 port);               /* -1: not a numeric one */
const char *SDLNet_ResolveIP(const IPaddress *ip); /* NULL */
TCPsocket SDLNet_TCP_Open(IPaddress *ip);          /* NULL */
TCPsocket SDLNet_TCP_Accept(TCPsocket server);
IPaddress *SDLNet_TCP_GetPeerAddress(TCPsocket sock);
int SDLNet_TCP_Send(TCPsocket sock, const void *data, int len);
int SDLNet_TCP_Recv(TCPsocket sock, void *data, int most);
void SDLNet_TCP_Close(TCPsocket sock);
UDPpacket *SDLNet_AllocPacket(int size);
void SDLNet_FreePacket(UDPpacket *packet);
UDPsocket SDLNet_UDP_Open(Uint16 port);
int SDLNet_UDP_Bind(UDPsocket sock, int channel, const IPaddress *address);
void SDLNet_UDP_Unbind(UDPsocket sock, int channel);
IPaddress *SDLNet_UDP_GetPeerAddress(UDPsocket sock, int channel);   /* -1: its own */
int SDLNet_UDP_Send(UDPsocket sock, int channel, UDPpacket *packet); /* 0: it was not sent */
int SDLNet_UDP_Recv(UDPsocket sock, UDPpacket *packet);
void SDLNet_UDP_Close(UDPsocket sock);
SDLNet_SocketSet SDLNet_AllocSocketSet(int most);
int SDLNet_AddSocket(SDLNet_SocketSet set, SDLNet_GenericSocket sock);
int SDLNet_DelSocket(SDLNet_SocketSet set, SDLNet_GenericSocket sock);
/* how many are ready; waits so long if none is */
int SDLNet_CheckSockets(SDLNet_SocketSet set, Uint32 ms);
void SDLNet_FreeSocketSet(SDLNet_SocketSet set);
#define SDLNet_SocketReady(sock)        ((sock) != NULL && ((SDLNet_GenericSocket)(sock))->ready)
#define SDLNet_TCP_AddSocket(set, sock) SDLNet_AddSocket(set, (SDLNet_GenericSocket)(sock))
#define SDLNet_UDP_AddSocket(set, sock) SDLNet_AddSocket(set, (SDLNet_GenericSocket)(sock))
#define SDLNet_TCP_DelSocket(set, sock) SDLNet_DelSocket(set, (SDLNet_GenericSocket)(sock))
#define SDLNet_UDP_DelSocket(set, sock) SDLNet_DelSocket(set, (SDLNet_GenericSocket)(sock))
#define SDLNet_Write16(value, to)       (*(Uint16 *)(to) = SDL_SwapBE16((Uint16)(value)))
#define SDLNet_Write32(value, to)       (*(Uint32 *)(to) = SDL_SwapBE32((Uint32)(value)))
#define SDLNet_Read16(from)             SDL_SwapBE16(*(const Uint16 *)(from))
#define SDLNet_Read32(from)             SDL_SwapBE32(*(const Uint32 *)(from))

#ifdef __cplusplus
}
#endif
#endif
