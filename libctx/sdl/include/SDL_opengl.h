/* SPDX-License-Identifier: MIT */
/* SDL_opengl.h - there is no OpenGL: this is for programs that only ask how large a texture may be.
 */
#ifndef SDL_opengl_h_
#define SDL_opengl_h_

#define GL_MAX_TEXTURE_SIZE 0x0d33

typedef int GLint;
typedef unsigned GLenum;

#endif
