// SPDX-License-Identifier: Apache-2.0
#include "analytic/contract.hpp"

#include <cmath>

namespace plumbline::analytic {

std::string_view to_text(Quantity quantity) {
  switch (quantity) {
    case Quantity::time:
      return "time";
    case Quantity::busbw:
      return "busbw";
    case Quantity::choice:
      break;
  }
  return "choice";
}

double Gauge::factor(Dimension dimension) const {
  return std::pow(time, dimension.time) * std::pow(data, dimension.data);
}

}  // namespace plumbline::analytic
