// The facade of codec: bytes made smaller and back, always under a written output limit.
//
//   inflate.h      request bodies in HTTP's content encodings: gzip, deflate, zstd, snappy
//   compress.h     the same bodies, made by clients
//   integers.h     pages of integers: frame of reference, bit packing, exceptions
//   doubles.h      pages of doubles: decimals or raw
//   strings.h      pages of byte strings
//   numeric_texts.h  such that spell numbers
//   sought_text.h  what such pages are searched for
//   code_set.h     which of many codes belong to a set
//   successors.h   codes that tell much of the next
//   classed_integers.h  integers whose size depends on a code beside them
//   text_filter.h  whether a text may be among many
//   block.h        a run of bytes under zstd where that is smaller
//   bit_packing.h  streams of fixed width
#pragma once

#include "codec/inflate.h"
