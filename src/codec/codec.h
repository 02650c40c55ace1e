// The facade of codec: bytes made smaller and back, always under a written output limit.
//
//   inflate.h  request bodies in HTTP's content encodings: gzip, deflate, zstd, snappy
#pragma once

#include "codec/inflate.h"
