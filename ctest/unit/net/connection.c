/* SPDX-License-Identifier: MIT */
#include "connection.h"

struct sock *listener, *out, *in;

bool accepted(void)
{
    return b.net->accept(listener, &in) == CTX_OK;
}

void listen_at(uint8_t last, uint32_t port)
{
    struct net_address address = at(last, port);
    memset(address.bytes, 0, sizeof address.bytes);
    assert_int_equal(b.net->open(&b.owner, NET_TCP, &listener), CTX_OK);
    assert_int_equal(b.net->bind(listener, &address), CTX_OK);
    assert_int_equal(b.net->listen(listener, 100), CTX_OK);
}

void connect_to(uint8_t last, uint32_t port)
{
    struct net_address address = at(last, port);
    assert_int_equal(a.net->open(&a.owner, NET_TCP, &out), CTX_OK);
    assert_int_equal(a.net->connect(out, &address), CTX_OK);
}
