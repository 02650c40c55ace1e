// Series of numbers as a table in the terminal, each on a line with its course over time:
//
//   .:|||.   min 0.2  avg 1.25  max 4  last 0.2  resource.service.name=cart
//
// The course is of blocks as high as the largest point of their part of the range; a gap is where
// none is.
// What senders wrote is escaped.
#pragma once

#include <span>
#include <string>

#include "wire/tempo_series.h"

namespace spoor::app {

std::string render_series_table(std::span<const wire::ListedSeries> series);

}  // namespace spoor::app
