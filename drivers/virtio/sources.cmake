# SPDX-License-Identifier: MIT
# The one list of files, for the kernel and for the unit tests.
set(argos_virtio_sources
    virtqueue.c
    virtio.c
    virtio_pci.c
    edid.c
    virtio_blk.c virtio_blk_config.c
    virtio_gpu.c
    virtio_gpu_picture.c
    virtio_gpu_pointer.c
    virtio_gpu_requests.c
    virtio_input.c
    virtio_net.c virtio_net_config.c virtio_net_rings.c
    virtio_rng.c
    virtio_start.c)
